"""How long a chosen number is kept, what a lapse costs, and that no lost number is paid for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest

from tests.functions.citizen.office import OTHER, PERSON, Office

# A Monday; the hold of three working days ends with the Thursday, at midnight in China.
CHOSEN = datetime(2026, 3, 2, 4, tzinfo=UTC)
ENDS = datetime(2026, 3, 5, 16, tzinfo=UTC)
GUARD = timedelta(seconds=61)
_TOLD_THE_TIME = ("acting", "casework", "choosing", "offering", "accepting", "stopping")

Clock = Callable[[datetime], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets the server's clock."""
    modules = [import_module(f"chepai.edge.{name}") for name in _TOLD_THE_TIME]

    def set_to(at: datetime) -> None:
        for module in modules:
            monkeypatch.setattr(module, "now", lambda: at)

    set_to(CHOSEN)
    return set_to


@pytest.fixture
def case(office: Office, clock: Clock) -> Any:
    """A case that holds a number since Monday, with an address."""
    application_id = office.file()
    office.ready_to_choose(application_id)
    office.put(application_id, signed={"digest": "d"}, address_kept_at="2026-03-02")
    case: Any = {"application_id": application_id}
    number = office.call("offer_numbers", **case)[1]["numbers"][0]
    assert office.call("choose_number", body={"number": number}, **case)[0] == 200
    return case


def own(case: dict[str, str]) -> Any:
    from chepai.records.applications import Applications

    return Applications.from_env().read(case["application_id"])


def another_takes(number: str, at: datetime) -> bool:
    """Whether somebody else can hold the number."""
    from chepai.records.numbers import Numbers
    from chepai.records.table import ConditionFailed, transact

    try:
        transact(
            *Numbers.from_env().holding(
                "02", number, application_id="app_" + "7" * 26, person_id=OTHER,
                until=at + timedelta(days=3), now=at,
            )
        )  # fmt: skip
    except ConditionFailed:
        return False
    return True


def test_a_draw_stays_the_same_until_its_last_moment(office: Office, clock: Clock) -> None:
    case: Any = {"application_id": office.file()}
    office.ready_to_choose(case["application_id"])
    first = office.call("offer_numbers", **case)[1]
    assert (first["seconds_left"], first["nth"]) == (90, 1)
    clock(CHOSEN + timedelta(seconds=89.999))
    assert office.call("offer_numbers", **case)[1]["numbers"] == first["numbers"]
    assert office.call("read_offer", **case)[1]["numbers"] == first["numbers"]
    clock(CHOSEN + timedelta(seconds=90))
    chosen = office.call("choose_number", body={"number": first["numbers"][0]}, **case)
    assert chosen[1]["code"] == "VR-402"
    assert office.call("offer_numbers", **case)[1]["nth"] == 2


def test_a_number_is_kept_three_working_days_and_a_guard(office: Office, case: Any) -> None:
    number = own(case).number
    assert own(case).number_held_until == "2026-03-05T16:00:00.000Z"
    assert not another_takes(number, ENDS)
    assert another_takes(number, ENDS + GUARD)


def test_a_fee_ordered_in_good_time_changes_no_hold(office: Office, case: Any) -> None:
    assert office.call("order_payment", key="p", **case)[0] == 201
    assert own(case).number_held_until == "2026-03-05T16:00:00.000Z"


def test_a_hold_that_ends_soon_is_kept_while_the_money_is_on_its_way(
    office: Office, case: Any, clock: Clock
) -> None:
    clock(ENDS - timedelta(minutes=1))
    assert office.call("order_payment", key="p", **case)[0] == 201
    kept = ENDS + timedelta(hours=2, minutes=-1)
    number = own(case).number
    assert not another_takes(number, ENDS + GUARD)
    # Ordered again it is the same order, and no minute longer.
    clock(kept - timedelta(minutes=1))
    assert office.call("order_payment", key="q", **case)[0] == 201
    assert datetime.fromisoformat(own(case).number_held_until) == kept
    assert another_takes(number, kept + GUARD)


def test_a_lapsed_hold_that_nobody_else_has_can_still_be_paid_for(
    office: Office, case: Any, clock: Clock
) -> None:
    clock(ENDS + timedelta(days=1))
    assert office.call("order_payment", key="p", **case)[0] == 201
    assert not another_takes(own(case).number, ENDS + timedelta(days=1, hours=1))


