"""Reconciling: each partner's statement of a day against our books, and what that closes.

Nothing is corrected silently. A difference is entered into the ledger with the pages of the
statement that show it; what the partner's own word can close is asked for again, and comes by its
hook, signed, as if it had never been lost; the rest is a finding. Every step may run twice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Self

from chepai.domain import reconciling
from chepai.domain.application import Application
from chepai.domain.facts import (
    Agency,
    Fact,
    FactKind,
    about_application,
    about_payment,
    about_statement,
)
from chepai.domain.ledger import SYSTEM, Actor, evidence_of
from chepai.domain.life_cycle import Status
from chepai.domain.periods import city_day, instant_of
from chepai.domain.reconciling import Case, Difference, Found, Movement, Order, Registration, Step
from chepai.domain.refusals import VersionConflict
from chepai.domain.tracing import DAY, Noted, Place
from chepai.edge.clock import now
from chepai.edge.findings import Findings
from chepai.edge.ids import derived_id
from chepai.edge.observing import count, tell
from chepai.edge.questions import Question, Questions
from chepai.partners.directory import USUAL
from chepai.records.applications import stamp
from chepai.records.facts import Facts
from chepai.records.payments import REFUNDED, Payments
from chepai.records.supervision import difference_key, statement_key
from chepai.records.table import ConditionFailed, Row, Write, transact
from chepai.records.traces import Traces

ASKED, OPEN, SETTLED = "asked", "open", "settled"
DAYS_BACK = 3
"""The days that each run makes sure of; a statement before them is not asked for again."""
ASK_AGAIN = timedelta(minutes=30)
PATIENCE = timedelta(hours=6)
"""How long a partner has to tell, or to close, before a person hears of it."""
SHOWN = 200
_BY = Actor(role=SYSTEM, id="reconcile")
_RULE = "CITY-FEES"


class Books(NamedTuple):
    """One kind of partner: its statement's question and fact, and who answers for differences."""

    partner_kind: str
    question: str
    stated: FactKind
    party: Agency


BOOKS: Mapping[str, Books] = {
    each.partner_kind: each
    for each in (
        Books("payment", "payments.asked", FactKind.PAYMENTS_STATED, Agency.TREASURY),
        Books("register", "registrations.asked", FactKind.REGISTRATIONS_STATED, Agency.REGISTER),
        Books("plate_maker", "orders.asked", FactKind.ORDERS_STATED, Agency.PLATE_MAKER),
        Books("print_room", "orders.asked", FactKind.ORDERS_STATED, Agency.PRINT_ROOM),
    )
}
_ABOUT = {"fee": FactKind.FEE, "refund": FactKind.REFUND, "registration": FactKind.REGISTER}
_MADE = {"plate_maker": FactKind.PLATES, "print_room": FactKind.PAPERS}


