"""Acting for somebody else: On-Behalf-Of names them; a power of attorney or a session allows it.

An agent has a power of attorney. A clerk has the person at the counter, in the session that
Counter-Session names; for whom that person is an agent, the clerk may act as far as the power goes.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from chepai.domain.counter import runs
from chepai.domain.periods import city_day
from chepai.domain.refusals import NotPermitted, PowerUnknown, SessionOver
from chepai.domain.services import SERVICES
from chepai.edge.clock import now
from chepai.edge.roles import AGENT, AT_A_COUNTER, CITIZEN, CLERK, ROUTES, Roles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chepai.edge.api import Caller
    from chepai.records.powers import Powers
    from chepai.records.sessions import Sessions

HEADER, SESSION = "on-behalf-of", "counter-session"
STRONG = "2"
PURPOSE = "counter"
_PERSON = re.compile(r"per_[0-9A-HJKMNP-TV-Z]{26}")
_SESSION_ID = re.compile(r"cse_[0-9A-HJKMNP-TV-Z]{26}")


def acting(caller: Caller, key: str, headers: Mapping[str, str]) -> Caller:
    """The caller with whom they act for, as the headers say.

    Raises NotPermitted for who may not do so, PowerUnknown without a power that runs, SessionOver
    for a clerk whose session is over, of another clerk or of another person.
    """
    own = ROUTES.get(key, ())
    if not own:
        return caller
    named, session_id = headers.get(HEADER, ""), headers.get(SESSION, "")
    if key in AT_A_COUNTER and CLERK in caller.roles:
        if not session_id and CLERK not in own:
            raise NotPermitted
        return _served(caller, own, named, session_id)
    if named:
        services = services_for(caller.id, caller.roles, own, named)
        return replace(caller, principal=named, services=services)
    return caller


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


def disclose(caller: Caller, key: str, application_id: str) -> None:
    """Enter what a clerk is about to see of whom they serve. When it raises, nothing leaves."""
    from chepai.records.accesses import Accesses, Purpose

    if fields := AT_A_COUNTER[key]:
        why = Purpose(PURPOSE, application_id, caller.unit)
        Accesses().note(caller.principal, fields, actor=caller.actor(), purpose=why)


def _served(caller: Caller, own: Roles, named: str, session_id: str) -> Caller:
    session = _sessions().read(session_id) if _SESSION_ID.fullmatch(session_id) else None
    if session is None or session["staff_id"] != caller.id or not runs(session, now()) or not named:
        raise SessionOver
    present = str(session["person_id"])
    caller.must_not_be(present, named)
    if named == present:
        services = frozenset(SERVICES)
    else:
        # What only a desk does, to read back and to take the fee, is part of signing and paying.
        roles = own if CITIZEN in own else (AGENT,)
        services = services_for(present, frozenset({AGENT}), roles, named)
    return replace(
        caller, principal=named, services=services, assurance=STRONG, counter=dict(session)
    )


@cache
def _powers() -> Powers:
    # Imported when it is needed: owners act for themselves, and their functions start without.
    from chepai.records.powers import Powers

    return Powers.from_env()


@cache
def _sessions() -> Sessions:
    from chepai.records.sessions import Sessions

    return Sessions.from_env()
