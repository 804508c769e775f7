"""A city in good order passes; whatever is wrong in it is found, and named by its invariant."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
import rfc8785

from chepai.domain.invariants import INVARIANTS, Snapshot, check_all, skipped
from tests.unit.domain.small_city import (
    AT,
    CARS,
    HELD,
    KEY,
    NOW,
    NUMBER,
    OPEN,
    PEOPLE,
    REGISTERED,
    TICKET,
    WITHDRAWN,
    Row,
    facts_of,
    find,
    picture,
)

Tables = dict[str, list[Row]]
Plant = Callable[[Tables, Row], Any]


def the_case(tables: Tables, application: str) -> Row:
    return find(tables["applications"], "application_id", application)


def sets(table: str, name: str, value: str, **changes: Any) -> Plant:
    """A row of a table with attributes changed."""
    return lambda tables, _: find(tables[table], name, value).update(changes)


def adds(table: str, row: Row) -> Plant:
    return lambda tables, _: tables.setdefault(table, []).append(row)


def knows(name: str, value: Any) -> Plant:
    return lambda _, known: known.update({name: value})


def case_is(application: str, **changes: Any) -> Plant:
    return sets("applications", "application_id", application, **changes)


def drops(table: str, name: str, value: str) -> Plant:
    return lambda tables, _: tables[table].remove(find(tables[table], name, value))


def registered_again(tables: Tables, _: Row) -> None:
    entry = find(tables["ledger"], "act", "registered")
    tables["ledger"].append(entry | {"seq": 12})


def second_open_case(tables: Tables, _: Row) -> None:
    other = the_case(tables, OPEN) | {"application_id": f"app_{'D' * 26}"}
    tables["applications"].append(other)


def held_number(**changes: Any) -> Plant:
    return sets("numbers", "number", HELD, **changes)


def entry_is(seq: int, **changes: Any) -> Plant:
    def plant(tables: Tables, _: Row) -> None:
        mine = [row for row in tables["ledger"] if row["chain"] == REGISTERED]
        find(mine, "seq", seq).update(changes)  # type: ignore[arg-type]

    return plant


def written_past_the_hooks(tables: Tables, _: Row) -> None:
    """A fact under a partner's name that no partner sent, chained as it should be."""
    tables["facts"] += facts_of(f"vin#{CARS[OPEN]}", "F06", {"vin": CARS[OPEN]})


def in_nobodys_hand(kind: str, **changes: Any) -> Plant:
    """A fact that no key stands for, chained as it should be."""

    def plant(tables: Tables, _: Row) -> None:
        (fact,) = facts_of(f"vin#{CARS[OPEN]}", kind, {"vin": CARS[OPEN]})
        fact.update(kid="", **changes)
        del fact["hash"]
        tables["facts"].append(fact | {"hash": sha256(rfc8785.dumps(fact)).hexdigest()})

    return plant


def key_is(**changes: Any) -> Plant:
    return sets("partners", "partner_id", KEY, **changes)


def fact_lost(tables: Tables, _: Row) -> None:
    tables["facts"].remove(find(tables["facts"], "version_key", "F06#000001"))


def entry_lost(tables: Tables, _: Row) -> None:
    tables["ledger"].remove(find(tables["ledger"], "act", "to approved"))


def leaf_lost(tables: Tables, _: Row) -> None:
    tables["seals"].remove(find(tables["seals"], "place", f"leaf#{REGISTERED}#3"))


def forked(_: Tables, known: Row) -> None:
    known["checkpoints"]["checkpoints/x"] = "chepai/ledger\n9\nb3RoZXI=\n"


def logged(**changes: Any) -> Plant:
    def plant(tables: Tables, _: Row) -> None:
        find(tables["ledger"], "act", "read")["to"].update(changes)

    return plant


OTHER_CAR: Row = {
    "vin": CARS[OPEN],
    "application_id": OPEN,
    "number": NUMBER,
    "plate_kind": "02",
}
REGISTRATION: Row = {
    "application_id": OPEN,
    "vin": CARS[OPEN],
    "plate_no": NUMBER,
    "state": "REGISTERED",
}
SECOND_PAYMENT: Row = {
    "payment_id": "pay_2",
    "application_id": REGISTERED,
    "amount_fen": 14000,
    "state": "captured",
    "captured_at": AT,
}
PAID = {"status": "PAID", "amount_fen": 14000}