@dataclass(frozen=True)
class Reconciling:
    """The adapters that reconciling takes."""

    findings: Findings
    payments: Payments
    facts: Facts
    traces: Traces
    questions: Questions

    @classmethod
    def from_env(cls) -> Self:
        return cls(
            Findings.from_env(),
            Payments.from_env(),
            Facts.from_env(),
            Traces.from_env(),
            Questions.from_env(),
        )

    def run(self, day: str = "", *, anew: bool = False) -> dict[str, Any]:
        """Look at the last days, or at one (ISO); `anew` asks for its statements once more.

        Answers, by day and kind of partner, how far it is and what differs. Raises ValueError
        for what is no day, or one that is still to come.
        """
        today = city_day(now())
        days = [today - timedelta(days=back) for back in range(1, DAYS_BACK + 1)]
        if day:
            days = [date.fromisoformat(day)]
            if days[0] > today:
                raise ValueError("a day that is still to come")
        done = {
            each.isoformat(): {kind: self._look(each, books, anew) for kind, books in BOOKS.items()}
            for each in days
        }
        count("Reconciled", 1)
        return done

    def _look(self, day: date, books: Books, anew: bool) -> dict[str, Any]:
        row = self.findings.supervision.statement(day.isoformat(), books.partner_kind)
        if row is None or anew or _too_early(row, day):
            row = self._ask(row, day, books)
        if row["standing"] == SETTLED:
            return _told(row)
        pages = self._pages(row, day, books)
        if not pages:
            return self._wait(row, day, books)
        evidence = [evidence_of(each) for each in pages]
        found = self._differing(row, day, books, pages)
        left = [each for each in found if self._follow(each, row, books, evidence)]
        if any(each.step is Step.ENTER for each in found):
            # What our books have just followed differs no more.
            found = self._differing(row, day, books, pages)
        return self._keep(row, found, left, evidence)

    def _ask(self, row: Row | None, day: date, books: Books) -> Row:
        """Ask for the statement of a day, for the first time or once more."""
        nth = int(row["times"]) + 1 if row else 1
        request_id = derived_id("req", "statement", day.isoformat(), books.partner_kind, nth)
        wanted = {"standing": ASKED, "times": nth, "request_id": request_id,
                  "asked_at": stamp(now())}  # fmt: skip
        supervision, key = (
            self.findings.supervision,
            statement_key(day.isoformat(), books.partner_kind),
        )
        told = {"standing": ASKED, "times": nth, "reference": request_id}
        if row is None:
            supervision.enter(
                key | wanted, actor=_BY, act="statement_asked", at=stamp(now()), rule=_RULE
            )
        else:
            supervision.change(
                row, actor=_BY, act="statement_asked", at=stamp(now()), told=told, rule=_RULE,
                found=None, differing=None, opened_at=None, **wanted,
            )  # fmt: skip
        self._put(books, books.question, request_id, {"day": day.isoformat()})
        return supervision.statement(day.isoformat(), books.partner_kind) or key | wanted

    def _wait(self, row: Row, day: date, books: Books) -> dict[str, Any]:
        """The statement is not here, or not whole: it is asked for again, and missed at last."""
        waited = now() - datetime.fromisoformat(row["asked_at"])
        if waited > ASK_AGAIN:
            row = self._ask(row, day, books)
        if waited > ASK_AGAIN and int(row["times"]) * ASK_AGAIN > PATIENCE:
            missing = Found(Difference.NO_STATEMENT, "statement", day.isoformat(), "", Step.REPORT)
            self._follow(missing, row, books, [])
        return _told(row)

    def _put(
        self,
        books: Books,
        question: str,
        request_id: str,
        refs: Mapping[str, str | int],
        *,
        application_id: str = "",
        nth: int = 0,
    ) -> None:
        self.questions.ask(
            Question(
                kind=books.partner_kind,
                type=question,
                request_id=request_id,
                message_id=derived_id("msg", request_id, question, nth),
                application_id=application_id,
                refs=dict(refs),
            )
        )

    def _pages(self, row: Row, day: date, books: Books) -> list[Fact]:
        """All pages of the statement that was asked for; none while one is missing."""
        first = self._page(row, day, books, 1)
        if first is None:
            return []
        last = int(str(first.says["pages"]))
        rest = [self._page(row, day, books, page) for page in range(2, last + 1)]
        pages = [first, *(page for page in rest if page)]
        return pages if [each.says["page"] for each in pages] == [*range(1, last + 1)] else []

    def _page(self, row: Row, day: date, books: Books, page: int) -> Fact | None:
        for fact in self.facts.of_kind(about_statement(day.isoformat(), page), books.stated):
            # Only whom we asked, and only the answer to that very question.
            mine = fact.partner == USUAL[books.partner_kind]
            if mine and fact.reply_to == row["request_id"]:
                return fact
        return None

    def _differing(self, row: Row, day: date, books: Books, pages: Sequence[Fact]) -> list[Found]:
        found = self._compare(day, books, _lines(pages))
        if city_day(datetime.fromisoformat(row["asked_at"])) > day:
            return found
        # A day that goes on says nothing yet of what its statement lacks.
        return [each for each in found if not each.only_here]

    def _compare(self, day: date, books: Books, lines: Sequence[str]) -> list[Found]:
        earlier = self._earlier(day, books)
        if books.partner_kind == "payment":
            moves = [Movement.of(line) for line in lines]
            return reconciling.payments(
                day,
                self._our_payments(day, {each.payment_id for each in moves}),
                moves,
                earlier={Movement.of(line).payment_id for line in earlier},
            )
        if books.partner_kind == "register":
            entered = [Registration.of(line) for line in lines]
            here = self._registered(day)
            return reconciling.registrations(
                self._cases({each.application_id for each in entered}, FactKind.REGISTER, "result"),
                entered,
                here=here,
                earlier={Registration.of(line).application_id for line in earlier},
            )
        made = [Order.of(line) for line in lines]
        kind = _MADE[books.partner_kind]
        return reconciling.orders(
            self._cases({each.application_id for each in made}, kind, "order_no"), made
        )

    def _earlier(self, day: date, books: Books) -> list[str]:
        """What the statements of the days before told: its word may have come to us late."""
        lines: list[str] = []
        for back in range(1, DAYS_BACK + 1):
            before = day - timedelta(days=back)
            row = self.findings.supervision.statement(before.isoformat(), books.partner_kind)
            lines += _lines(self._pages(row, before, books)) if row else []
        return lines

    def _our_payments(self, day: date, stated: set[str]) -> dict[str, reconciling.Payment]:
        moved = {*self.payments.moved_on(day), *self.payments.moved_on(day + timedelta(days=1))}
        rows = self.payments.many(sorted(stated | moved))
        cases = self._applications({str(row["application_id"]) for row in rows.values()})
        return {
            payment_id: self._payment(row, cases.get(str(row["application_id"])))
            for payment_id, row in rows.items()
        }

    def _payment(self, row: Row, case: Application | None) -> reconciling.Payment:
        known = self.facts.of_kinds(
            about_payment(row["payment_id"]), (FactKind.FEE, FactKind.REFUND)
        )
        return reconciling.Payment(
            payment_id=str(row["payment_id"]),
            application_id=str(row["application_id"]),
            amount_fen=int(row["amount_fen"]),
            state=str(row["state"]),
            paid_on=_day_of(known[FactKind.FEE], "PAID"),
            refunded_on=_day_of(known[FactKind.REFUND], "REFUNDED"),
            status=Status(case.status) if case else None,
            fee_fen=case.fee_fen if case else None,
        )

    def _applications(self, application_ids: set[str]) -> dict[str, Application]:
        found = self.findings.applications.read_many(sorted(application_ids))
        return {each.application_id: each for each in found}

    def _cases(self, application_ids: set[str], kind: FactKind, word: str) -> dict[str, Case]:
        return {
            application_id: Case(
                application_id,
                Status(each.status),
                each.vin,
                each.number,
                frozenset(
                    str(fact.says[word])
                    for fact in self.facts.of_kind(about_application(application_id), kind)
                ),
                frozenset(f"{application_id}-{nth}" for nth in range(1, each.orders + 1)),
            )
            for application_id, each in self._applications(application_ids).items()
        }

    def _registered(self, day: date) -> set[str]:
        """The cases that were registered here on a day of the city, by the threads of its days."""
        first, end = instant_of(day), instant_of(day + timedelta(days=1))
        return {
            Place.of(row["place"]).chain
            for each in {first.date(), end.date()}
            for row in self.traces.between(
                DAY, each.isoformat(), first=stamp(first), before=stamp(end)
            )
            if row["noted"] in (Noted.REGISTERED, Noted.REISSUED)
        }

    def _follow(
        self, found: Found, row: Row, books: Books, evidence: Sequence[Mapping[str, Any]]
    ) -> bool:
        """Enter a difference, once, and do what follows; whether it is still to be closed."""
        self._note(found, row, books, evidence)
        late = now() - datetime.fromisoformat(row.get("opened_at") or row["asked_at"]) > PATIENCE
        if found.step is Step.REPORT or late:
            self._report(found, row, books)
            return False
        nth = int(row["version"])
        request_id = derived_id("req", row["request_id"], found.name)
        match found.step:
            case Step.ASK:
                question, refs = _query(found, books)
                self._put(
                    books, question, request_id, refs, application_id=found.application_id, nth=nth
                )
            case Step.REFUND:
                refs = {"payment_id": found.about, "amount_fen": found.theirs_fen or 0,
                        "paid_fen": found.theirs_fen or 0}  # fmt: skip
                self._put(
                    books, "refund.ordered", request_id, refs,
                    application_id=found.application_id, nth=nth,
                )  # fmt: skip
            case Step.ENTER:
                return not self._enter(found)
        return True

    def _note(
        self, found: Found, row: Row, books: Books, evidence: Sequence[Mapping[str, Any]]
    ) -> None:
        day = str(row["matter"]).partition("#")[2]
        self.findings.supervision.enter(
            difference_key(day, found.name)
            | {
                "difference": found.difference.value,
                "what": found.what,
                "subject": found.about,
                "application_id": found.application_id,
                "party": books.party.value,
                "step": found.step.value,
            },
            actor=_BY,
            act="difference_found",
            at=stamp(now()),
            rule=_RULE,
            evidence=evidence,
        )

    def _report(self, found: Found, row: Row, books: Books) -> None:
        finding_id = derived_id("fnd", str(row["matter"]), books.partner_kind, found.name)
        if self.findings.supervision.finding(finding_id):
            return
        opened = self.findings.about_books(
            self.findings.casework.cities.current(),
            finding_id,
            about=_ABOUT.get(found.what, _MADE.get(books.partner_kind, books.stated)).value,
            party=books.party.value,
            difference=found.difference.value,
            subject=found.about,
            cases=[found.application_id] if found.application_id else [],
            by=_BY.id,
        )
        try:
            transact(*self.findings.opening(opened, _BY))
        except ConditionFailed:
            return
        tell("differs", type=found.difference.value, application_id=found.application_id)

    def _enter(self, found: Found) -> bool:
        """Our books follow the treasury's signed refund of a case that has ended."""
        case = self._applications({found.application_id})[found.application_id]
        confirmed = self.facts.newest(about_payment(found.about), FactKind.REFUND)
        at = now()
        also: list[Write] = [self.payments.giving_back(found.about, at=stamp(at))]
        try:
            self.findings.applications.change(
                case,
                actor=_BY,
                act="refunded_late",
                at=at,
                evidence=[evidence_of(confirmed)] if confirmed else [],
                rule=_RULE,
                also=also,
                fee_state=REFUNDED,
            )
        except (VersionConflict, ConditionFailed):
            # Somebody works on it: the next run looks at what they left.
            return False
        return True

    def _keep(
        self,
        row: Row,
        found: Sequence[Found],
        left: Sequence[Found],
        evidence: Sequence[Mapping[str, Any]],
    ) -> dict[str, Any]:
        """Keep what was found with the statement, when it is not what was kept before."""
        standing = OPEN if left else SETTLED
        counts = dict(Counter(each.difference.value for each in found))
        shown = [_shown(each) for each in found[:SHOWN]]
        kept = {
            "standing": standing,
            "counts": counts,
            "found": shown,
            "differing": len(found),
            "opened_at": row.get("opened_at") or stamp(now()),
        }
        if all(row.get(name) == value for name, value in kept.items() if value):
            return _told(row)
        self.findings.supervision.change(
            row,
            actor=_BY,
            act="statement_matched",
            at=stamp(now()),
            told={"standing": standing, "counts": counts},
            rule=_RULE,
            evidence=evidence,
            **kept,
        )
        return _told({**row, **kept})


