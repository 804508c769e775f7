"""Acting for somebody else: On-Behalf-Of names them, their power of attorney allows it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from chepai.domain.periods import city_day
from chepai.domain.refusals import NotPermitted, PowerUnknown
from chepai.edge.clock import now
from chepai.edge.roles import AGENT, Roles

if TYPE_CHECKING:
    from chepai.records.powers import Powers

HEADER = "on-behalf-of"
_PERSON = re.compile(r"per_[0-9A-HJKMNP-TV-Z]{26}")


def services_for(
    agent_id: str, roles: frozenset[str], allowed: Roles, named: str
) -> frozenset[str]:
    """The services in which the caller may act for the person named.

    Raises NotPermitted for a caller that is no agent and for a route that is the owner's own,
    PowerUnknown without a power that runs, whether or not there is such a person.
    """
    if AGENT not in roles or AGENT not in allowed:
        raise NotPermitted
    if not _PERSON.fullmatch(named):
        raise PowerUnknown
    if services := _powers().services(agent_id, named, city_day(now()).isoformat()):
        return services
    raise PowerUnknown


@cache
def _powers() -> Powers:
    # Imported when it is needed: owners act for themselves, and their functions start without.
    from chepai.records.powers import Powers

    return Powers.from_env()
