"""What is an officer's to decide in a case: what brings owner or car before the officer now."""

from datetime import datetime

from chepai.domain import inspection, reissue
from chepai.domain.application import Application
from chepai.domain.facts import newest
from chepai.domain.findings import Consequence, Finding
from chepai.domain.profile import CityProfile
from chepai.domain.suspicion import History
from chepai.domain.verification import GROUNDS, JUDGES, consequence_of, required
from chepai.domain.waiting import Facts, case_of

_AT_THE_COUNTER = frozenset({Consequence.SUSPICIOUS, Consequence.ON_SITE})


def to_decide(
    application: Application,
    facts: Facts,
    *,
    now: datetime,
    profile: CityProfile,
    history: History | None = None,
) -> tuple[Finding, ...]:
    """The findings that an officer may set aside or confirm, as the facts are known now.

    Age plays no part here: a suspicion does not pass because its fact has to be asked again.
    """
    case = case_of(application, facts)
    found = [
        JUDGES[kind](newest(facts.get(kind, ())), case, now=now, profile=profile)
        for kind in required(case, profile)
    ]
    if case.inspection is not None:
        found.append(inspection.judge(case.inspection, case, now=now, profile=profile))
    if application.service == reissue.SERVICE and history is not None:
        found += reissue.risks(case, profile, now, history=history)
    return tuple(
        each
        for finding in found
        for each in finding.each()
        if GROUNDS[each.code].overrulable
        and consequence_of(each, case, now=now, profile=profile) in _AT_THE_COUNTER
    )
