"""What must hold of all records together, whatever failed on the way: I1 to I14.

`check_all` looks at one picture of every table and, where they are known, of the partners' own
books, and tells what is wrong in plain words. It decides nothing and mends nothing; tests run it
after every storm, and the operator runs it on a real city (`make check-city`).

A violation names identifiers of cases, cars, orders and chains, never what is known of a person.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple, TypeAlias

import rfc8785

from chepai.domain import ledger, resident_id
from chepai.domain.facts import EVIDENCE, FactKind, about_payment
from chepai.domain.life_cycle import HOLDERS, STAGES, Phase, Status, is_open, may_become
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile
from chepai.domain.services import SERVICES
from chepai.domain.tickets import State

Row: TypeAlias = Mapping[str, Any]

# A hold is counted in working days: no run of holidays is longer than this.
LONGEST_HOLD = timedelta(days=21)
# The sweeper looks every minute; a case that nobody looked at for so long is forgotten.
FORGOTTEN_AFTER = timedelta(minutes=15)
# A new entry is in the sealed log within this time (a minute, and a moment to be read).
SEALED_WITHIN = timedelta(seconds=90)

_REGISTERED = frozenset(
    status for status in Status if STAGES[status].phase is Phase.AFTER_REGISTRATION
) | {Status.CLOSED}
_KEY, _OWN_KEY = "key#", "ed25519"
_SAID_BY_THE_OFFICE = frozenset({FactKind.DELIVERY, FactKind.FEE})
"""Kinds of evidence that our own acts say too: handed over at a counter, a fee that is waived."""
_UNDONE = frozenset({Status.WITHDRAWN, Status.REJECTED, Status.NOT_ACCEPTED, Status.EXPIRED})
_PEOPLE = frozenset({"clerk", "reviewer", "officer", "inspector", "supervisor"})


@dataclass(frozen=True)
class Violation:
    """One thing that must not be: which invariant, about whom or what, and what is wrong."""

    invariant: str
    subject: str
    wrong: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.subject}: {self.wrong}"


@dataclass(frozen=True)
class Snapshot:
    """One picture of a city. What is None is not known here, and what rests on it is skipped.

    `tables`: rows by the short name of their table. `orders` and `registrations`: the books of
    the payment gateway and of the national register. `acknowledged`: identifiers of messages that
    we answered with 2xx. `opened`: how often each person's data key was opened to read. `canaries`:
    personal data planted for the test. `elsewhere`: other texts that were kept or sent, by place.
    `checkpoints`: signed notes by name; `archived`: "partner/message id" of what the archive has.
    """

    taken_at: datetime
    tables: Mapping[str, Sequence[Row]]
    profiles: Mapping[str, CityProfile] = field(default_factory=dict)
    orders: Sequence[Row] | None = None
    registrations: Sequence[Row] | None = None
    acknowledged: frozenset[str] | None = None
    opened: Mapping[str, int] | None = None
    canaries: tuple[str, ...] = ()
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    checkpoints: Mapping[str, str] | None = None
    archived: frozenset[str] | None = None

    def rows(self, table: str) -> Sequence[Row]:
        return self.tables.get(table, ())

    @cached_property
    def cases(self) -> dict[str, Row]:
        """The applications; guards and codes in the same table are none."""
        rows = self.rows("applications")
        return {
            str(row["application_id"]): row
            for row in rows
            if str(row["application_id"]).startswith("app_")
        }

    @cached_property
    def tickets(self) -> dict[str, Row]:
        """The tickets; counts in the same table are none."""
        return {str(row["ticket_id"]): row for row in self.rows("tickets") if "state" in row}

    @cached_property
    def guards(self) -> dict[str, str]:
        """Which case each guard "one open case for a car" stands for."""
        return {
            str(row["application_id"]): str(row["case"])
            for row in self.rows("applications")
            if str(row["application_id"]).startswith("vin#")
        }

    @cached_property
    def chains(self) -> dict[str, list[Row]]:
        """The ledger's entries by chain, in their order."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows("ledger"):
            found[str(row["chain"])].append(row)
        return {chain: sorted(rows, key=lambda row: row["seq"]) for chain, rows in found.items()}

    @cached_property
    def facts(self) -> dict[tuple[str, str], list[Row]]:
        """The versions of each fact by subject and kind, in their order."""
        found: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.rows("facts"):
            kind = str(row["version_key"]).partition("#")[0]
            found[str(row["subject"]), kind].append(row)
        return {
            key: sorted(rows, key=lambda row: row["version_key"]) for key, rows in found.items()
        }

    @cached_property
    def numbers(self) -> list[Row]:
        """The numbers that someone holds, bears or gave back."""
        return [row for row in self.rows("numbers") if "plate_kind" in row and "state" in row]

    @cached_property
    def holds(self) -> list[Row]:
        return [row for row in self.rows("numbers") if str(row["number_key"]).startswith("hold#")]

    @cached_property
    def vehicles(self) -> dict[str, Row]:
        return {str(row["vin"]): row for row in self.rows("vehicles")}

    @cached_property
    def payments(self) -> dict[str, Row]:
        return {str(row["payment_id"]): row for row in self.rows("payments")}

    def entries(self, application_id: str, act: str) -> int:
        """How often an act stands in the ledger of a case."""
        return sum(row["act"] == act for row in self.chains.get(application_id, ()))


