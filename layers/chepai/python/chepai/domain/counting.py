"""Counting what happened: what each entry of the sealed log adds to the figures.

Whoever counts goes over the log once, in its order; an entry of a case opens and closes exchanges
with agencies, a fact of an agency answers one. What one entry means is decided here, with the rows
that were kept of earlier ones. Nothing here reads a clock: times are those of the entries.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from chepai.domain.attribution import PARTIES
from chepai.domain.facts import AGENCIES, Agency, FactKind
from chepai.domain.figures import bucket, channel_of
from chepai.domain.findings import Consequence, Outcome
from chepai.domain.gate import MAKER_NOT_CONNECTED
from chepai.domain.heartbeat import is_heartbeat
from chepai.domain.ledger import SYSTEM
from chepai.domain.life_cycle import Status
from chepai.domain.mortgage import COSIGN
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile
from chepai.domain.services import SERVICES
from chepai.domain.verification import GROUNDS, USUALS
from chepai.domain.waiting import WAITING

Key = tuple[str, str]
Row = dict[str, Any]
RequestOf = Callable[[str, str, int, int], str]
"""The reference of the question of (case, step, times weighed, orders), as it was asked."""

CASE = "case"
MONTHS = "months"
_OPEN, _ANSWERED, _EARLY = "open", "answered", "early"
_SILENT, _GIVEN_UP = "silent", "given_up"
"""Too late and still awaited, and awaited no more: both are counted as asked and as late."""
_SETTLED = "settled"
"""Never asked because the fact was known already, or not needed any more: no exchange."""
_CHECKS = "check_"
_BY_THEMSELVES = frozenset({SYSTEM, "citizen", "agent", "relative", "partner", ""})
_REFUSED = frozenset({Status.NOT_ACCEPTED, Status.REJECTED})
_WAITS_FOR_NEWS = frozenset(
    {
        Status.NEEDS_CORRECTION,
        Status.AWAITING_SOURCE,
        Status.ON_SITE_REQUIRED,
        Status.CONVERTED_ON_SITE,
    }
)
_BEGINS_ANEW = frozenset({FactKind.CORRECTION, FactKind.INSPECTION, FactKind.OFFICER})
_UNHEARD = frozenset(
    code for usual in USUALS.values() for code in (usual.silent.code, usual.stale.code)
)
"""The codes that say of a source that it was asked and has not answered."""
_WRONG = frozenset(
    {code for code, ground in GROUNDS.items() if ground.outcome is Outcome.MISMATCHED}
    | {
        code
        for usual in USUALS.values()
        for code in (usual.not_found.code, usual.unavailable.code, usual.unreadable.code)
    }
) - {MAKER_NOT_CONNECTED.code}
"""The codes that say of an answer that it was wrong or of no use."""
_ENDS_A_PARCEL = frozenset({"DELIVERED", "RETURNED", "LOST"})
_AGENCIES = PARTIES & {str(each) for each in Agency}
_ALIAS = 8


class About(NamedTuple):
    """What the case itself says that no entry of it does."""

    channel: str
    filed_by: str
    person_id: str
    vin: str
    profile_version: str


class Book:
    """The rows that a stretch of the log reads and writes, and what it adds to the counters."""

    def __init__(self, fetch: Callable[[Sequence[Key]], Mapping[Key, Row]]) -> None:
        self._fetch = fetch
        self._rows: dict[Key, Row | None] = {}
        self.kept: dict[Key, Row] = {}
        self.added: dict[Key, Counter[str]] = {}

    def read(self, *keys: Key) -> None:
        """Fetch what will be looked at, in one go."""
        fresh = [key for key in dict.fromkeys(keys) if key not in self._rows]
        found = self._fetch(fresh) if fresh else {}
        self._rows |= {key: found.get(key) for key in fresh}

    def row(self, key: Key) -> Row | None:
        """A row as this stretch leaves it so far."""
        if key in self.kept:
            return self.kept[key]
        self.read(key)
        return self._rows[key]

    def keep(self, key: Key, row: Mapping[str, Any]) -> None:
        self.kept[key] = dict(row)

    def add(self, key: Key, **what: int) -> None:
        self.added.setdefault(key, Counter()).update(what)

    @property
    def size(self) -> int:
        """How many rows the stretch writes."""
        return len(self.kept) + len(self.added)


def case_key(application_id: str) -> Key:
    return f"{CASE}#{application_id}", CASE


def request_key(request_id: str, kind: str) -> Key:
    return f"request#{request_id}", kind


def day_key(day: date, agency: str, kind: str) -> Key:
    """The counters of one agency, kind of question and day."""
    return f"days#{day:%Y-%m}", f"{day.isoformat()}#{agency}#{kind}"


def month_key(at: datetime, *what: str) -> Key:
    """The counters of one thing in the month of a moment, by the city's own days."""
    return MONTHS, "#".join((f"{city_day(at):%Y-%m}", *what))