def _too_early(row: Row, day: date) -> bool:
    """Whether a statement was asked for while its day went on, and the day is over now."""
    return city_day(datetime.fromisoformat(row["asked_at"])) <= day < city_day(now())


def _lines(pages: Sequence[Fact]) -> list[str]:
    return [str(line) for page in pages for line in page.says.get("lines") or ()]  # type: ignore[union-attr]  # a list by its message


def _day_of(facts: Sequence[Fact], status: str) -> date | None:
    """The day of the first word that says so."""
    days = [city_day(each.occurred_at) for each in facts if each.says["status"] == status]
    return min(days, default=None)


def _query(found: Found, books: Books) -> tuple[str, dict[str, str | int]]:
    """What became of it: the question whose answer is the very word that was lost."""
    if books.partner_kind == "payment":
        return "payment.queried", {"payment_id": found.about}
    if books.partner_kind == "register":
        return "registration.queried", {}
    return "order.queried", {"order_no": found.about}


def _shown(found: Found) -> dict[str, Any]:
    words = {**found._asdict(), "difference": found.difference.value, "step": found.step.value}
    return {name: value for name, value in words.items() if value not in (None, "")}


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """How far the matching of a statement is, and what differs."""
    return {
        "standing": row["standing"],
        "differing": int(row.get("differing") or 0),
        "found": [dict(each) for each in row.get("found") or ()],
    }