class Invariant(NamedTuple):
    """One of the fourteen: `needs` says why it cannot be looked at here, "" when it can."""

    name: str
    holds: str
    broken: Callable[[Snapshot], Iterator[Violation]]
    needs: Callable[[Snapshot], str]


def check_all(snapshot: Snapshot) -> list[Violation]:
    """Everything that is wrong, in the order of the invariants; empty when all hold."""
    return [
        violation
        for each in INVARIANTS
        if not each.needs(snapshot)
        for violation in each.broken(snapshot)
    ]


def skipped(snapshot: Snapshot) -> dict[str, str]:
    """The invariants that this picture does not show enough for, and what is missing."""
    return {each.name: why for each in INVARIANTS if (why := each.needs(snapshot))}


def _status(case: Row) -> Status:
    return Status(str(case["status"]))


def _gives_number(case: Row) -> bool:
    return SERVICES[str(case["service"])].gives_number


def _twice(things: Iterable[str]) -> list[str]:
    return sorted(thing for thing, count in Counter(things).items() if count > 1)


def numbers_are_issued_once(now: Snapshot) -> Iterator[Violation]:
    """I1: a number is issued at most once more than it was retired (R164 Art. 43).

    Among the register of our own, the ledger, and the national register.
    """
    borne = [f"{row.get('plate_kind')}#{row['number']}" for row in now.vehicles.values()]
    for number in _twice(borne):
        yield Violation("I1", number, "more than one registered car bears it")
    issued = [
        f"{case.get('plate_kind')}#{case['number']}"
        for case in now.cases.values()
        if _gives_number(case) and case.get("number") and now.entries(_id(case), "registered")
    ]
    for number in _twice(issued):
        yield Violation("I1", number, "the ledger tells of more than one issue")
    entered = [
        str(row["plate_no"])
        for row in now.registrations or ()
        if row["state"] == "REGISTERED" and row.get("plate_no")
    ]
    for number in _twice(entered):
        yield Violation("I1", number, "the national register has issued it more than once")


