"""Receipts: of filing, of acceptance, of refusal; each dated, each with the right of review."""

from datetime import date, datetime
from typing import Any

from chepai.domain.application import Application
from chepai.domain.life_cycle import Status
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile
from chepai.edge.api import Answer
from chepai.edge.texts import say_in_both
from chepai.edge.views import Texts, card

REFUSED = frozenset({Status.NOT_ACCEPTED, Status.REJECTED})


class Receipt(Answer):
    """What the office has to give in writing; `until` is the last day for a decision or appeal."""

    kind: str
    application_id: str
    service: str
    at: str
    until: date
    office: str
    texts: Texts
    reasons: list[dict[str, Any]]
    rule: str
    review_possible: bool


def receipt(application: Application, profile: CityProfile) -> Receipt:
    """The receipt for where the case stands."""
    refused = application.status in REFUSED
    if refused:
        kind, at = "not_accepted", application.since
        until = profile.last_day("appeal", _day(at))
    elif application.accepted_at:
        kind, at = "accepted", application.accepted_at
        until = date.fromisoformat(application.legal_end)
    else:
        kind, at = "taken_in", application.submitted_at
        until = profile.last_day("tell_once", _day(at))
    texts = say_in_both(
        "services", f"receipt.{kind}", at=_day(at).isoformat(), end=until.isoformat()
    )
    return Receipt(
        kind=kind,
        application_id=application.application_id,
        service=application.service,
        at=at,
        until=until,
        office=profile.city.office,
        texts=texts,
        reasons=[card(each) for each in application.reasons] if refused else [],
        rule=application.profile_version,
        review_possible=refused,
    )


def _day(at: str) -> date:
    return city_day(datetime.fromisoformat(at))