class Counting:
    """Takes the entries of the log one after the other; the book tells what follows."""

    def __init__(
        self, book: Book, profiles: Callable[[str], CityProfile], request_of: RequestOf
    ) -> None:
        self._book, self._profiles, self._request_of = book, profiles, request_of

    # People.

    def person(self, chain: str, seq: int, at: datetime) -> None:
        """The first entry of a person's own chain: their record was opened."""
        if seq == 1 and not is_heartbeat(chain.partition("#")[2]):
            self._book.add(month_key(at, "city"), registered_users=1)

    # Cases.

    def entry(self, entry: Mapping[str, Any], about: About | None) -> None:
        """One entry of a case; `about` is needed for its first one only."""
        key, at = case_key(str(entry["chain"])), datetime.fromisoformat(entry["at"])
        if int(entry["seq"]) == 1:
            if about is None or is_heartbeat(about.person_id) or _of_heartbeat(entry):
                return
            case = self._filed(entry, about, at)
        else:
            kept = self._book.row(key)
            if kept is None:
                # The heartbeat's, or older than these figures.
                return
            case = dict(kept)
        self._by_staff(entry, at)
        self._moved(case, entry, at)
        self._book.keep(key, case)

    def _filed(self, entry: Mapping[str, Any], about: About, at: datetime) -> Row:
        channel = channel_of(about.channel, by_agent=about.filed_by == "agent")
        case: Row = {
            "application_id": entry["chain"],
            "service": entry["to"]["service"],
            "channel": channel.value,
            "profile_version": about.profile_version,
            "from_maker": self._from_maker(about, at),
            "filed_at": entry["at"],
            "times": 0,
            "orders": 0,
            "trips": 0,
        }
        if str(entry["actor"].get("role", "")) not in _BY_THEMSELVES:
            # Somebody of the office took it in: its owner stood there.
            case["trips"] = 1
        self._count(case, at, filed=1)
        return case

    def _from_maker(self, about: About, at: datetime) -> bool:
        maker = self._profiles(about.profile_version).maker_of(about.vin)
        return maker is not None and maker.connected_on(city_day(at))

    def _moved(self, case: Row, entry: Mapping[str, Any], at: datetime) -> None:
        act, after = str(entry["act"]), entry.get("to") or {}
        was = str((entry.get("from") or {}).get("status", ""))
        status = str(after.get("status", ""))
        case["status"] = status
        if codes := after.get("reasons"):
            case["reasons"] = list(codes)
        if act == "weighed":
            self._weighed(case, entry, at)
        elif act == "stopped":
            self._over(case, at, codes=after.get("reasons", ()))
        if act in ("weighed", "stopped"):
            self._errors(case, after.get("responsible") or {}, at)
        if act == "review_decided" and status == Status.VERIFYING and was != status:
            # A refusal was reversed: every question is a new one.
            case["times"] += 1
            self._count(case, at, reversed=1)
        if act == "temporary_plate_issued":
            self._count(case, at, temporary_plates=1)
        if act in ("inspected", "handed_over"):
            case["trips"] += 1
        if act in ("ordered", "ordered_again"):
            case["orders"] += 1
            self._ask(case, _first(case, "make_plates_and_papers", "print_certificate"), at)
        elif status != was:
            self._entered(case, status, after, at)

    def _entered(self, case: Row, status: str, after: Mapping[str, Any], at: datetime) -> None:
        """A case came to another status: what is asked of whom from here on, or how it ended."""
        match status:
            case Status.VERIFYING:
                self._ask_checks(case, at)
            case Status.AWAITING_SOURCE:
                self._ask_agencies(case, after.get("findings") or {}, at)
            case Status.APPROVED:
                self._ask(case, _first(case, "recheck_facts"), at)
            case Status.REGISTERING:
                self._ask(case, _first(case, "ask_the_register", "replace_at_the_register"), at)
            case Status.DISPATCHED:
                self._ask(case, _first(case, "send_parcel"), at)
            case Status.CLOSED:
                self._closed(case, at)
            case Status.WITHDRAWN | Status.EXPIRED:
                self._ended(case, at, **{status: 1})
            case _ if status in _REFUSED:
                for code in case.get("reasons", ()):
                    self._book.add(month_key(at, "reason", str(code)), refused=1)
                self._ended(case, at, refused=1)

    def _closed(self, case: Row, at: datetime) -> None:
        took = bucket(_between(datetime.fromisoformat(case["filed_at"]), at))
        self._ended(
            case, at, handled=1, trips=int(case["trips"]), zero_errand=int(case["trips"] == 0),
            **{took: 1},
        )  # fmt: skip

    def _ended(self, case: Row, at: datetime, **what: int) -> None:
        self._over(case, at)
        self._count(case, at, **what)

    def _count(self, case: Row, at: datetime, **what: int) -> None:
        """Into the figures of the case's channel and service, of which those of the city are made.

        One row for both would be a sum that nobody can take apart again.
        """
        self._book.add(month_key(at, "cases", case["channel"], case["service"]), **what)

    def _by_staff(self, entry: Mapping[str, Any], at: datetime) -> None:
        actor = entry.get("actor") or {}
        if str(actor.get("role", "")) in _BY_THEMSELVES or not actor.get("id"):
            return
        self._book.add(month_key(at, "station", str(actor.get("unit", "")) or "-"), acts=1)
        self._book.add(month_key(at, "officer", alias_of(str(actor["id"]))), acts=1)

    # Exchanges with agencies.

    def fact(self, fact: Mapping[str, Any], kind: FactKind) -> None:
        """A fact: the answer to a question of ours, or what lets a case be verified anew."""
        at = datetime.fromisoformat(fact["received_at"])
        if kind in _BEGINS_ANEW:
            self._verified_anew(str(fact["subject"]).partition("#")[2], at)
        if not fact.get("reply_to") or AGENCIES[kind].partner_kind is None:
            return
        says = fact.get("says") or {}
        if kind is FactKind.DELIVERY and says.get("state") not in _ENDS_A_PARCEL:
            return
        key = request_key(str(fact["reply_to"]), kind.value)
        known = self._book.row(key)
        if known is None:
            # Sealed before the entry of its question; without one it is nobody's we count.
            early = {"state": _EARLY, "answered_at": fact["received_at"], "wrong": _wrong(says)}
            self._book.keep(key, early)
            return
        if known["state"] not in (_ANSWERED, _EARLY):
            self._answer(key, known, at, wrong=_wrong(says))
            if known["step"] == "wait_for_agency":
                self._verified_anew(str(known["application_id"]), at)

    def _verified_anew(self, application_id: str, at: datetime) -> None:
        """What a case waited for has come: its checks begin again, and no entry says so."""
        key = case_key(application_id)
        kept = self._book.row(key)
        if kept is not None and kept.get("status") in _WAITS_FOR_NEWS:
            case = dict(kept)
            self._ask_checks(case, at)
            self._book.keep(key, case)

    def _answer(self, key: Key, row: Row, at: datetime, *, wrong: bool) -> None:
        asked = datetime.fromisoformat(row["asked_at"])
        took = _between(asked, at)
        over = max(0, took - int(row["due_ms"]))
        day = day_key(city_day(asked), row["agency"], key[1])
        counts: Counter[str] = Counter({"answered": 1, bucket(took): 1})
        if row["state"] not in (_SILENT, _GIVEN_UP):
            counts["asked"] += 1
            counts["late"] += int(over > 0)
        elif over == 0:
            # Weighed before its answer was there to be seen, and yet in time.
            counts["late"] -= 1
        counts["pending"] -= int(row["state"] == _OPEN)
        counts["lost_ms"] += over if row["state"] != _GIVEN_UP else 0
        counts["errors"] += int(wrong)
        self._book.add(day, **{name: n for name, n in counts.items() if n})
        self._book.keep(key, {**row, "state": _ANSWERED, "answered_at": _text(at)})

    def _ask_checks(self, case: Row, at: datetime) -> None:
        steps = SERVICES[case["service"]].steps
        self._ask(case, [each for each in steps if each.startswith(_CHECKS)], at)

    def _ask(self, case: Row, steps: Sequence[str], at: datetime) -> None:
        """The questions of some steps begin to wait for their answers."""
        found = [
            (step, kind)
            for step in steps
            for kind in WAITING[step].awaits
            if kind is not FactKind.PRE_INSPECTION or case["from_maker"]
        ]
        self._open(case, found, at)

    def _ask_agencies(self, case: Row, findings: Mapping[str, str], at: datetime) -> None:
        """What an agency owes after a weighing is asked again by the state that waits for it."""
        if COSIGN.code in findings.values():
            self._ask(case, _first(case, "wait_for_cosignature"), at)
            return
        owed = [
            ("wait_for_agency", FactKind(kind))
            for kind, code in findings.items()
            if code in _UNHEARD or GROUNDS[code].consequence is Consequence.AWAITING_SOURCE
        ]
        self._open(case, owed, at)

    def _open(self, case: Row, found: Sequence[tuple[str, FactKind]], at: datetime) -> None:
        patience = self._profiles(case["profile_version"]).patience.of_steps()
        named = [
            (
                request_key(
                    self._request_of(case["application_id"], step, case["times"], case["orders"]),
                    kind.value,
                ),
                step,
                kind,
            )
            for step, kind in found
        ]
        self._book.read(*(key for key, _, _ in named))
        waiting = {tuple(each) for each in case.get("waiting", ())}
        for key, step, kind in named:
            known = self._book.row(key)
            if known is not None and known["state"] != _EARLY:
                # The same question again, by a machine that began anew.
                continue
            row = {
                "state": _OPEN,
                "application_id": case["application_id"],
                "agency": self._agency(kind, case),
                "step": step,
                "asked_at": _text(at),
                "due_ms": patience[step] * 1000,
            }
            self._book.keep(key, row)
            self._book.add(day_key(city_day(at), row["agency"], kind.value), pending=1)
            if known is not None:
                answered = datetime.fromisoformat(known["answered_at"])
                self._answer(key, row, answered, wrong=bool(known.get("wrong")))
                continue
            waiting.add(key)
        case["waiting"] = sorted(list(each) for each in waiting)

    @staticmethod
    def _agency(kind: FactKind, case: Row) -> str:
        """Who is asked: the ministry has every certificate, and speaks for makers that do not."""
        if kind is FactKind.CERTIFICATE and not case["from_maker"]:
            return str(Agency.INDUSTRY)
        return str(AGENCIES[kind].agency)

    def _weighed(self, case: Row, entry: Mapping[str, Any], at: datetime) -> None:
        # The same facts weighed again are the same weighing, as the case itself counts.
        facts = {
            str(each["kind"]): int(each["version"])
            for each in entry.get("evidence") or ()
            if isinstance(each, Mapping) and "version" in each
        }
        if case.get("facts") != facts:
            case["facts"], case["times"] = facts, case["times"] + 1
        findings: Mapping[str, str] = (entry.get("to") or {}).get("findings") or {}
        self._over(case, at, codes=tuple(findings.values()), weighed=frozenset(findings))

    def _over(
        self,
        case: Row,
        at: datetime,
        *,
        codes: Sequence[str] = (),
        weighed: frozenset[str] | None = None,
    ) -> None:
        """A weighing (of these kinds), or an end: what is unanswered was too late, or not needed.

        A check whose fact is known already asks nothing; its finding then says something else
        than that nobody has answered.
        """
        unheard = {code.partition("-")[0] for code in codes if code in _UNHEARD}
        keys: list[Key] = [(str(first), str(kind)) for first, kind in case.get("waiting", ())]
        self._book.read(*keys)
        left: list[Key] = []
        for key in keys:
            row, kind = self._book.row(key), key[1]
            if row is None or row["state"] not in (_OPEN, _SILENT):
                continue
            if weighed is not None and kind not in weighed:
                # An order to a maker or a printer: no weighing ends it.
                left.append(key)
            elif self._unanswered(
                key, row, at, unheard=kind in unheard, awaited=weighed is not None
            ):
                left.append(key)
        case["waiting"] = [list(key) for key in left]

    def _unanswered(
        self, key: Key, row: Row, at: datetime, *, unheard: bool, awaited: bool
    ) -> bool:
        """Count one that has no answer; whether it goes on waiting for one."""
        asked = datetime.fromisoformat(row["asked_at"])
        over = _between(asked, at) - int(row["due_ms"])
        day = day_key(city_day(asked), row["agency"], key[1])
        state = row["state"]
        if state == _OPEN:
            late = unheard or over > 0
            state = _SILENT if late else _SETTLED
            # Weighed by a fact that nobody had to ask for: the agency had told it before.
            counts = {"asked": 1, "late": 1} if late else {"known": int(awaited)}
            self._book.add(day, pending=-1, **counts)
        if state == _SILENT and not (unheard and awaited):
            self._book.add(day, lost_ms=max(0, over))
            state = _GIVEN_UP
        self._book.keep(key, {**row, "state": state})
        return bool(state == _SILENT)

    def _errors(self, case: Row, responsible: Mapping[str, str], at: datetime) -> None:
        """What an agency said wrongly, by the reasons of a case; each reason counts once a case."""
        told = set(case.get("errors", ()))
        for code, party in responsible.items():
            if code in told or code not in _WRONG or party not in _AGENCIES:
                continue
            told.add(code)
            self._book.add(day_key(city_day(at), party, code.partition("-")[0]), errors=1)
        case["errors"] = sorted(told)


def alias_of(staff_id: str) -> str:
    """An opaque name for a member of staff: figures compare nobody by name."""
    return sha256(f"officer|{staff_id}".encode()).hexdigest()[:_ALIAS]


def _of_heartbeat(entry: Mapping[str, Any]) -> bool:
    actor = entry.get("actor") or {}
    return any(is_heartbeat(str(actor.get(name, ""))) for name in ("id", "for"))


def _first(case: Row, *steps: str) -> list[str]:
    """The one of some steps that the service of a case has."""
    own = SERVICES[case["service"]].steps
    return [each for each in steps if each in own][:1]


def _wrong(says: Mapping[str, Any]) -> bool:
    """Whether an answer says of itself that what was asked for went wrong."""
    return says.get("result") in ("FAILED", "UNKNOWN") or says.get("state") == "LOST"


def _between(begin: datetime, end: datetime) -> int:
    """Milliseconds from one moment to another; never less than none."""
    return max(0, round((end - begin).total_seconds() * 1000))


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
