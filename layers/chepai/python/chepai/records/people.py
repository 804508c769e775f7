"""The vault: the only table with personal data, envelope-encrypted for each person.

There is one way to read it, and that way writes who reads what for which purpose into the book of
accesses before it decrypts: no line, no data (PIPL Arts 6, 51; GB/T 22239 level 3).

Fields of one kind that are written together share a fresh data key, wrapped for {person, kind}.
So whoever writes never needs to open a key, and a kind is erased by destroying its keys.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from chepai.domain.ledger import Actor
from chepai.domain.personal_data import CONTACT as CONTACT_KIND
from chepai.domain.personal_data import IDENTITY, KIND_OF, may_read
from chepai.records.accesses import Accesses, Purpose, chain_of
from chepai.records.applications import stamp
from chepai.records.aws import client
from chepai.records.table import ConditionFailed, Row, Table, TryAgain, Write, transact

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["People", "PersonUnknown", "Purpose", "StoredOnly"]

NONCE_BYTES = 12
CONTACT = frozenset({"phone", "address"})
SENT_AGAIN_WITHIN = timedelta(minutes=10)
"""So soon after it was first given, a phone or address is the same one sent again: no older one
is there that somebody could have replaced."""
LOOK_SHARDS = 4
LOOK_AFTER = timedelta(days=30)
"""When the daily look at what has been kept long enough first comes to a new record."""
# Attributes of a row that only this module reads.
_SEALED = ("sealed", "keys", "under")
_FORMER = "former_phone"


class PersonUnknown(Exception):
    """Nobody is known under this identifier."""


class StoredOnly(Exception):
    """The data is stored because the law says so, and for no other use (PIPL Art. 47)."""


class People(Table):
    """One row a person (sealed fields beside sealed data keys) and one row a blind index."""

    variable = "PEOPLE_TABLE"

    @property
    def key(self) -> str:
        # A function that only reads what is in the clear knows no key.
        return os.environ["PEOPLE_KEY_ARN"]

    def keep(self, person_id: str, fields: Mapping[str, str], *, blind_id: str = "") -> None:
        """Add or replace fields of a person; `blind_id` makes the person findable by ID number.

        Raises KeyError for a field that has no place in the vault, TryAgain.
        """
        row = self.get({"person_id": person_id}) or {}
        at, nth = datetime.now(UTC), int(row.get("kept", 0)) + 1
        sealed, keys, under = _parts(row)
        for kind in sorted({KIND_OF[field] for field in fields}):
            name = f"{kind}.{nth}"
            key, keys[name] = self._new_key(person_id, kind)
            for field, text in fields.items():
                if KIND_OF[field] == kind:
                    sealed[field], under[field] = _seal(key, person_id, field, text), name
        self._write(
            person_id,
            row,
            {
                **_kept(sealed, keys, under),
                "contact_changed_at": _contact_change(row, fields, at),
                **_former_phone(row, fields, at),
                "contact_given": _contact_given(row, fields, at),
                "kept_at": stamp(at),
                "look_day": row.get("look_day") or look_day(person_id, at + LOOK_AFTER),
                **({"blind_id": blind_id} if blind_id else {}),
            },
        )
        if blind_id:
            self.update({"person_id": _found_by(blind_id)}, sets={"known_as": person_id})

    def read(
        self,
        person_id: str,
        fields: Sequence[str],
        *,
        actor: Actor,
        purpose: Purpose,
        former: bool = False,
    ) -> dict[str, str]:
        """The named fields in plain text, after the access is in the book.

        `former` gives the telephone that was known before the last change of it, so that whoever
        has it hears of the change. Raises PersonUnknown, StoredOnly, TryAgain.
        """
        row = self.get({"person_id": person_id})
        if not row or "keys" not in row:
            raise PersonUnknown
        since = str(row.get("store_only_since", ""))
        if not may_read(purpose.word, purpose.application_id, since):
            raise StoredOnly
        sealed, keys, under = _parts(row)
        known = [field for field in fields if field in sealed]
        if not known:
            return {}
        Accesses().note(person_id, known, actor=actor, purpose=purpose)
        if former and _FORMER in row and "phone" in known:
            under["phone"], sealed["phone"] = f"{CONTACT_KIND}.former", row[_FORMER]["text"]
            keys[under["phone"]] = row[_FORMER]["key"]
        opened = {
            name: self._open_key(person_id, name, keys[name])
            for name in dict.fromkeys(under[field] for field in known)
        }
        return {f: _unseal(opened[under[f]], person_id, f, sealed[f]) for f in known}

    def forget(self, person_id: str, fields: Iterable[str]) -> None:
        """Destroy the data keys of these fields and what they seal; nothing opens them again.

        When nothing is left to find the person for, the blind index goes too. Raises TryAgain.
        """
        row = self.get({"person_id": person_id})
        if row is None:
            return
        sealed, keys, under = _parts(row)
        for field in fields:
            sealed.pop(field, None)
            under.pop(field, None)
        blind_id = str(row.get("blind_id", ""))
        nameless = bool(blind_id) and IDENTITY not in {KIND_OF[each] for each in sealed}
        gone: dict[str, object] = (
            {"blind_id": None, "contact_changed_at": None, "contact_given": None}
            if nameless
            else {}
        )
        if "phone" not in sealed:
            gone[_FORMER] = None
        self._write(person_id, row, _kept(sealed, keys, under) | gone)
        if nameless:
            self.delete(
                {"person_id": _found_by(blind_id)},
                when="#k = :me",
                names={"#k": "known_as"},
                me=person_id,
            )

    def store_only(self, person_id: str, since: datetime | None) -> None:
        """Use what is left for nothing but storing it, from a moment on; None ends that."""
        self.update(
            {"person_id": person_id},
            sets={"store_only_since": stamp(since) if since else None},
            when="attribute_exists(person_id)",
        )

    def look_again(self, person_id: str, at: datetime | None) -> None:
        """When the daily look comes back to this person; None when nothing is left to end."""
        self.update(
            {"person_id": person_id},
            sets={"look_day": look_day(person_id, at) if at else None},
            when="attribute_exists(person_id)",
        )

    def to_look_at(self, day: str) -> list[str]:
        """The people whose record is looked at on a day (ISO)."""
        return [
            str(row["person_id"])
            for shard in range(LOOK_SHARDS)
            for row in self.query("look_day = :d", {":d": f"{day}#{shard}"}, index="by_look_day")
        ]

    def open_row(self, person_id: str) -> Row | None:
        """What is kept of a person in the clear: blind index, ban, times, names of the fields."""
        row = self.get({"person_id": person_id})
        if row is None:
            return None
        known = {k: v for k, v in row.items() if k not in {*_SEALED, _FORMER}}
        return known | {"fields": sorted(row.get("sealed", ()))}

    def found_by(self, blind_id: str) -> str | None:
        row = self.get({"person_id": _found_by(blind_id)})
        return row["known_as"] if row else None

    def not_banned(self, person_id: str, now: datetime) -> Write:
        """A condition for a transaction: the person is known and under no ban (R164 Arts 80-81)."""
        return self.checking(
            {"person_id": person_id},
            when="attribute_exists(person_id)"
            " AND (attribute_not_exists(banned_until) OR banned_until < :now)",
            now=stamp(now),
        )

    def ban(self, person_id: str, until: datetime, *, by: Actor, rule: str) -> None:
        """Bar a person from applications until a time, by an article; it is in their own chain.

        Raises ConditionFailed when somebody else entered something at the same moment.
        """
        said = {"banned_until": stamp(until), "rule": rule}
        book = Accesses()
        entry = book.next_entry(chain_of(person_id), "banned", said, actor=by)
        transact(
            self.updating({"person_id": person_id}, sets={"banned_until": stamp(until)}),
            book.ledger.appending(entry),
        )

    def consent(self, person_id: str, purpose: str, given: Mapping[str, str]) -> None:
        """Keep what a person said to one purpose that needs a consent (PIPL Arts 13-15)."""
        row = self.get({"person_id": person_id})
        if row is None:
            raise PersonUnknown
        consents = dict(row.get("consents", {})) | {purpose: dict(given)}
        self._write(person_id, row, {"consents": consents})

    def _write(self, person_id: str, row: Row, sets: Mapping[str, object]) -> None:
        was = int(row.get("kept", 0))
        try:
            self.update(
                {"person_id": person_id},
                sets={**sets, "kept": was + 1},
                when="attribute_not_exists(kept) OR kept = :was",
                was=was,
            )
        except ConditionFailed:
            raise TryAgain from None

    def _new_key(self, person_id: str, kind: str) -> tuple[bytes, bytes]:
        made = client("kms").generate_data_key(
            KeyId=self.key, KeySpec="AES_256", EncryptionContext=_context(person_id, kind)
        )
        return made["Plaintext"], made["CiphertextBlob"]

    def _open_key(self, person_id: str, name: str, wrapped: bytes) -> bytes:
        opened = client("kms").decrypt(
            CiphertextBlob=wrapped,
            KeyId=self.key,
            EncryptionContext=_context(person_id, name.partition(".")[0]),
        )
        return bytes(opened["Plaintext"])


def look_day(person_id: str, at: datetime) -> str:
    """The day of a look and its shard, so that no day is one hot partition."""
    shard = sha256(person_id.encode()).digest()[0] % LOOK_SHARDS
    return f"{at.astimezone(UTC).date().isoformat()}#{shard}"


def _found_by(blind_id: str) -> str:
    return f"blind#v1#{blind_id}"


def _context(person_id: str, kind: str) -> dict[str, str]:
    # The key's own policy asks for both: a wrapped key opens for its person and kind or not at all.
    return {"person": person_id, "kind": kind}


def _parts(row: Row) -> tuple[dict[str, bytes], dict[str, bytes], dict[str, str]]:
    return tuple(dict(row.get(part, {})) for part in _SEALED)  # type: ignore[return-value]  # as written below


def _kept(
    sealed: Mapping[str, bytes], keys: Mapping[str, bytes], under: Mapping[str, str]
) -> dict[str, object]:
    """The three parts with the keys that still seal something; the others are destroyed."""
    used = {name: key for name, key in keys.items() if name in under.values()}
    return {"sealed": dict(sealed), "keys": used, "under": dict(under)}


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


def _contact_change(row: Row, fields: Mapping[str, str], at: datetime) -> str | None:
    # A fresh change of phone or address is a ground for care at certificate reissue; what is
    # given the first time is no change, nor is what is sent again because its answer was lost.
    given = row.get("contact_given", {})
    again = stamp(at - SENT_AGAIN_WITHIN)
    known = CONTACT & set(fields) & set(row.get("sealed", {}))
    if any(str(given.get(field, "")) < again for field in known):
        return stamp(at)
    before = row.get("contact_changed_at")
    return str(before) if before else None


def _former_phone(row: Row, fields: Mapping[str, str], at: datetime) -> dict[str, object]:
    """The telephone that a new one replaces, still sealed as it was.

    What is changed again within a moment is the same one sent again, or somebody in a hurry: the
    number before both is the one to tell.
    """
    sealed, keys, under = _parts(row)
    key = keys.get(under.get("phone", ""))
    if "phone" not in fields or key is None:
        return {}
    changed: dict[str, object] = {"phone_changed_at": stamp(at)}
    if str(row.get("phone_changed_at", "")) > stamp(at - SENT_AGAIN_WITHIN):
        return changed
    return changed | {_FORMER: {"text": sealed["phone"], "key": key}}


def _contact_given(row: Row, fields: Mapping[str, str], at: datetime) -> dict[str, str]:
    """When each field was given the first time; a later one does not move it."""
    first = {field: stamp(at) for field in CONTACT & set(fields) - set(row.get("sealed", {}))}
    return dict(row.get("contact_given", {})) | first