def cars_are_registered_once(now: Snapshot) -> Iterator[Violation]:
    """I2: a car has at most one live registration and one open case of a service (Art. 10)."""
    registered = [
        str(case["vin"])
        for case in now.cases.values()
        if _gives_number(case) and now.entries(_id(case), "registered")
    ]
    for vin in _twice(registered):
        yield Violation("I2", f"vin#{vin}", "more than one application registered it")
    for case in now.cases.values():
        if now.entries(_id(case), "registered") > 1:
            yield Violation("I2", _id(case), "it was registered more than once")
    entered = [str(r["vin"]) for r in now.registrations or () if r["state"] == "REGISTERED"]
    for vin in _twice(entered):
        yield Violation("I2", f"vin#{vin}", "the national register has it more than once")
    open_cases = [
        f"vin#{case['vin']}#{case['service']}"
        for case in now.cases.values()
        if case.get("vin") and is_open(_status(case))
    ]
    for guard in _twice(open_cases):
        yield Violation("I2", guard, "more than one case is open for it")
    for guard in sorted(set(open_cases) - set(now.guards)):
        yield Violation("I2", guard, "a case is open for it and nothing guards it")
    for guard, application_id in now.guards.items():
        keeper = now.cases.get(application_id)
        if keeper is None or not is_open(_status(keeper)):
            yield Violation("I2", guard, "the car is kept by a case that is not open")


def a_registered_case_has_its_number(now: Snapshot) -> Iterator[Violation]:
    """I3: who is registered bears exactly one number, and who bears one is registered."""
    bound: dict[str, list[Row]] = defaultdict(list)
    for row in now.numbers:
        if row["state"] == "bound":
            bound[str(row.get("application_id"))].append(row)
    for application_id, case in now.cases.items():
        mine = bound.pop(application_id, [])
        if not _gives_number(case):
            continue
        registered = _status(case) in _REGISTERED
        if registered and len(mine) != 1:
            yield Violation("I3", application_id, f"registered with {len(mine)} numbers bound")
        if not registered and mine:
            yield Violation("I3", application_id, "a number is bound and it is not registered")
        if registered:
            yield from _one_car(application_id, case, mine, now)
    for application_id in bound:
        yield Violation("I3", application_id, "a number is bound to a case that is not there")


def _one_car(
    application_id: str, case: Row, mine: Sequence[Row], now: Snapshot
) -> Iterator[Violation]:
    vehicle = now.vehicles.get(str(case.get("vin")))
    if vehicle is None or vehicle["application_id"] != application_id:
        yield Violation("I3", application_id, "registered, and its car is not in our register")
        return
    if any(row["number"] != vehicle["number"] for row in mine):
        yield Violation("I3", application_id, "the car bears another number than is bound")
    entries = [r for r in now.registrations or () if r["application_id"] == application_id]
    if now.registrations is not None and not any(
        r["state"] == "REGISTERED" and r.get("plate_no") == vehicle["number"] for r in entries
    ):
        yield Violation("I3", application_id, "the national register says otherwise")


def money_moves_once(now: Snapshot) -> Iterator[Violation]:
    """I4: of one case at most one fee is captured, and no more refunded than was captured."""
    of_case: dict[str, list[Row]] = defaultdict(list)
    for row in now.payments.values():
        of_case[str(row["application_id"])].append(row)
    for application_id, rows in of_case.items():
        captured = [row for row in rows if row.get("captured_at")]
        if len(captured) > 1:
            yield Violation("I4", application_id, f"{len(captured)} fees were captured")
        for row in rows:
            if row["state"] == "refunded" and not (row.get("captured_at") or _paid(row, now)):
                yield Violation("I4", str(row["payment_id"]), "refunded and never captured")
    yield from _paid_twice(now)


def _paid_twice(now: Snapshot) -> Iterator[Violation]:
    for (subject, kind), facts in now.facts.items():
        if kind == FactKind.FEE:
            orders = {str(f["says"].get("order_no")) for f in facts if _says(f) == "PAID"}
            if len(orders) > 1:
                yield Violation("I4", subject, "it was paid under more than one order")
    for payment_id in _twice(str(order["payment_id"]) for order in now.orders or ()):
        yield Violation("I4", payment_id, "the gateway has more than one order for it")


