"""The evidence of one case, as its owner takes it home: entries, answers of agencies, proofs.

`python -m verifier bundle FILE` checks it without us. What only an investigation may know stays
closed: such an entry is given as its hash alone, which proves that it is there and in its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from chepai.domain.application import Application
from chepai.domain.digests import digest_by
from chepai.domain.facts import Fact, FactKind, shown
from chepai.domain.findings import Consequence
from chepai.domain.ledger import canonical
from chepai.domain.merkle import leaf_hash
from chepai.domain.verification import GROUNDS
from chepai.edge.api import Answer, Call
from chepai.edge.clock import now
from chepai.edge.disclosing import Disclosing
from chepai.records.applications import Applications, stamp
from chepai.records.facts import Facts
from chepai.records.ledger import Ledger
from chepai.records.seals import Head, Proof, Seals
from chepai.records.table import Row

FORM = "chepai-bundle/1"
INVESTIGATION = "investigation"
ALG = "sha-256"


class Said(Answer):
    """What an agency said, masked, with what proves whose word it is.

    `digest` is that of its message as it came, `kid` the key that signed it.
    """

    subject: str
    kind: str
    version: int
    partner: str
    kid: str
    algorithm: str
    public_key: str
    digest: str
    occurred_at: str
    received_at: str
    says: dict[str, Any]


class Decided(Answer):
    """The newest change of the case's state, and the entry that made it."""

    seq: int
    act: str
    at: str
    to: dict[str, Any]


class Path(Answer):
    """The way from an entry's leaf to the root of the checkpoint, in hex, leaf first."""

    chain: str
    seq: int
    index: int
    path: list[str]


class Bundle(Answer):
    """Everything that one case rests on, checkable by anybody.

    `checkpoint` is the signed one that all proofs lead to, empty before the first sealing;
    `not_sealed` are the entries that are in no checkpoint yet (they are within a minute or two).
    `keys` are those that sign checkpoints: compare them with the printed ones.
    """

    format: str
    application_id: str
    city: str
    made_at: str
    entries: list[dict[str, Any]]
    facts: list[Said]
    decision: Decided
    rules: list[str]
    checkpoint: str
    proofs: list[Path]
    not_sealed: list[int]
    keys: list[dict[str, str]]


@dataclass(frozen=True)
class Bundling:
    """The adapters that a bundle takes."""

    applications: Applications
    ledger: Ledger
    facts: Facts
    seals: Seals

    @classmethod
    def from_env(cls) -> Self:
        return cls(Applications.from_env(), Ledger.from_env(), Facts.from_env(), Seals.from_env())

    def own(self, call: Call[Any]) -> Bundle:
        """The bundle of the caller's own case. Raises ApplicationUnknown."""
        return self.of(self.applications.read_own(call.application_id, call.caller.person_id))

    def any(self, call: Call[Any]) -> Bundle:
        """The same for the supervision, after the reading is in its person's book.

        Raises ApplicationUnknown, OwnCase, FieldInvalid for a case that nothing ties them to.
        """
        case = self.applications.read(call.application_id)
        Disclosing().opened(call, case)
        return self.of(case)

    def of(self, case: Application) -> Bundle:
        """The bundle of a case, whoever is given it."""
        # The head first: what is entered after it is not sealed in it.
        head = self.seals.head()
        rows, _ = self.ledger.read(case.application_id)
        proofs = self._proofs(rows, head)
        proven = {proof.seq for proof in proofs}
        closed = {row["seq"] for row in rows if is_closed(row)}
        known = [row for row in rows if row["seq"] not in closed]
        return Bundle(
            format=FORM,
            application_id=case.application_id,
            city=case.city,
            made_at=stamp(now()),
            entries=[_closed(row) if row["seq"] in closed else row for row in rows],
            facts=[_said(fact) for fact in self._facts(known)],
            decision=_decision(known),
            rules=sorted({str(row["rule"]) for row in known if row["rule"]}),
            checkpoint=head.note if head else "",
            proofs=[
                Path(chain=each.chain, seq=each.seq, index=each.index, path=each.path)
                for each in proofs
            ],
            not_sealed=[row["seq"] for row in rows if row["seq"] not in proven],
            keys=[dict(key) for key in head.keys] if head else [],
        )

    def _proofs(self, rows: Sequence[Row], head: Head | None) -> list[Proof]:
        if head is None or not head.note:
            return []
        return self.seals.proofs([(str(row["chain"]), int(row["seq"])) for row in rows], head)

    def _facts(self, rows: Sequence[Row]) -> list[Fact]:
        named = {
            (piece["subject"], FactKind(piece["kind"]), int(piece["version"]))
            for row in rows
            for piece in row["evidence"]
            if "version" in piece
        }
        found = self.facts.at(sorted(named))
        return sorted(found, key=lambda fact: (fact.kind.value, fact.subject, fact.version))


def is_closed(row: Mapping[str, Any]) -> bool:
    """Whether an entry tells what the owner is not told: on which ground a case is looked into."""
    told = row["to"]
    codes = [*dict(told.get("findings", {})).values(), *told.get("reasons", ())]
    return any(
        code in GROUNDS and GROUNDS[code].consequence is Consequence.SUSPICIOUS for code in codes
    )


def _closed(row: Mapping[str, Any]) -> dict[str, Any]:
    alg = str(row.get("alg", ALG))
    kept = {name: row[name] for name in ("chain", "seq", "prev", "at", "hash")}
    leaf = leaf_hash(digest_by(alg), canonical(row)).hex()
    return kept | {"alg": alg, "leaf": leaf, "withheld": INVESTIGATION}


def _decision(rows: Sequence[Row]) -> Decided:
    moved = [row for row in rows if row["to"].get("status") != row["from"].get("status")]
    last = moved[-1]
    return Decided(seq=last["seq"], act=last["act"], at=last["at"], to=dict(last["to"]))


def _said(fact: Fact) -> Said:
    return Said(
        subject=fact.subject,
        kind=fact.kind.value,
        version=fact.version,
        partner=fact.partner,
        kid=fact.kid,
        algorithm=fact.algorithm,
        public_key=fact.public_key,
        digest=fact.digest,
        occurred_at=stamp(fact.occurred_at),
        received_at=stamp(fact.received_at),
        says=shown(fact),
    )
