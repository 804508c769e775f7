"""Powers of attorney (委托书): who may act for whom, in which services, and until when.

Never for what the law keeps for the owner: the reissue of a registration certificate (R164
Art. 86), and whatever needs the owner's face or will.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from chepai.domain.refusals import AgentNotAllowed, FieldInvalid, FieldProblem
from chepai.domain.services import NEW_CAR, SERVICES

AGENTS_MAY = frozenset({NEW_CAR})


def may_be_given(
    services: Iterable[str], *, agent: str, principal: str, until: date, today: date, days: int
) -> None:
    """Raise what stands against a power of attorney; `days` is the longest it may run.

    Raises FieldInvalid, or AgentNotAllowed for a service that is the owner's own.
    """
    if agent == principal:
        raise FieldInvalid(FieldProblem("agent_id", "oneself"))
    if not today <= until <= today + timedelta(days=days):
        raise FieldInvalid(FieldProblem("until", "not_possible"))
    asked = set(services)
    if not asked or asked - SERVICES.keys():
        raise FieldInvalid(FieldProblem("services", "not_a_choice"))
    if asked - AGENTS_MAY:
        raise AgentNotAllowed