def the_books_are_right_at_rest(now: Snapshot) -> Iterator[Violation]:
    """I5: who is registered has paid the fee and no more; who is not has all of it back."""
    known = {str(order["payment_id"]): order for order in now.orders or ()}
    for application_id, case in now.cases.items():
        status = _status(case)
        if is_open(status) and status not in _REGISTERED:
            continue
        payment_id = str(case.get("payment_id"))
        order, ours = known.get(payment_id), now.payments.get(payment_id)
        fee = int(case.get("fee_fen", 0))
        if status in _REGISTERED and fee:
            if ours is None or ours["state"] != "captured" or ours["amount_fen"] != fee:
                yield Violation("I5", application_id, "registered, and its fee is not in our books")
            if now.orders is not None and (
                order is None or order["state"] != "PAID" or int(order["amount_fen"]) != fee
            ):
                yield Violation("I5", application_id, "registered, and the gateway has not the fee")
        if status in _UNDONE:
            if ours is not None and ours["state"] not in {"refunded", "cancelled"}:
                yield Violation("I5", application_id, "ended, and its fee is still in our books")
            if order is not None and order["state"] in {"PAID", "OPEN", "DECLINED"}:
                yield Violation("I5", application_id, "ended, and the gateway may keep its fee")


def holds_are_bounded(now: Snapshot) -> Iterator[Violation]:
    """I6: a number is held by an open case, not longer than may be, one a person and a car."""
    held = [row for row in now.numbers if row["state"] == "reserved"]
    for row in held:
        case = now.cases.get(str(row.get("application_id")))
        subject = str(row["number_key"])
        if case is None or not is_open(_status(case)):
            yield Violation("I6", subject, "it is held by a case that is not open")
        elif case.get("number") != row["number"]:
            yield Violation("I6", subject, "it is held for a case that chose another one")
        until = row.get("held_until")
        if until and _moment(until) > now.taken_at + LONGEST_HOLD:
            yield Violation("I6", subject, "it is held for longer than any hold lasts")
        if not until and case is not None and not case.get("accepted_at"):
            yield Violation("I6", subject, "it is held without an end for what is not accepted")
    cases = [now.cases[str(r["application_id"])] for r in held if r["application_id"] in now.cases]
    for person in _twice(str(case["person_id"]) for case in cases):
        yield Violation("I6", person, "more than one number is held for this person")
    for vin in _twice(str(case["vin"]) for case in cases):
        yield Violation("I6", f"vin#{vin}", "more than one number is held for this car")
    yield from _promised(now)
    for row in now.holds:
        case = now.cases.get(str(row.get("application_id")))
        if row.get("application_id") and (case is None or not is_open(_status(case))):
            yield Violation("I6", str(row["number_key"]), "the hold of a case that is not open")


def _promised(now: Snapshot) -> Iterator[Violation]:
    """Whoever was promised a number, and still is, does hold it."""
    rows = {str(row["number_key"]): row for row in now.numbers}
    for application_id, case in now.cases.items():
        until = case.get("number_held_until")
        promised = case.get("accepted_at") or (until and _moment(until) > now.taken_at)
        if not (case.get("number") and promised and is_open(_status(case)) and _gives_number(case)):
            continue
        row = rows.get(f"{case.get('plate_kind')}#{case['number']}")
        if row is None or row.get("application_id") != application_id:
            yield Violation("I6", application_id, "the number it was promised is not held for it")


def what_was_required_was_proven(now: Snapshot) -> Iterator[Violation]:
    """I7: who is registered was proven: each required fact is there, signed, and of this car."""
    for application_id, case in now.cases.items():
        if _status(case) not in _REGISTERED or not case.get("accepted_at"):
            continue
        for kind in SERVICES[str(case["service"])].required:
            facts = list(_about(kind, case, now))
            if not facts and kind not in (FactKind.PRE_INSPECTION, FactKind.MORTGAGE):
                yield Violation("I7", application_id, f"nothing is known of {kind.value}")
            if any(not fact.get("kid") or not fact.get("digest") for fact in facts):
                yield Violation("I7", application_id, f"{kind.value} has no signer or no digest")
            if any(fact["says"].get("vin", case["vin"]) != case["vin"] for fact in facts):
                yield Violation("I7", application_id, f"{kind.value} is about another car")
        if _gives_number(case):
            yield from _as_registered(application_id, case, now)


