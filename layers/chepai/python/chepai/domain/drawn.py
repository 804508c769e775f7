"""A service's machine as it is drawn, and at which of its states a case stands by our own records.

What is drawn comes from the very definition that is deployed; nothing here asks the machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chepai.domain import mortgage
from chepai.domain.application import Application
from chepai.domain.life_cycle import Status, is_open
from chepai.domain.routing import where_it_stands
from chepai.domain.services import REFUND

_COSIGN = "wait_for_cosignature"


@dataclass(frozen=True)
class Machine:
    """`stands` maps the word that routes a run to its state, `steps` a function to its state."""

    service: str
    comment: str
    start: str
    stands: Mapping[str, str]
    steps: Mapping[str, str]
    states: tuple[Mapping[str, Any], ...]
    ways: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, drawn: Mapping[str, Any]) -> "Machine":
        """From the drawing that goes with the code."""
        return cls(
            service=str(drawn["service"]),
            comment=str(drawn["comment"]),
            start=str(drawn["start"]),
            stands=drawn["stands"],
            steps={each["step"]: each["name"] for each in drawn["states"] if each.get("step")},
            states=tuple(drawn["states"]),
            ways=tuple(drawn["ways"]),
        )


def state_of(application: Application, machine: Machine | None) -> str:
    """The state at which an open case stands; "" for one that has ended or has no drawing.

    While facts are verified the case stands at all checks at once: its state is the one that
    holds them.
    """
    status = application.status
    if machine is None or status not in set(Status) or not is_open(Status(status)):
        return ""
    where = where_it_stands(application)
    if where == "stop" and application.fee_state:
        return machine.steps.get(REFUND, "")
    if where == "agency" and _awaits_lender(application):
        return machine.steps.get(_COSIGN, machine.stands.get(where, ""))
    return machine.stands.get(where, "")


def _awaits_lender(application: Application) -> bool:
    return mortgage.COSIGN.code in {str(each.get("code")) for each in application.reasons}
