"""The vault: the only table with personal data, envelope-encrypted for each person.

There is one way to read it, and that way writes who reads what for which purpose into the ledger
before it decrypts: no entry, no data (PIPL Arts 6, 51; GB/T 22239 level 3).
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chepai.domain import ledger as entries
from chepai.domain.ledger import Actor
from chepai.records.applications import stamp
from chepai.records.aws import client
from chepai.records.ledger import Ledger
from chepai.records.table import ConditionFailed, Row, Table, TryAgain, Write

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class PersonUnknown(Exception):
    """Nobody is known under this identifier."""


@dataclass(frozen=True)
class Purpose:
    """Why personal data is read: a stable word, the case, and who receives it."""

    word: str
    application_id: str
    receiver: str


class People(Table):
    """One row a person (sealed fields beside a sealed data key) and one row a blind index."""

    variable = "PEOPLE_TABLE"

    @property
    def key(self) -> str:
        # A function that only reads what is in the clear knows no key.
        return os.environ["PEOPLE_KEY_ARN"]

    def keep(self, person_id: str, fields: Mapping[str, str], *, blind_id: str = "") -> None:
        """Add or replace fields of a person; `blind_id` makes the person findable by ID number."""
        row = self.get({"person_id": person_id}) or {}
        key, sealed_key = self._data_key(person_id, row)
        sealed = dict(row.get("sealed", {}))
        for field, text in fields.items():
            sealed[field] = _seal(key, person_id, field, text)
        try:
            self.update(
                {"person_id": person_id},
                sets={
                    "data_key": sealed_key,
                    "sealed": sealed,
                    "kept": int(row.get("kept", 0)) + 1,
                    "contact_changed_at": _contact_change(row, fields),
                    **({"blind_id": blind_id} if blind_id else {}),
                },
                when="attribute_not_exists(kept) OR kept = :was",
                was=int(row.get("kept", 0)),
            )
        except ConditionFailed:
            raise TryAgain from None
        if blind_id:
            self.update({"person_id": f"blind#v1#{blind_id}"}, sets={"known_as": person_id})

    def read(
        self, person_id: str, fields: Sequence[str], *, actor: Actor, purpose: Purpose
    ) -> dict[str, str]:
        """The named fields in plain text, after the access is in the ledger."""
        row = self.get({"person_id": person_id})
        if not row or "data_key" not in row:
            raise PersonUnknown
        self._log(person_id, fields, actor, purpose)
        key = client("kms").decrypt(
            CiphertextBlob=row["data_key"],
            KeyId=self.key,
            EncryptionContext={"person": person_id},
        )["Plaintext"]
        known = row.get("sealed", {})
        return {f: _unseal(key, person_id, f, known[f]) for f in fields if f in known}

    def open_row(self, person_id: str) -> Row | None:
        """What is kept of a person in the clear: blind index, ban, times, names of the fields."""
        row = self.get({"person_id": person_id})
        if row is None:
            return None
        hidden = ("data_key", "sealed")
        known = {k: v for k, v in row.items() if k not in hidden}
        return known | {"fields": sorted(row.get("sealed", ()))}

    def found_by(self, blind_id: str) -> str | None:
        row = self.get({"person_id": f"blind#v1#{blind_id}"})
        return row["known_as"] if row else None

    def not_banned(self, person_id: str, now: datetime) -> Write:
        """A condition for a transaction: the person is known and under no ban (R164 Arts 80-81)."""
        return self.checking(
            {"person_id": person_id},
            when="attribute_exists(person_id)"
            " AND (attribute_not_exists(banned_until) OR banned_until < :now)",
            now=stamp(now),
        )

    def ban(self, person_id: str, until: datetime) -> None:
        self.update({"person_id": person_id}, sets={"banned_until": stamp(until)})

    def _data_key(self, person_id: str, row: Row) -> tuple[bytes, bytes]:
        context = {"person": person_id}
        if "data_key" in row:
            opened = client("kms").decrypt(
                CiphertextBlob=row["data_key"], KeyId=self.key, EncryptionContext=context
            )
            return opened["Plaintext"], row["data_key"]
        made = client("kms").generate_data_key(
            KeyId=self.key, KeySpec="AES_256", EncryptionContext=context
        )
        return made["Plaintext"], made["CiphertextBlob"]

    def _log(self, person_id: str, fields: Sequence[str], actor: Actor, purpose: Purpose) -> None:
        ledger = Ledger.from_env()
        chain = f"person#{person_id}"
        for _ in range(5):
            seq, prev = ledger.head(chain)
            body = entries.entry(
                chain=chain,
                seq=seq + 1,
                prev=prev,
                at=stamp(datetime.now(UTC)),
                actor=actor,
                act="read",
                after={
                    "fields": sorted(fields),
                    "purpose": purpose.word,
                    "case": purpose.application_id,
                    "receiver": purpose.receiver,
                },
            )
            try:
                ledger.append(body)
            except ConditionFailed:
                continue
            return
        raise TryAgain


def _cipher(key: bytes) -> "AESGCM":
    # Loaded when a field is opened: most functions only need what is in the clear.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _seal(key: bytes, person_id: str, field: str, text: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    plain = json.dumps(text, ensure_ascii=False).encode()
    return nonce + _cipher(key).encrypt(nonce, plain, f"{person_id}|{field}".encode())


def _unseal(key: bytes, person_id: str, field: str, sealed: bytes) -> str:
    nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    plain = _cipher(key).decrypt(nonce, body, f"{person_id}|{field}".encode())
    return str(json.loads(plain))


def _contact_change(row: Row, fields: Mapping[str, str]) -> str | None:
    # A fresh change of phone or address is a ground for care at certificate reissue; what is
    # given the first time is no change.
    changed = {"phone", "address"} & set(fields) & set(row.get("sealed", {}))
    if changed:
        return stamp(datetime.now(UTC))
    before = row.get("contact_changed_at")
    return str(before) if before else None