PLANTED: list[tuple[str, Plant]] = [
    ("I1", adds("vehicles", OTHER_CAR)),
    ("I1", lambda _, known: known["registrations"].append(REGISTRATION)),
    ("I2", registered_again),
    ("I2", lambda _, known: known["registrations"].append(dict(known["registrations"][0]))),
    ("I2", second_open_case),
    ("I2", case_is(OPEN, status="expired")),
    ("I2", drops("applications", "case", OPEN)),
    ("I3", sets("numbers", "number", NUMBER, state="freed")),
    ("I3", sets("numbers", "number", NUMBER, application_id=OPEN)),
    ("I3", drops("vehicles", "vin", CARS[REGISTERED])),
    ("I3", sets("vehicles", "vin", CARS[REGISTERED], number=HELD)),
    ("I3", knows("registrations", [])),
    ("I4", adds("payments", SECOND_PAYMENT)),
    (
        "I4",
        adds(
            "payments",
            SECOND_PAYMENT | {"application_id": OPEN, "state": "refunded", "captured_at": ""},
        ),
    ),
    (
        "I4",
        lambda tables, _: tables["facts"].extend(
            facts_of("payment#pay_3", "A02", PAID | {"order_no": "1"}, PAID | {"order_no": "2"})
        ),
    ),
    ("I4", lambda _, known: known["orders"].append(dict(known["orders"][0]))),
    ("I5", sets("payments", "application_id", REGISTERED, state="ordered")),
    ("I5", sets("payments", "application_id", WITHDRAWN, state="captured")),
    ("I5", lambda _, known: known["orders"][0].update(amount_fen=13000)),
    ("I5", lambda _, known: known["orders"][1].update(state="PAID")),
    ("I6", case_is(OPEN, status="expired")),
    ("I6", case_is(OPEN, number="鲁B00000")),
    ("I6", held_number(held_until="2026-09-01T00:00:00.000Z")),
    ("I6", held_number(held_until="")),
    ("I6", drops("numbers", "number", HELD)),
    (
        "I6",
        adds(
            "numbers",
            {
                "number_key": "02#x",
                "number": "x",
                "plate_kind": "02",
                "state": "reserved",
                "application_id": OPEN,
                "held_until": AT,
            },
        ),
    ),
    ("I6", adds("numbers", {"number_key": "hold#per_x", "application_id": WITHDRAWN})),
    (
        "I7",
        lambda tables, _: tables["facts"].remove(
            find(tables["facts"], "version_key", "F01#000001")
        ),
    ),
    ("I7", sets("facts", "version_key", "F07#000002", kid="")),
    ("I7", sets("facts", "version_key", "F10#000002", says={"vin": CARS[OPEN]})),
    ("I7", sets("facts", "version_key", "A04#000001", says={"result": "REGISTERED"})),
    ("I8", entry_is(3, to={"status": "registered"})),
    ("I8", case_is(OPEN, version=7)),
    ("I8", case_is(OPEN, status="accepted")),
    ("I9", knows("acknowledged", frozenset({"msg_lost"}))),
    ("I9", fact_lost),
    ("I9", adds("facts", {"subject": "poison#1", "version_key": "Z99#000001", "says": {}})),
    ("I9", knows("archived", frozenset())),
    ("I9", written_past_the_hooks),
    ("I9", in_nobodys_hand("F08")),
    ("I9", in_nobodys_hand("F20", partner="tax-office")),
    ("I9", key_is(partner_id="key#tax-office#another")),
    ("I9", key_is(alg="hmac-sha256")),
    ("I9", key_is(public="another")),
    ("I9", key_is(**{"from": "2099-01-01T00:00:00+00:00"})),
    ("I9", key_is(until="2020-01-02T00:00:00+00:00")),
    ("I9", sets("facts", "version_key", "F06#000002", says={"vin": CARS[REGISTERED], "price": 1})),
    ("I10", entry_is(5, at="2026-05-12T01:51:00.000Z")),
    ("I10", entry_lost),
    ("I10", case_is(OPEN, chain_head="0" * 64)),
    ("I10", sets("tickets", "ticket_id", TICKET, version=3)),
    ("I11", leaf_lost),
    ("I11", sets("seals", "place", f"leaf#{REGISTERED}#3", index=1)),
    ("I11", forked),
    ("I11", sets("seals", "place", "log#head", size=3)),
    ("I12", knows("opened", {PEOPLE[REGISTERED]: 2})),
    ("I12", logged(purpose="")),
    ("I12", logged(case="app_unknown")),
    ("I13", adds("waits", {"awaited": "x", "waiter": "王沙盒"})),
    ("I13", adds("partners", {"partner_id": "x", "note": "of 11010519491231002X"})),
    ("I13", knows("elsewhere", {"a log": "for 王沙盒"})),
    ("I14", case_is(OPEN, queue_shard="")),
    ("I14", case_is(OPEN, due_at="2026-05-12T01:00:00.000Z")),
    ("I14", case_is(OPEN, queue_shard="system#0", legal_end="2026-05-11")),
    ("I14", case_is(WITHDRAWN, due_at=AT)),
    ("I14", sets("tickets", "ticket_id", TICKET, queue="")),
    ("I14", sets("tickets", "ticket_id", TICKET, state="closed")),
    ("I14", sets("tickets", "ticket_id", TICKET, desk_at="2026-05-12T01:00:00.000Z")),
]


