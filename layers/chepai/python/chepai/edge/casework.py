"""What every step does with a case: open it, move it on with its ledger entry, tell the owner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from chepai.domain import chasing, legal_clock
from chepai.domain.application import Application
from chepai.domain.ledger import Actor, Evidence
from chepai.domain.life_cycle import Status, may_become, queue_of
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile
from chepai.domain.whereabouts import whose_turn
from chepai.edge.clock import now
from chepai.edge.ids import derived_id
from chepai.edge.observing import tell_trouble
from chepai.edge.questions import Question, Questions
from chepai.edge.step import Task, Withdrawn
from chepai.records.applications import Applications, queue_shard, stamp
from chepai.records.cities import Cities
from chepai.records.table import Write

# How soon somebody looks whether a case still moves: machines and partners answer in minutes,
# people in days.
_PROMPT = timedelta(seconds=45)
_PATIENT = timedelta(days=1)
_NEVER = datetime(9000, 1, 1, tzinfo=UTC)
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
        evidence: Sequence[Evidence | str] = (),
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
        agency = whose_turn(changes.get("reasons", before.reasons))
        because = changes.get("stuck_because", before.stuck_because if to is was else "")
        if before.stuck_because and not because:
            changes["stuck_because"] = ""
        # What a clerk has to mend stays on the desk until the case moves on.
        stuck = stuck or bool(because)
        holder = queue_of(to, agency=agency, booked=booked, stuck=stuck, because=because) or ""
        shard = queue_shard(holder, before.application_id)
        if to != was:
            changes["status"] = to.value
            if before.escalation:
                # Ranks are counted anew for whoever holds the case now.
                changes.setdefault("escalation", 0)
        if shard != before.queue_shard:
            # An index entry is moved only when the holder changes: each move is two writes.
            changes["queue_shard"] = shard
        after = replace(before, since=stamp(moment) if to != was else before.since, **changes)
        changes |= self._timed(before, after, moment)
        if clock := changes.get("clock"):
            told = {**(told or {}), **_shown(clock, before.clock)}
        if changes.get("legal_end", before.legal_end) != before.legal_end:
            told = {**(told or {}), "legal_end": changes["legal_end"]}
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

    def _timed(self, before: Application, after: Application, moment: datetime) -> dict[str, Any]:
        """What a move means for the clocks: a pause, a new last day, and when to look next."""
        found: dict[str, Any] = {}
        holder = chasing.holder_of(after) if after.queue_shard else ""
        clock = legal_clock.turned(before, after, stamp(moment))
        if after.stuck_because and not before.stuck_because:
            clock = {**(clock or after.clock), "desk": stamp(moment)}
        law = self.law(after) if clock or holder else None
        if clock is not None:
            found["clock"] = clock
            after = replace(after, clock=clock)
            ends = legal_clock.ends_on(after, law, city_day(moment)) if law else None
            if ends and not legal_clock.paused(after):
                found["legal_end"] = ends.last_day.isoformat()
        moved = after.queue_shard != before.queue_shard
        if not moved and (not holder or (after.since == before.since and clock is None)):
            return found
        if not holder:
            return found | {"due_at": ""}
        due_at = stamp(min(moment + look_again(holder), self._next_step(after, law)))
        if moved or due_at < before.due_at:
            found["due_at"] = due_at
        return found

    def _next_step(self, application: Application, law: CityProfile | None) -> datetime:
        """When a limit asks for a step; far away when none does, or when no profile says."""
        if law is None:
            return _NEVER
        try:
            return chasing.next_at(application, law, self.profile(application)) or _NEVER
        except Exception as error:  # noqa: BLE001 (a case moves on whatever its profile holds)
            tell_trouble("no_limits", error, application_id=application.application_id)
            return _NEVER

    def law(self, application: Application) -> CityProfile | None:
        """The profile in force when the case was accepted; None when it cannot be read."""
        try:
            return self.cities.profile(application.clock.get("law") or application.profile_version)
        except Exception as error:  # noqa: BLE001 (a case moves on whatever its profile holds)
            tell_trouble("no_profile", error, application_id=application.application_id)
            return None

    def run_again(
        self, before: Application, *, by: Actor, told: Mapping[str, Any] | None = None
    ) -> Application:
        """Make ready the next run of a case whose machine has ended, off the clerk's desk."""
        return self.move(
            before,
            Status(before.status),
            by=by,
            act="run_again",
            told=told,
            run=before.run + 1,
            stuck_because="",
        )


def _shown(clock: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What the ledger tells of a clock that was stopped or set going again."""
    pauses, earlier = list(clock.get("pauses", ())), list(before.get("pauses", ()))
    if pauses == earlier:
        return {}
    ended = [each for each, was in zip(pauses, earlier, strict=False) if each != was]
    begun = pauses[len(earlier) :]
    return (
        {"resumed": ended[-1]["because"]}
        if ended and not begun
        else {
            "paused": begun[-1]["because"],
            **({"resumed": ended[-1]["because"]} if ended else {}),
        }
    )


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


PHONE_CHANGED, ADDRESS_CHANGED = "phone_changed", "address_changed"
"""What is told when somebody changed where the owner is reached: the first to the number before."""


_TEXT = "sms.ordered"
_TOLD_BY = {"LETTER": "letter.ordered", "CALL": "call.ordered"}


def notice(
    application: Application, template: str, message_id: str, supplier: str = ""
) -> Question:
    """The order of a text; its values are what the template may tell, never personal data."""
    # A number tells whose car it is: texts are read over shoulders and kept by suppliers.
    told = {
        "legal_end": application.legal_end,
        "expected_on": str(application.clock.get("expected", {}).get("on", "")),
    }
    return Question(
        kind="message_gateway",
        # Who changed the number hears nothing at it: that is told to the one before, by text.
        type=_TOLD_BY.get(application.notice_by, _TEXT) if template != PHONE_CHANGED else _TEXT,
        partner=supplier,
        request_id=derived_id("req", message_id, supplier),
        message_id=derived_id("msg", message_id, supplier) if supplier else message_id,
        application_id=application.application_id,
        refs={
            "message_id": message_id,
            "template": template,
            "person_id": application.person_id,
            "values": {name: value for name, value in told.items() if value},
            **({"former": True} if template == PHONE_CHANGED else {}),
        },
    )
