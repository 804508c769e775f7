"""Powers of attorney at the edge: giving one, ending one, and who has which."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Self

from pydantic import Field

from chepai.domain.periods import city_day
from chepai.domain.powers import may_be_given
from chepai.domain.refusals import IdentityTooWeak
from chepai.edge.api import Answer, Body, Call
from chepai.edge.clock import now
from chepai.edge.confirming import STRONG
from chepai.records.cities import Cities
from chepai.records.powers import Powers
from chepai.records.table import Row

PersonId = Annotated[str, Field(pattern=r"^per_[0-9A-HJKMNP-TV-Z]{26}$")]


class NewPower(Body):
    """Who may act for me, by the code that their app shows, in what, and until when."""

    agent_id: PersonId
    services: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=10)]
    until: date


class Power(Answer):
    """One power of attorney; over when its last day has passed or it was revoked."""

    agent_id: str
    principal_id: str
    services: list[str]
    until: str
    given_at: str
    revoked_at: str | None = None
    location: str


class MyPowers(Answer):
    """The powers that I gave, and those that I hold."""

    given: list[Power]
    held: list[Power]


@dataclass(frozen=True)
class Empowering:
    """The adapters that powers of attorney take."""

    powers: Powers

    @classmethod
    def from_env(cls) -> Self:
        return cls(Powers.from_env())

    def give(self, call: Call[NewPower]) -> Power:
        """Give the agent a power, or change the one there is.

        Raises IdentityTooWeak, FieldInvalid, AgentNotAllowed, AgentHasTooMany.
        """
        _strong(call)
        asked, at = call.body, now()
        limits = Cities.from_env().current().security
        may_be_given(
            asked.services,
            agent=asked.agent_id,
            principal=call.caller.person_id,
            until=asked.until,
            today=city_day(at),
            days=limits.power_days,
        )
        return _shown(
            self.powers.give(
                asked.agent_id,
                call.caller.actor(),
                asked.services,
                until=asked.until.isoformat(),
                at=at,
                most=limits.agent_principals_per_year,
            )
        )

    def revoke(self, call: Call[Any]) -> Power:
        """End a power of the caller's at once. Raises PowerUnknown."""
        row = self.powers.revoke(call.path["agent_id"], call.caller.actor(), at=now())
        return _shown(row)

    def mine(self, call: Call[Any]) -> MyPowers:
        return MyPowers(
            given=[_shown(row) for row in self.powers.given_by(call.caller.person_id)],
            held=[_shown(row) for row in self.powers.held_by(call.caller.person_id)],
        )


def _strong(call: Call[Any]) -> None:
    if call.caller.assurance != STRONG:
        raise IdentityTooWeak


def _shown(row: Row) -> Power:
    return Power(
        agent_id=row["agent_id"],
        principal_id=row["principal_id"],
        services=row["services"],
        until=row["until"],
        given_at=row["given_at"],
        revoked_at=row.get("revoked_at"),
        location=f"/v1/me/powers-of-attorney/{row['agent_id']}",
    )