def _about(kind: FactKind, case: Row, now: Snapshot) -> Iterator[Row]:
    vin = f"vin#{case['vin']}"
    if kind is FactKind.IDENTITY:
        yield from now.facts.get((f"person#{case['person_id']}", kind.value), ())
    elif kind is FactKind.ANNOUNCEMENT:
        for certificate in now.facts.get((vin, FactKind.CERTIFICATE.value), ()):
            yield from now.facts.get((f"model#{certificate['says']['model']}", kind.value), ())
    else:
        yield from now.facts.get((vin, kind.value), ())


def _as_registered(application_id: str, case: Row, now: Snapshot) -> Iterator[Violation]:
    answers = now.facts.get((f"application#{application_id}", FactKind.REGISTER.value), ())
    entered = [f for f in answers if f["says"].get("result") == "REGISTERED"]
    if not entered:
        yield Violation("I7", application_id, "registered without the national register's word")
    elif not any(
        f["says"].get("vin") == case["vin"] and f["says"].get("plate_no") == case.get("number")
        for f in entered
    ):
        yield Violation("I7", application_id, "the register's word is about another car or number")


def a_case_goes_only_where_it_may(now: Snapshot) -> Iterator[Violation]:
    """I8: the path of a case is one of the life cycle, its version counts each change once."""
    for application_id, case in now.cases.items():
        chain = now.chains.get(application_id, [])
        before = ""
        for entry in chain:
            told, to = entry.get("from", {}).get("status"), entry.get("to", {}).get("status")
            if before and told and told != before:
                yield Violation("I8", application_id, f"entry {entry['seq']} starts elsewhere")
            if told and to and not may_become(Status(told), Status(to)):
                yield Violation("I8", application_id, f"{told} may not become {to}")
            before = to or before
        if chain and before != case["status"]:
            yield Violation("I8", application_id, f"it is {case['status']}, its path ends {before}")
        if int(case["version"]) != len(chain):
            wrong = f"version {case['version']} after {len(chain)} entries"
            yield Violation("I8", application_id, wrong)


def nothing_said_to_us_is_lost(now: Snapshot) -> Iterator[Violation]:
    """I9: what we acknowledged is kept, once, unchanged and in its place (§2.3)."""
    kept = Counter(str(row.get("message_id", "")) for row in now.rows("facts"))
    for (subject, kind), facts in now.facts.items():
        prev = ""
        for place, fact in enumerate(facts, start=1):
            if fact["version_key"] != f"{kind}#{place:06d}":
                yield Violation("I9", subject, f"version {place} of {kind} is missing")
                break
            body = {name: value for name, value in fact.items() if name != "hash"}
            if fact.get("prev", "") != prev or _digest(body) != fact.get("hash"):
                yield Violation("I9", subject, f"version {place} of {kind} was changed")
                break
            prev = str(fact["hash"])
    for message_id in sorted((now.acknowledged or frozenset()) - kept.keys()):
        yield Violation("I9", message_id, "we took this message, and it is kept nowhere")
    for message_id in sorted((now.acknowledged or frozenset()) & kept.keys()):
        if kept[message_id] > 1:
            yield Violation("I9", message_id, "one message became more than one fact")
    yield from _not_archived(now)
    yield from _not_signed(now)


