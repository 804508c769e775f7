"""What every step does with a case: open it, move it on with its ledger entry, tell the owner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from chepai.domain.application import Application
from chepai.domain.facts import Agency
from chepai.domain.ledger import Actor
from chepai.domain.life_cycle import Status, may_become, queue_of
from chepai.domain.profile import CityProfile
from chepai.edge.clock import now
from chepai.edge.ids import derived_id
from chepai.edge.questions import Question, Questions
from chepai.edge.step import Task, Withdrawn
from chepai.records.applications import Applications, queue_shard, stamp
from chepai.records.cities import Cities
from chepai.records.table import Write

# How soon somebody looks whether a case still moves: machines and partners answer in minutes,
# people in days.
_PROMPT = timedelta(seconds=45)
_PATIENT = timedelta(days=1)
_PEOPLE = frozenset({"owner", "reviewer", "officer", "inspector", "clerk"})


@dataclass(frozen=True)
class Casework:
    """The adapters of a step that reads a case and moves it on."""

    applications: Applications
    cities: Cities

    @classmethod
    def from_env(cls) -> Self:
        return cls(Applications.from_env(), Cities.from_env())

    def open(self, task: Task) -> Application:
        """The case as it is now; a stopped one only opens to the steps of the way back."""
        application = self.applications.read(task.application_id)
        if application.ending and not task.cause:
            raise Withdrawn
        return application

    def profile(self, application: Application) -> CityProfile:
        return self.cities.profile(application.profile_version)

    def move(
        self,
        before: Application,
        to: Status,
        *,
        by: Actor,
        act: str,
        stuck: bool = False,
        evidence: Sequence[str] = (),
        rule: str = "",
        also: Sequence[Write] = (),
        close: bool = False,
        told: Mapping[str, Any] | None = None,
        at: datetime | None = None,
        **changes: Any,
    ) -> Application:
        """Move a case to a status, with its holder and the time of the next look.

        Raises `ValueError` for a step that the life cycle does not know: a fault of ours.
        """
        was = Status(before.status)
        if not may_become(was, to):
            raise ValueError(f"{was} may not become {to}")
        if to is Status.REGISTERING and not before.accepted_at:
            raise ValueError("what is not accepted is not registered")
        moment = at or now()
        booked = bool(changes.get("appointment", before.appointment))
        agency = _whose_turn(changes.get("reasons", before.reasons))
        holder = queue_of(to, agency=agency, booked=booked, stuck=stuck) or ""
        shard = queue_shard(holder, before.application_id)
        if to != was:
            changes["status"] = to.value
            if before.escalation:
                # Ranks are counted anew for whoever holds the case now.
                changes.setdefault("escalation", 0)
        if shard != before.queue_shard:
            # An index entry is moved only when the holder changes: each move is two writes.
            changes["queue_shard"] = shard
            changes["due_at"] = stamp(moment + look_again(holder)) if holder else ""
        return self.applications.change(
            before,
            actor=by,
            act=act,
            at=moment,
            evidence=evidence,
            rule=rule,
            also=also,
            close=close,
            told=told,
            **changes,
        )

    def run_again(self, before: Application, *, by: Actor) -> Application:
        """Make ready the next run of a case whose machine has ended, off the clerk's desk."""
        return self.move(
            before,
            Status(before.status),
            by=by,
            act="run_again",
            run=before.run + 1,
            stuck_because="",
        )


def _whose_turn(reasons: Sequence[Mapping[str, str]]) -> Agency | None:
    """The one agency that has to act on everything that holds a case up; None for several."""
    agencies = {Agency(card["who_must_act"]) for card in reasons}
    return agencies.pop() if len(agencies) == 1 else None


def look_again(holder: str) -> timedelta:
    """How long a holder may keep a case before somebody looks."""
    return _PATIENT if holder in _PEOPLE else _PROMPT


def notify(questions: Questions, application: Application, template: str) -> None:
    """A text message to the owner: a template and identifiers; the phone is filled in later.

    Said again while nothing has changed, it is the same message.
    """
    codes = [card["code"] for card in application.reasons]
    message_id = derived_id("msg", application.application_id, template, application.since, *codes)
    questions.ask(notice(application, template, message_id))


def notice(
    application: Application, template: str, message_id: str, supplier: str = ""
) -> Question:
    """The order of a text; its values are what the template may tell, never personal data."""
    # A number tells whose car it is: texts are read over shoulders and kept by suppliers.
    told = {"legal_end": application.legal_end}
    return Question(
        kind="message_gateway",
        type="sms.ordered",
        partner=supplier,
        request_id=derived_id("req", message_id, supplier),
        message_id=derived_id("msg", message_id, supplier) if supplier else message_id,
        application_id=application.application_id,
        refs={
            "message_id": message_id,
            "template": template,
            "person_id": application.person_id,
            "values": {name: value for name, value in told.items() if value},
        },
    )
