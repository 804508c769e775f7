"""What the owner confirms and signs: the facts that agencies supplied, and the own entries."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from chepai.domain.application import Application
from chepai.domain.facts import Fact, FactKind, about_person, about_vin
from chepai.domain.ledger import digest
from chepai.domain.life_cycle import Act, Status
from chepai.domain.refusals import IdentityTooWeak, ReadBackMissing, VersionConflict
from chepai.domain.routing import owner_is_ready
from chepai.domain.verification import REQUIRED
from chepai.edge.acting import Acting
from chepai.edge.api import Call
from chepai.edge.views import Confirmation, supplied
from chepai.records.applications import stamp
from chepai.records.facts import Facts
from chepai.records.table import Write

STRONG = "2"
"""The level of assurance of a sign-in by more than a face."""


def confirmation(application: Application, facts: Facts) -> Confirmation:
    """The text to be signed; another word of an agency gives another digest."""
    about_car = facts.of_subject(about_vin(application.vin))
    asked = REQUIRED[application.service]
    known = {kind: fact for kind, fact in about_car.items() if kind in asked}
    return Confirmation(
        digest=digest_of(application, known),
        entries=dict(application.entries),
        facts=supplied(known),
    )


def digest_of(application: Application, known: Mapping[FactKind, Fact]) -> str:
    """SHA-256 over the canonical form of what is confirmed, in hex."""
    return digest(
        {
            "application_id": application.application_id,
            "vin": application.vin,
            "entries": dict(application.entries),
            "facts": {kind.value: fact.digest for kind, fact in known.items()},
        }
    )


def readiness(
    acting: Acting, before: Application, after: Application, at: datetime
) -> tuple[Status, list[Write]]:
    """Where the case goes when the owner has done a part, with the fact that wakes its machine."""
    status = Status(before.status)
    if status is not Status.AWAITING_OWNER or not owner_is_ready(after):
        return status, []
    by = before.person_id
    ready = acting.says(before, FactKind.OWNER_READY, at, by, result="READY")
    return Status.AWAITING_FEE, [ready]


@dataclass(frozen=True)
class Signing:
    """The adapters that a signature takes."""

    acting: Acting

    @classmethod
    def from_env(cls) -> Self:
        return cls(Acting.from_env())

    def sign(self, call: Call[Any], text: str) -> Application:
        """Keep the owner's signature over what would be signed at this moment.

        Raises VersionConflict when an agency said something else in the meantime, IdentityTooWeak
        for a sign-in that a signature cannot rest on, ReadBackMissing at a counter.
        """
        if call.caller.assurance != STRONG:
            raise IdentityTooWeak

        def work(before: Application, at: datetime) -> Application:
            if confirmation(before, self.acting.facts).digest != text:
                raise VersionConflict
            mark = _mark(call, before, text)
            signed = {"digest": text, "method": self._method(before), "at": stamp(at), **mark}
            to, also = readiness(self.acting, before, replace(before, signed=signed), at)
            return self.acting.casework.move(
                before,
                to,
                by=call.caller.actor(),
                act="signed",
                at=at,
                evidence=[{"digest": text}, *(f"mark/{each}" for each in mark.values())],
                also=also,
                signed=signed,
            )

        return self.acting.own(call, Act.SIGN, work)

    def _method(self, application: Application) -> str:
        """How the police identified who signs; never what the caller says of it."""
        about = about_person(application.person_id)
        identity = self.acting.facts.newest(about, FactKind.IDENTITY)
        return str(identity.says["method"]) if identity else ""


def _mark(call: Call[Any], application: Application, text: str) -> dict[str, str]:
    """At a counter, the mark of the hand under this very text. Raises ReadBackMissing."""
    if not call.caller.counter:
        return {}
    done = call.caller.counter.get("read_backs", {}).get(application.application_id, {})
    if done.get("digest") != text:
        raise ReadBackMissing
    return {"mark": str(done["mark"])}