def _not_archived(now: Snapshot) -> Iterator[Violation]:
    """Evidence under a partner's key of which there is no message as it came.

    So a fact that was written past the hooks, under whoever's name, does not pass.
    """
    if now.archived is None:
        return
    for (_, kind), facts in now.facts.items():
        for fact in facts if kind in EVIDENCE else ():
            place = f"{fact.get('partner', '')}/{fact.get('message_id', '')}"
            if fact.get("kid") and place not in now.archived:
                yield Violation("I9", place, "evidence that is not in the archive")


def _not_signed(now: Snapshot) -> Iterator[Violation]:
    """Evidence that no key of its partner stands for: an invented key id, or none at all.

    Whoever may put a fact could put one in anybody's name; here it does not pass.
    """
    keys = {str(row["partner_id"]): row for row in now.rows("partners")}
    known = any(each.startswith(_KEY) for each in keys)
    for (_, kind), facts in now.facts.items():
        for fact in facts if kind in EVIDENCE else ():
            partner, kid = str(fact.get("partner", "")), str(fact.get("kid", ""))
            place = f"{partner}/{fact.get('message_id', '')}"
            if not kid:
                if kind not in _SAID_BY_THE_OFFICE or partner in keys:
                    yield Violation("I9", place, "evidence that nobody has signed")
            elif known and (wrong := _key_fault(fact, keys.get(f"{_KEY}{partner}#{kid}"))):
                yield Violation("I9", place, wrong)


def _key_fault(fact: Row, key: Row | None) -> str:
    """What is wrong with the key that a fact names; empty when it was its partner's own then."""
    if key is None:
        return "signed with a key that its partner never had"
    if key.get("alg") != _OWN_KEY or fact.get("public_key") != key.get("public"):
        return "signed with a key that is not its partner's own"
    at, until = _moment(fact["received_at"]), key.get("until")
    if at < _moment(key["from"]) or (until and at >= _moment(until)):
        return "signed with a key outside its time"
    return ""


def the_ledger_is_whole(now: Snapshot) -> Iterator[Violation]:
    """I10: each chain verifies without a gap, and each case's head is its last entry."""
    for chain, entries in now.chains.items():
        broken = ledger.first_broken([_whole(entry) for entry in entries])
        if broken is not None:
            yield Violation("I10", chain, f"entry {broken} does not fit its chain")
    for application_id, case in now.cases.items():
        chain_of = now.chains.get(application_id)
        if not chain_of:
            yield Violation("I10", application_id, "a case without an entry")
        elif chain_of[-1]["hash"] != case["chain_head"]:
            yield Violation("I10", application_id, "its head is not its last entry")
    for chain in now.chains:
        if chain.startswith("app_") and chain not in now.cases:
            yield Violation("I10", chain, "entries of a case that is not there")
    for ticket_id, ticket in now.tickets.items():
        chain_of = now.chains.get(f"ticket#{ticket_id}", [])
        head = chain_of[-1]["hash"] if chain_of else ""
        if len(chain_of) != int(ticket["version"]) or head != ticket["chain_head"]:
            yield Violation("I10", ticket_id, "a ticket that is not as its entries say")


def everything_is_sealed_in_time(now: Snapshot) -> Iterator[Violation]:
    """I11: each entry is in the sealed log in time, and the log only ever grows."""
    places = {str(row["place"]): row for row in now.rows("seals")}
    for chain, entries in now.chains.items():
        for entry in entries:
            late = _moment(entry["at"]) < now.taken_at - SEALED_WITHIN
            if late and f"leaf#{chain}#{entry['seq']}" not in places:
                yield Violation("I11", f"{chain}/{entry['seq']}", "not sealed in time")
    leaves = [int(row["index"]) for place, row in places.items() if place.startswith("leaf#")]
    for index in _twice(map(str, leaves)):
        yield Violation("I11", f"leaf {index}", "two entries have one place in the log")
    size = int(places.get("log#head", {}).get("size", 0))
    if missing := set(range(size)) - set(leaves):
        yield Violation("I11", f"leaf {min(missing)}", "a place in the log without an entry")
    sizes: dict[int, str] = {}
    for name, note in sorted((now.checkpoints or {}).items()):
        said, root = _size_and_root(note)
        if sizes.setdefault(said, root) != root:
            yield Violation("I11", name, "another root for the same size: the log was forked")
        if said > size and not _is_sealing(now):
            yield Violation("I11", name, "a checkpoint beyond the head of the log")


