"""A case as staff read it: history with its chain checked, waits, reasons, and masked facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from chepai.domain.application import Application
from chepai.domain.facts import Fact, shown
from chepai.domain.investigation import to_decide
from chepai.domain.periods import city_day
from chepai.domain.reasons import PUBLIC_SUSPICION, cards
from chepai.domain.reissue import SERVICE as REISSUE
from chepai.domain.verification import GROUNDS
from chepai.domain.waiting import STEPS_OF_SERVICE, WAITING, Facts, subject_of
from chepai.edge.api import Answer, Call
from chepai.edge.clock import now
from chepai.edge.desk import OnDesk, on_desk
from chepai.edge.disclosing import Disclosing
from chepai.edge.messages import notice_of
from chepai.edge.reissuing import history_of
from chepai.edge.texts import codes, say_in_both
from chepai.edge.views import Texts, card
from chepai.edge.weighing import known_of, recorded
from chepai.records.applications import Applications
from chepai.records.cities import Cities
from chepai.records.facts import Facts as FactsTable
from chepai.records.ledger import Ledger
from chepai.records.people import People
from chepai.records.table import Row
from chepai.records.vehicles import Vehicles
from chepai.records.waits import Wait, Waits


class Entry(Answer):
    """One entry of the ledger: who did what, when, from what to what, on which evidence."""

    seq: int
    at: str
    actor: dict[str, str]
    act: str
    text: Texts | None = None
    was: dict[str, Any]
    now: dict[str, Any]
    evidence: list[dict[str, Any]]
    rule: str
    hash: str


class Chain(Answer):
    """Whether the history is whole: every entry fits the one before, the last one the case."""

    intact: bool
    entries: int
    broken_at: int | None = None


class Waiting(Answer):
    """A state of the machine that waits for a fact; what could answer it is never shown."""

    step: str
    subject: str
    kind: str
    since: str
    request_id: str


class Said(Answer):
    """The newest word of an agency: masked, with the digest that the history refers to."""

    says: dict[str, Any]
    version: int
    partner: str
    occurred_at: str
    received_at: str
    digest: str


class Dossier(OnDesk):
    """One case with everything that staff need to decide; `suspicions` are for staff only."""

    person_id: str
    run: int
    ending: str | None = None
    number_held_until: str | None = None
    fee_state: str | None = None
    appointment: dict[str, Any] | None = None
    disputes: dict[str, Any] | None = None
    entries: dict[str, Any]
    findings: dict[str, Any]
    reasons: list[dict[str, Any]]
    suspicions: list[dict[str, Any]]
    facts: dict[str, Said]
    waits: list[Waiting]
    chain: Chain
    history: list[Entry]


@dataclass(frozen=True)
class Files:
    """The adapters that reading a whole case takes."""

    applications: Applications
    facts: FactsTable
    waits: Waits
    cities: Cities
    ledger: Ledger
    people: People
    vehicles: Vehicles

    @classmethod
    def from_env(cls) -> Self:
        return cls(
            Applications.from_env(),
            FactsTable.from_env(),
            Waits.from_env(),
            Cities.from_env(),
            Ledger.from_env(),
            People.from_env(),
            Vehicles.from_env(),
        )

    def read(self, call: Call[Any]) -> Dossier:
        """The case that is called for, after the reading is in its person's book.

        Raises ApplicationUnknown, OwnCase, FieldInvalid for a case that nothing ties them to.
        """
        case = self.applications.read(call.application_id)
        Disclosing().opened(call, case)
        known = known_of(case, self.facts)
        rows, broken = self.ledger.read(case.application_id)
        return Dossier(
            **on_desk(case).model_dump(),
            person_id=case.person_id,
            run=case.run,
            ending=case.ending or None,
            number_held_until=case.number_held_until or None,
            fee_state=case.fee_state or None,
            appointment=dict(case.appointment) or None,
            disputes=dict(case.disputes) or None,
            entries=dict(case.entries),
            findings=_findings(rows),
            reasons=[card(each) for each in case.reasons],
            suspicions=self._suspicions(case, known, now()),
            facts={kind.value: _said(each[0]) for kind, each in sorted(known.items())},
            waits=[_waiting(each) for each in self._parked(case, known)],
            chain=held_together(rows, broken, case),
            history=[entry_shown(each) for each in rows],
        )

    def _suspicions(
        self, case: Application, known: Facts, moment: datetime
    ) -> list[dict[str, Any]]:
        """The grounds behind what the owner is shown as "come in, please"."""
        if PUBLIC_SUSPICION not in {each["code"] for each in case.reasons}:
            return []
        profile = self.cities.profile(case.profile_version)
        history = history_of(case, self.people, self.vehicles) if _counts(case) else None
        found = to_decide(case, known, now=moment, profile=profile, history=history)
        made = cards(found, GROUNDS, today=city_day(moment), profile=profile, for_staff=True)
        return [card(recorded(each)) for each in made]

    def _parked(self, case: Application, known: Facts) -> list[Wait]:
        places = [
            (subject, kind, step)
            for step in STEPS_OF_SERVICE[case.service]
            for kind in {*WAITING[step].awaits, *WAITING[step].looks_at}
            if (subject := subject_of(kind, case, known))
        ]
        parked = self.waits.of_application(case.application_id, case.run, places)
        return sorted(parked, key=lambda wait: (wait.step, wait.kind))


def _counts(case: Application) -> bool:
    """Whether what happened before this case is weighed with it."""
    return case.service == REISSUE


def _findings(rows: Sequence[Row]) -> dict[str, Any]:
    """What the last weighing found, as the history has it."""
    weighed = [row["to"]["findings"] for row in rows if "findings" in row.get("to", {})]
    return dict(weighed[-1]) if weighed else {}


def _said(fact: Fact) -> Said:
    return Said(
        says=shown(fact),
        version=fact.version,
        partner=fact.partner,
        occurred_at=fact.occurred_at.isoformat(),
        received_at=fact.received_at.isoformat(),
        digest=fact.digest,
    )


def _waiting(wait: Wait) -> Waiting:
    return Waiting(
        step=wait.step,
        subject=wait.subject,
        kind=wait.kind.value,
        since=wait.parked_at,
        request_id=wait.request_id,
    )


def held_together(rows: list[Row], broken: int | None, case: Application) -> Chain:
    """A chain that fits but is shorter than its case, or another one, is not whole either."""
    if broken is None and (len(rows) < case.version or _at(rows, case) != case.chain_head):
        broken = min(len(rows), case.version)
    return Chain(intact=broken is None, entries=len(rows), broken_at=broken)


def _at(rows: list[Row], case: Application) -> str:
    # The case may have moved on between the two reads: what counts is its entry then.
    return str(rows[case.version - 1]["hash"]) if case.version else ""


def _said_of(row: Mapping[str, Any]) -> Texts | None:
    code, after = notice_of(row), row.get("to", {})
    values = {name: after.get(name, "—") for name in ("number", "legal_end", "expected_on")}
    return say_in_both("notices", code, **values) if code in codes("notices") else None


def entry_shown(row: Mapping[str, Any]) -> Entry:
    act = str(row["act"])
    return Entry(
        seq=row["seq"],
        at=row["at"],
        actor=dict(row["actor"]),
        act=act,
        text=_said_of(row),
        was=dict(row["from"]),
        now=dict(row["to"]),
        evidence=list(row["evidence"]),
        rule=row["rule"],
        hash=row["hash"],
    )
