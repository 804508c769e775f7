"""Offers when demand outruns supply: fewer numbers, sold ones hidden, and a clear end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chepai.domain.pool import Segment
from chepai.edge.pacing import Pacing, offers_per_second
from tests.functions.citizen.office import SECRET, Office
from tests.small_segments import open_small

HOLD = 90.0


@pytest.fixture
def case(office: Office) -> dict[str, str]:
    from chepai.records.numbers import Numbers

    Numbers.from_env().close_segment("02", "02-B-1", SECRET.hex())
    application_id = office.file()
    office.ready_to_choose(application_id)
    return {"application_id": application_id}


def offered(office: Office, case: Any) -> set[str]:
    status, offer = office.call("offer_numbers", **case)
    assert status == 200, offer
    return set(offer["numbers"])


def others_hold(numbers: set[str]) -> None:
    from chepai.records.numbers import Numbers
    from chepai.records.table import transact

    at = datetime.now(UTC)
    for nth, number in enumerate(sorted(numbers)):
        transact(
            *Numbers.from_env().holding(
                "02", number, application_id=f"app_{nth}", person_id=f"per_{nth}",
                until=at + timedelta(days=3), now=at,
            )
        )  # fmt: skip


def test_sold_numbers_are_hidden_once_a_lane_was_through(office: Office, case: Any) -> None:
    numbers = sorted(open_small("small", range(20)))
    others_hold(set(numbers[:15]))
    use_up("small", 20)
    assert offered(office, case) == set(numbers[15:])


def test_an_exhausted_segment_goes_on_to_the_next(office: Office, case: Any) -> None:
    sold = open_small("a", range(10))
    fresh = open_small("b", range(10, 20))
    others_hold(sold)
    # The lane of "a" is through: what it deals is looked up first.
    use_up("a", 10)
    assert offered(office, case) == fresh


def test_none_left_is_told_and_the_register_asked_for_more(office: Office, case: Any) -> None:
    others_hold(open_small("a", range(10)))
    use_up("a", 10)
    status, told = office.call("offer_numbers", **case)
    assert (status, told["code"]) == (409, "VR-404")
    assert "register" in str(told)
    assert office.told("segments.asked")[0]["refs"] == {"plate_kind": "02"}
    _, shown = office.call("read_application", **case)
    assert shown["status"] == "awaiting_owner"


def test_a_last_free_number_is_found_among_sold_ones(office: Office, case: Any) -> None:
    numbers = open_small("a", range(60))
    last = min(numbers)
    others_hold(numbers - {last})
    use_up("a", 60)
    assert offered(office, case) == {last}


def test_a_batch_that_others_took_whole_is_no_try_of_the_owner(office: Office, case: Any) -> None:
    open_small("a", range(20))
    first = offered(office, case)
    assert offered(office, case) == first
    others_hold(first)
    second = office.call("offer_numbers", **case)[1]
    assert not first & set(second["numbers"])
    assert (second["nth"], second["batches_left"]) == (2, 4)


def test_batches_that_a_crowded_segment_cannot_fill_are_kept(office: Office, case: Any) -> None:
    open_small("a", range(12))
    _, offer = office.call("offer_numbers", body={"mode": "elder"}, **case)
    assert (len(offer["numbers"]), offer["batches_left"]) == (12, 3)


def use_up(segment: str, by: int) -> None:
    from chepai.records.numbers import Numbers

    Numbers.from_env().advance(segment, 0, by, datetime(2026, 1, 1, tzinfo=UTC))


def test_the_pace_is_known_from_the_last_offers_of_a_counter() -> None:
    assert offers_per_second([0.0] * 8, 1000.0, HOLD) == 0
    assert offers_per_second([1000.0, 990.0, *[0.0] * 6], 1000.0, HOLD) == 2 / HOLD
    assert offers_per_second([1000.0 - nth for nth in range(8)], 1000.0, HOLD) == 8 / 7
    assert offers_per_second([1000.0] * 8, 1000.0, HOLD) == 8
    assert offers_per_second([500.0] * 8, 1000.0, HOLD) == 0


def test_blocks_shrink_with_the_pace_and_grow_again_afterwards() -> None:
    segment = Segment("s", "02", "鲁B", ("0123456789",) * 2)  # type: ignore[arg-type]
    pacing, at = Pacing(), datetime(2026, 3, 2, tzinfo=UTC)
    assert pacing.block(segment, 10, at=at, hold_seconds=HOLD) == 10
    # Eight offers in eight seconds: ninety are in play, and half of a hundred numbers are free.
    times = [at.timestamp() - nth * 8 / 7 for nth in range(8)]
    pacing.note(segment, times, 0.5, at=at, hold_seconds=HOLD)
    assert pacing.block(segment, 10, at=at, hold_seconds=HOLD) == 1
    pacing.note(segment, [at.timestamp(), *[0.0] * 7], 1.0, at=at, hold_seconds=HOLD)
    assert pacing.block(segment, 10, at=at, hold_seconds=HOLD) == 10
    pacing.note(segment, times, 0.0, at=at, hold_seconds=HOLD)
    later = at + timedelta(seconds=HOLD + 1)
    assert pacing.block(segment, 10, at=later, hold_seconds=HOLD) == 10