def _is_sealing(now: Snapshot) -> bool:
    """Whether a batch may be in hand, whose checkpoint comes before the head of the log."""
    soon = now.taken_at - SEALED_WITHIN
    return any(_moment(row["at"]) >= soon for row in now.rows("ledger"))


def _size_and_root(note: str) -> tuple[int, str]:
    """The second and third line of a signed note (C2SP tlog-checkpoint)."""
    lines = [*note.split("\n"), "", "", ""]
    return (int(lines[1]) if lines[1].isdigit() else -1), lines[2]


def every_look_at_a_person_is_logged(now: Snapshot) -> Iterator[Violation]:
    """I12: personal data is opened only after an entry that says by whom and for which case."""
    logged: Counter[str] = Counter()
    for chain, entries in now.chains.items():
        if not chain.startswith("person#"):
            continue
        for entry in entries:
            if entry["act"] != "read":
                continue
            logged[chain.removeprefix("person#")] += 1
            said = entry.get("to", {})
            if not (said.get("purpose") and "fields" in said and entry.get("actor")):
                yield Violation("I12", f"{chain}/{entry['seq']}", "a look without a purpose")
            case = said.get("case")
            if case and (case not in now.cases or _moment(now.cases[case]["submitted_at"])
                         > _moment(entry["at"])):  # fmt: skip
                yield Violation("I12", f"{chain}/{entry['seq']}", "a look for no case of the time")
    for person, times in (now.opened or {}).items():
        if times > logged[person]:
            wrong = f"opened {times} times, logged {logged[person]} times"
            yield Violation("I12", person, wrong)


# Where personal data may lie (the vault), and what is the simulated partners' own.
_VAULTS = ("people",)
_NUMBER = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")


def nobody_is_shown(now: Snapshot) -> Iterator[Violation]:
    """I13: no personal data lies outside the vault, in any table or other place (PIPL Art. 51)."""
    today = city_day(now.taken_at)
    for table, rows in now.tables.items():
        if table in _VAULTS or table.startswith("sandbox"):
            continue
        for row in rows:
            yield from _shown(f"{table} {_key(row)}", repr(row), now, today)
    for place, text in now.elsewhere.items():
        yield from _shown(place, text, now, today)


def _shown(place: str, text: str, now: Snapshot, today: Any) -> Iterator[Violation]:
    if any(canary in text for canary in now.canaries):
        yield Violation("I13", place, "holds personal data that was planted for the test")
    if any(resident_id.why_invalid(each, today=today) is None for each in _NUMBER.findall(text)):
        yield Violation("I13", place, "holds what reads as an identity number")


def nobody_is_forgotten(now: Snapshot) -> Iterator[Violation]:
    """I14: each open case is in one queue and looked at in time; late, a person has it."""
    known = {f"{holder}#{shard}" for holder in (*HOLDERS, *_PEOPLE) for shard in range(16)}
    today = city_day(now.taken_at).isoformat()
    for application_id, case in now.cases.items():
        shard, due = str(case.get("queue_shard", "")), case.get("due_at")
        if not is_open(_status(case)):
            if shard or due:
                yield Violation("I14", application_id, "it has ended and is still in a queue")
            continue
        if shard not in known:
            yield Violation("I14", application_id, "it is open and in nobody's queue")
        if not due:
            yield Violation("I14", application_id, "it is open and nobody will look at it")
        elif _moment(due) < now.taken_at - FORGOTTEN_AFTER:
            yield Violation("I14", application_id, "nobody looked at it when it was due")
        end = str(case.get("legal_end", ""))
        waits = _status(case) in _REGISTERED or shard.rpartition("#")[0] in _PEOPLE
        if end and end[:10] < today and not waits and not case.get("escalation"):
            yield Violation("I14", application_id, "its legal end is past and nobody has it")
    yield from _forgotten_tickets(now)