def test_a_city_in_good_order_passes() -> None:
    assert check_all(picture()) == []
    assert skipped(picture()) == {}


@pytest.mark.parametrize(("invariant", "plant"), PLANTED)
def test_what_is_wrong_is_found(invariant: str, plant: Plant) -> None:
    found = check_all(picture(plant))
    assert invariant in {each.invariant for each in found}, [str(each) for each in found]


def test_each_invariant_has_at_least_two_faults_that_it_finds() -> None:
    tried = [invariant for invariant, _ in PLANTED]
    assert all(tried.count(each.name) >= 2 for each in INVARIANTS)


def test_nobody_is_named_by_what_is_found() -> None:
    for _, plant in PLANTED:
        assert "王沙盒" not in "".join(map(str, check_all(picture(plant))))


def test_without_a_sealed_log_the_reason_is_told() -> None:
    without = picture(lambda tables, _: tables.pop("seals"))
    assert check_all(without) == []
    assert list(skipped(without)) == ["I11"]


def test_a_checkpoint_may_come_before_the_head_only_while_entries_are_new() -> None:
    def behind(tables: Tables, _: Row) -> None:
        find(tables["seals"], "place", "log#head")["size"] = 3

    soon = replace(picture(behind), taken_at=datetime.fromisoformat(AT) + timedelta(seconds=30))
    assert "I11" not in {each.invariant for each in check_all(soon)}
    assert "I11" in {each.invariant for each in check_all(picture(behind))}


def test_a_refund_of_what_was_called_off_needs_the_gateways_word_alone() -> None:
    def refunded(tables: Tables, _: Row) -> None:
        payment = find(tables["payments"], "application_id", WITHDRAWN)
        payment["captured_at"] = ""
        about = f"payment#{payment['payment_id']}"
        tables["facts"] = [row for row in tables["facts"] if row["subject"] != about]

    def with_word(tables: Tables, known: Row) -> None:
        refunded(tables, known)
        about = f"payment#pay_{WITHDRAWN[-1] * 26}"
        tables["facts"] += facts_of(about, "A13", {"status": "REFUNDED"})

    assert "I4" in {each.invariant for each in check_all(picture(refunded))}
    assert "I4" not in {each.invariant for each in check_all(picture(with_word))}


def test_an_empty_city_is_in_order() -> None:
    assert check_all(Snapshot(taken_at=NOW, tables={})) == []


def test_the_order_in_which_rows_are_read_does_not_matter() -> None:
    def shuffled(tables: Tables, _: Row) -> None:
        for rows in tables.values():
            random.Random(7).shuffle(rows)

    assert check_all(picture(shuffled)) == []
