"""A lost, destroyed or damaged registration certificate made anew (R164 Arts 32, 52 and 86).

The owner acts in person; a lender with a mortgage signs too; unusual frequency and fresh changes
of phone or address bring the case to a counter. The old certificate is void, the number new.
"""

from collections.abc import Iterable
from datetime import datetime

from chepai.domain.case import Case
from chepai.domain.findings import Finding
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile
from chepai.domain.refusals import AgentNotAllowed, ServiceNotOffered
from chepai.domain.services import CERTIFICATE_REISSUE
from chepai.domain.suspicion import History, fresh_contacts, suspicions
from chepai.domain.verification import Weighing
from chepai.domain.verification import weigh as weigh_all

SERVICE = CERTIFICATE_REISSUE


def may_file(*, agent: bool, profile: CityProfile) -> None:
    """Raises AgentNotAllowed for an agent, ServiceNotOffered where the city keeps it offline."""
    if agent:
        raise AgentNotAllowed
    if not profile.reissue.cert_online:
        raise ServiceNotOffered


def weigh(
    findings: Iterable[Finding],
    case: Case,
    profile: CityProfile,
    now: datetime,
    *,
    history: History,
) -> Weighing:
    """The word for a reissue: the judges' findings together with what the history says."""
    found = (*findings, *risks(case, profile, now, history=history))
    return weigh_all(found, case, profile, now)


def risks(
    case: Case, profile: CityProfile, now: datetime, *, history: History
) -> tuple[Finding, ...]:
    """What the history gives rise to."""
    today = city_day(now)
    found = suspicions(history, today=today, profile=profile)
    # Who was seen at a counter is the owner, whatever became of phone and address.
    if case.identity is None or case.identity.says.get("method") != "COUNTER":
        found += fresh_contacts(history, today=today, profile=profile)
    return found