def _forgotten_tickets(now: Snapshot) -> Iterator[Violation]:
    """Tickets that are owed something and lie on no desk, or that nobody has looked at in time."""
    for ticket_id, ticket in now.tickets.items():
        owed = ticket["state"] in {State.OPEN, State.CALL_BACK}
        if owed != bool(ticket.get("queue")):
            wrong = "is owed something and on no desk" if owed else "has ended and is on a desk"
            yield Violation("I14", ticket_id, f"a ticket {wrong}")
        looked = str(ticket.get("desk", "")).startswith("due#")
        if owed and not ticket.get("desk"):
            yield Violation("I14", ticket_id, "a ticket that nobody will look at")
        elif looked and _moment(ticket["desk_at"]) < now.taken_at - FORGOTTEN_AFTER:
            yield Violation("I14", ticket_id, "a ticket that nobody looked at when it was due")


def _id(case: Row) -> str:
    return str(case["application_id"])


def _says(fact: Row) -> str:
    return str(fact["says"].get("status", ""))


def _paid(row: Row, now: Snapshot) -> bool:
    """Whether the gateway said so; of an order that was called off it may only say the refund."""
    payment = about_payment(str(row["payment_id"]))
    said = {
        _says(fact)
        for kind in (FactKind.FEE, FactKind.REFUND)
        for fact in now.facts.get((payment, kind.value), ())
    }
    return bool(said & {"PAID", "REFUNDED"})


def _moment(text: Any) -> datetime:
    return datetime.fromisoformat(str(text))


def _digest(body: Row) -> str:
    return sha256(rfc8785.dumps(dict(body))).hexdigest()


def _key(row: Row) -> str:
    """The first attribute of a row that names it, if it is an identifier of ours."""
    names = ("application_id", "subject", "awaited", "number_key", "vin", "payment_id", "chain")
    return next((str(row[name]) for name in names if name in row), "")


# Empty attributes are not stored; the hash was taken over the whole entry.
_EMPTY: Row = {"prev": "", "from": {}, "to": {}, "evidence": [], "rule": "", "trace": ""}


def _whole(entry: Row) -> dict[str, Any]:
    return {**_EMPTY, **entry}


def _always(_: Snapshot) -> str:
    return ""


def _needs_seals(now: Snapshot) -> str:
    return "" if now.tables.get("seals") is not None else "the log of this city is not sealed yet"


INVARIANTS: tuple[Invariant, ...] = (
    Invariant("I1", "a number is issued once", numbers_are_issued_once, _always),
    Invariant("I2", "a car is registered once", cars_are_registered_once, _always),
    Invariant("I3", "one registration, one number", a_registered_case_has_its_number, _always),
    Invariant("I4", "a fee is captured and refunded once", money_moves_once, _always),
    Invariant("I5", "the books are right at rest", the_books_are_right_at_rest, _always),
    Invariant("I6", "holds are bounded", holds_are_bounded, _always),
    Invariant("I7", "what was required was proven", what_was_required_was_proven, _always),
    Invariant("I8", "a case goes only where it may", a_case_goes_only_where_it_may, _always),
    Invariant("I9", "nothing said to us is lost", nothing_said_to_us_is_lost, _always),
    Invariant("I10", "the ledger is whole", the_ledger_is_whole, _always),
    Invariant("I11", "all is sealed in time", everything_is_sealed_in_time, _needs_seals),
    Invariant("I12", "each look at a person is logged", every_look_at_a_person_is_logged, _always),
    Invariant("I13", "nobody is shown", nobody_is_shown, _always),
    Invariant("I14", "nobody is forgotten", nobody_is_forgotten, _always),
)
