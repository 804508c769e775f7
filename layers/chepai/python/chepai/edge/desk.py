"""What staff see on their desks: open cases by who holds them, the one due first in front."""

import binascii
import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from chepai.domain.application import Application
from chepai.domain.life_cycle import HOLDERS, REVIEWER, Status
from chepai.domain.refusals import FieldInvalid, FieldProblem
from chepai.domain.whereabouts import whereabouts
from chepai.edge.api import Answer, Call
from chepai.edge.clock import now
from chepai.edge.disclosing import ROW, Disclosing
from chepai.edge.views import Brief, brief
from chepai.records.applications import Applications, stamp

PAGE, LARGEST_PAGE = 25, 100
LOOKED_AT = 500
"""How many cases one request looks at: a filter that few fit answers with a cursor, not late."""

_PLACE = re.compile(r"[0-9T:.-]{19,26}Z\|app_[0-9A-Z]{26}")


class OnDesk(Brief):
    """One open case as its holder finds it; days are those of the city, times UTC."""

    holder: str
    since: str
    due_at: str
    age_hours: int
    version: int
    accepted_at: str | None = None
    legal_end: str | None = None
    flagged: str | None = None
    escalation: int | None = None
    stuck_because: str | None = None
    next_step: str | None = None
    review: dict[str, Any] | None = None


class Desk(Answer):
    """One page; `next` asks for the one after it and is absent on the last."""

    applications: list[OnDesk]
    next: str | None = None


QUERY: Mapping[str, str] = {
    "queue": f"Who holds the case: {', '.join(HOLDERS)}",
    "status": "Where the case stands",
    "min_age_hours": "Filed at least so many hours ago",
    "limit": f"How many on a page, at most {LARGEST_PAGE}",
    "cursor": "`next` of the page before",
}
REVIEWS: Mapping[str, str] = {name: QUERY[name] for name in ("limit", "cursor")}


def open_cases(call: Call[Any], applications: Applications) -> Desk:
    """Open cases by queue, status and age. Raises FieldInvalid with every fault of the query."""
    asked = _asked(call.query)
    oldest = stamp(now() - timedelta(hours=asked["min_age_hours"]))

    def fits(one: Application) -> bool:
        right = not asked["status"] or one.status == asked["status"]
        return right and one.submitted_at <= oldest

    queues = (asked["queue"],) if asked["queue"] else HOLDERS
    after, fitting, looked = asked["cursor"], list[Application](), 0
    while looked < LOOKED_AT:
        found, after = _page(applications, queues, after, asked["limit"])
        looked += len(found)
        for one in found:
            if fits(one):
                fitting.append(one)
            if len(fitting) == asked["limit"]:
                return _desk(call, fitting, _place(one))
        if not after:
            return _desk(call, fitting, "")
    return _desk(call, fitting, after)


def reviews(call: Call[Any], applications: Applications) -> Desk:
    """What waits for a reviewer: sampled and flagged cases, and those whose owner asked."""
    asked = _asked({name: call.query[name] for name in REVIEWS if name in call.query})
    return _desk(call, *_page(applications, (REVIEWER,), asked["cursor"], asked["limit"]))


def shown(call: Call[Any], application: Application, purpose: str) -> OnDesk:
    """One case for the member of staff who calls, after the reading is in the book.

    Raises OwnCase.
    """
    Disclosing().case(call, application, purpose, ROW)
    return on_desk(application)


def on_desk(application: Application) -> OnDesk:
    filed = datetime.fromisoformat(application.submitted_at)
    return OnDesk(
        **brief(application).model_dump(),
        holder=holder_of(application),
        since=application.since,
        due_at=application.due_at,
        age_hours=int((now() - filed).total_seconds() // 3600),
        version=application.version,
        accepted_at=application.accepted_at or None,
        legal_end=application.legal_end or None,
        flagged=application.flagged or None,
        escalation=max((application.escalation, *_ranks(application))) or None,
        next_step=found.next_step if (found := whereabouts(application)) else None,
        stuck_because=application.stuck_because or None,
        review=dict(application.review) or None,
    )


def _ranks(application: Application) -> list[int]:
    """How far the chain of each limit has been climbed."""
    return [int(rank) for rank in application.clock.get("chased", {}).values()]


def holder_of(application: Application) -> str:
    return application.queue_shard.rpartition("#")[0]


def _page(
    applications: Applications, queues: tuple[str, ...], after: str, limit: int
) -> tuple[list[Application], str]:
    """The next cases of several queues together, and where the page after them starts."""
    found: dict[str, Application] = {}
    for queue in queues:
        page, _ = applications.page_of_queue(queue, limit=limit, after=after)
        found |= {_place(one): one for one in page}
    places = sorted(found)[:limit]
    return [found[place] for place in places], places[-1] if len(places) == limit else ""


def _place(application: Application) -> str:
    return f"{application.due_at}|{application.application_id}"


def _desk(call: Call[Any], found: list[Application], after: str) -> Desk:
    seen = Disclosing().listed(call, found)
    cursor = urlsafe_b64encode(after.encode()).decode().rstrip("=") if after else None
    return Desk(applications=[on_desk(one) for one in seen], next=cursor)


def _asked(query: Mapping[str, str]) -> dict[str, Any]:
    """The query with its defaults; everything wrong with it is told at once."""
    faults = [FieldProblem(name, "unknown_field") for name in query if name not in QUERY]
    asked: dict[str, Any] = {
        "queue": query.get("queue", ""),
        "status": query.get("status", ""),
        "min_age_hours": _number(query.get("min_age_hours", "0"), 100_000),
        "limit": _number(query.get("limit", str(PAGE)), LARGEST_PAGE),
        "cursor": _opened(query.get("cursor", "")),
    }
    if asked["queue"] and asked["queue"] not in HOLDERS:
        faults.append(FieldProblem("queue", "not_a_choice"))
    if asked["status"] and asked["status"] not in set(Status):
        faults.append(FieldProblem("status", "not_a_choice"))
    faults += [
        FieldProblem(name, "malformed")
        for name in ("min_age_hours", "limit", "cursor")
        if asked[name] is None or (name == "limit" and not asked[name])
    ]
    if faults:
        raise FieldInvalid(*faults)
    return asked


def _number(text: str, most: int) -> int | None:
    plain = text.isascii() and text.isdigit() and len(text) < 9
    return int(text) if plain and int(text) <= most else None


def _opened(cursor: str) -> str | None:
    """The place that a cursor names; None for what is no cursor of ours."""
    try:
        place = b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return place if not cursor or _PLACE.fullmatch(place) else None