def test_nobody_pays_for_a_number_that_is_anothers(office: Office, case: Any, clock: Clock) -> None:
    later = ENDS + timedelta(hours=1)
    assert another_takes(own(case).number, later)
    clock(later)
    status, told = office.call("order_payment", key="p", **case)
    assert (status, told["code"]) == (410, "VR-402")
    assert office.told("payment.ordered") == []
    second = office.call("offer_numbers", **case)[1]["numbers"][0]
    assert office.call("choose_number", body={"number": second}, **case)[0] == 200
    assert office.call("order_payment", key="p", **case)[0] == 201
    assert own(case).number == second


def accept(case: dict[str, str]) -> None:
    from chepai.edge.accepting import Accepting
    from chepai.edge.step import Task

    Accepting.from_env().accept(Task(case["application_id"], own(case).run, "accept_application"))


def test_a_paid_case_that_lost_its_number_has_a_choice_again(
    office: Office, case: Any, clock: Clock
) -> None:
    from chepai.edge.step import NumberLost

    office.put(case["application_id"], choices=2, offers=10)
    office.call("order_payment", key="p", **case)
    later = ENDS + timedelta(hours=3)
    number = own(case).number
    assert another_takes(number, later)
    clock(later)
    with pytest.raises(NumberLost):
        accept(case)
    lost = own(case)
    assert (lost.status, lost.number, lost.fee_state) == ("awaiting_owner", "", "ordered")
    assert lost.reasons[0]["code"] == "A01-HOLD-LAPSED"
    status, offer = office.call("offer_numbers", **case)
    assert (status, offer["choices_left"], offer["batches_left"]) == (200, 1, 4)
    assert office.call("choose_number", body={"number": offer["numbers"][0]}, **case)[0] == 200
    accept(case)
    assert not another_takes(own(case).number, later + timedelta(days=90))


def test_from_acceptance_on_a_number_neither_lapses_nor_changes(
    office: Office, case: Any, clock: Clock
) -> None:
    office.call("order_payment", key="p", **case)
    clock(ENDS + timedelta(days=10))
    accept(case)
    assert not another_takes(own(case).number, ENDS + timedelta(days=900))
    # Weighed again, the case may come to its owner once more: the number is the office's now.
    office.put(case["application_id"], status="awaiting_owner")
    assert office.call("offer_numbers", **case)[1]["code"] == "VR-303"


def test_a_number_that_is_not_held_is_never_bound(office: Office, case: Any) -> None:
    from chepai.records.numbers import Numbers
    from chepai.records.table import ConditionFailed, transact

    lost = own(case)
    assert another_takes(lost.number, ENDS + GUARD)
    with pytest.raises(ConditionFailed):
        transact(
            Numbers.from_env().binding(
                "02", lost.number, application_id=lost.application_id, vin=lost.vin
            )
        )


def expire(office: Office, case: dict[str, str]) -> None:
    from chepai.edge.step import Task
    from chepai.edge.stopping import Freeing

    office.put(case["application_id"], ending="expired")
    task = Task(case["application_id"], own(case).run, "free_number", cause="{}")
    Freeing.from_env().free(task)
    Freeing.from_env().free(task)


def test_a_number_left_unused_bars_its_owner_for_two_years(
    office: Office, case: Any, clock: Clock
) -> None:
    number = own(case).number
    clock(ENDS + timedelta(days=1))
    expire(office, case)
    assert office.number(number)["state"] == "freed"
    office.put(case["application_id"], ending="", status="awaiting_owner")
    status, told = office.call("offer_numbers", **case)
    assert (status, told["code"]) == (403, "VR-407")
    assert "2028-03-07" in str(told)
    clock(datetime(2028, 3, 7, 16, tzinfo=UTC))
    assert office.call("offer_numbers", **case)[0] == 200


def test_who_withdraws_or_never_chose_is_not_barred(office: Office, case: Any) -> None:
    from chepai.records.numbers import Numbers

    office.put(case["application_id"], number="", number_held_until="")
    expire(office, case)
    assert Numbers.from_env().barred_until(PERSON) == ""
