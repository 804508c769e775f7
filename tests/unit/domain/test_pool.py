"""The pool deals every number once, in an order nobody can foresee and anybody can recompute."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chepai.domain import plates, pool
from chepai.domain.plates import PlateKind

SECRET = bytes(range(32))
RESERVED = (r"(\d)\1\1", "4444$")
ROOT = Path(__file__).parents[3]


def key_of(segment: pool.Segment) -> bytes:
    return pool.effective_key(SECRET, segment.segment_id, "draw 2026001: 01 02 03")


@pytest.fixture(scope="module")
def ordinary():
    return pool.open_segment(
        "B-A-2026", PlateKind.SMALL, "鲁B", "LDDDD", letters="A", reserved_patterns=RESERVED
    )


@given(st.integers(1, 3000), st.binary(min_size=32, max_size=32))
@settings(max_examples=25, deadline=None)
def test_the_permutation_is_a_bijection_of_any_size(size, key):
    walk = pool.permutation(key, size)
    images = [walk(place) for place in range(size)]
    assert sorted(images) == list(range(size))
    assert all(walk.inverse(images[place]) == place for place in range(0, size, 97))


@given(st.integers(1, 10**9), st.data())
def test_every_step_can_be_undone_in_large_segments_too(size, data):
    place = data.draw(st.integers(0, size - 1))
    walk = pool.permutation(SECRET, size)
    assert 0 <= walk(place) < size
    assert walk.inverse(walk(place)) == place


def test_positions_outside_the_segment_are_refused():
    walk = pool.permutation(SECRET, 10)
    for outside in (-1, 10):
        with pytest.raises(ValueError, match="no position"):
            walk(outside)
        with pytest.raises(ValueError, match="no position"):
            walk.inverse(outside)
    with pytest.raises(ValueError, match="empty"):
        pool.permutation(SECRET, 0)


@given(st.integers(1, 20_000))
def test_lanes_share_out_every_position_exactly_once(size):
    dealt = [
        place
        for counter in range(pool.lanes(size))
        for place in pool.positions(counter, 0, pool.lane_length(counter, size), size)
    ]
    assert sorted(dealt) == list(range(size))


def test_blocks_of_all_counters_are_disjoint_until_a_lane_is_through(ordinary):
    size = ordinary.size
    assert pool.lanes(size) == 16
    seen: set[int] = set()
    for counter in range(16):
        for start in range(0, pool.lane_length(counter, size) - 9, 10):
            block = pool.positions(counter, start, 10, size)
            assert pool.lap(counter, start, 10, size) == 0
            assert not seen & set(block)
            seen |= set(block)


def test_a_lane_starts_again_and_says_so():
    assert pool.positions(0, 8, 4, 10) == [8, 9, 0, 1]
    assert pool.lap(0, 6, 4, 10) == 0
    assert pool.lap(0, 8, 4, 10) == 1
    assert pool.lap(0, 20, 4, 10) == 2
    assert pool.positions(0, 3, 99, 10) == [3, 4, 5, 6, 7, 8, 9, 0, 1, 2]
    assert pool.positions(0, 5, 0, 10) == []
    with pytest.raises(ValueError, match="counter 1 of 1"):
        pool.positions(1, 0, 1, 10)


def test_a_segment_deals_each_of_its_numbers_once_and_no_reserved_one(ordinary):
    key = key_of(ordinary)
    dealt = []
    for counter in range(pool.lanes(ordinary.size)):
        length = pool.lane_length(counter, ordinary.size)
        dealt += pool.deal(ordinary, key, counter, 0, length)
    assert len(dealt) == len(set(dealt)) == ordinary.size
    assert ordinary.size + len(ordinary.skips) == 10_000
    assert not any("444" in each or "1112" in each for each in dealt)
    for number in dealt:
        plate = plates.read(number, issuing=("鲁B",))
        assert plate is not None
        assert PlateKind.SMALL in plate.kinds
    assert pool.deal(ordinary, key, 3, 40, 10) == pool.deal(ordinary, key, 3, 40, 10)


@pytest.mark.parametrize(
    ("kind", "pattern", "letters"),
    [
        *((PlateKind.SMALL, pattern, "ABCD") for pattern in plates.ORDINARY_PATTERNS),
        (PlateKind.SMALL_NEW_ENERGY, "LADDDD", "D"),
        (PlateKind.SMALL_NEW_ENERGY, "LADDDD", "FG"),
        (PlateKind.LARGE_NEW_ENERGY, "DDDDDL", "D"),
    ],
)
@given(start=st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_every_number_dealt_is_possible_as_its_kind(kind, pattern, letters, start):
    segment = pool.open_segment("any", kind, "鲁U", pattern, letters=letters)
    for number in pool.deal(segment, key_of(segment), start % 16, start, 10):
        plate = plates.read(number, issuing=("鲁U",))
        assert plate is not None
        assert kind in plate.kinds
        place = pool.place_of(segment, number)
        assert place is not None
        assert pool.number_at(segment, place) == number


def test_place_and_number_are_each_other_s_inverse(ordinary):
    numbers = [pool.number_at(ordinary, nth) for nth in range(ordinary.size)]
    assert [pool.place_of(ordinary, each) for each in numbers] == list(range(ordinary.size))
    assert numbers[0] == "鲁BA0010"
    for foreign in ("鲁BA0000", "鲁BB0010", "鲁UA0010", "鲁BA001", ""):
        assert pool.place_of(ordinary, foreign) is None
    with pytest.raises(ValueError, match="no number"):
        pool.number_at(ordinary, ordinary.size)


def test_the_capacity_of_an_issuing_letter():
    ordinary = sum(
        pool.Segment("x", PlateKind.SMALL, "鲁B", _slots(pattern)).size
        for pattern in plates.ORDINARY_PATTERNS
    )
    assert ordinary == 7_060_000
    small = pool.Segment(
        "x", PlateKind.SMALL_NEW_ENERGY, "鲁B", ("DABCE", _ANY, *(plates.DIGITS,) * 4)
    )
    assert small.size == 1_700_000


_ANY = plates.DIGITS + plates.LETTERS


def _slots(pattern: str) -> tuple[str, ...]:
    return tuple(plates.DIGITS if slot == "D" else plates.LETTERS for slot in pattern)


def test_reserved_patterns_keep_their_own_groups():
    slots = (plates.DIGITS,) * 4
    skips = pool.reserved(slots, (r"(\d)(\d)\1\2", r"(\d)\1\1"))
    found = {f"{index:04d}" for index in skips}
    assert {"1212", "1110", "0001", "7777"} <= found
    assert "1221" not in found
    assert pool.reserved(slots, ()) == ()


@given(st.sets(st.integers(0, 10**7)))
def test_reserved_indices_are_kept_small_and_whole(found):
    skips = sorted(found)
    assert pool.unpacked(pool.packed(skips)) == tuple(skips)
    assert len(pool.packed(skips)) <= 4 * len(skips)


def test_the_key_depends_on_secret_segment_and_public_randomness():
    keys = {
        pool.effective_key(SECRET, "a", "1"),
        pool.effective_key(SECRET, "b", "1"),
        pool.effective_key(SECRET, "a", "2"),
        pool.effective_key(bytes(32), "a", "1"),
    }
    assert len(keys) == 4
    with pytest.raises(ValueError, match="32 bytes"):
        pool.effective_key(b"short", "a", "1")


@pytest.mark.parametrize(
    ("free", "rate", "k"),
    [(10_000, 1.0, 10), (900, 1.0, 10), (450, 1.0, 5), (60, 5.0, 1), (0, 1.0, 1)],
)
def test_offers_shrink_when_demand_outruns_supply(free, rate, k):
    assert pool.batch_size(10, free=free, offers_per_second=rate, hold_seconds=90) == k


def test_an_idle_pool_gives_what_is_wanted():
    assert pool.batch_size(10, free=0, offers_per_second=0.0, hold_seconds=90) == 10


def test_low_and_high_numbers_come_alike_at_every_place_of_a_lane(ordinary):
    # First picks must not be better than later ones: each decile of positions is spread evenly.
    walk = pool.permutation(key_of(ordinary), ordinary.size)
    tenth = ordinary.size // 10
    for decile in range(10):
        images = [walk(place) for place in range(decile * tenth, (decile + 1) * tenth)]
        buckets = [0] * 10
        for image in images:
            buckets[min(9, image // tenth)] += 1
        expected = tenth / 10
        # Chi-square with 9 degrees of freedom: 27.9 is passed once in a thousand.
        assert sum((seen - expected) ** 2 / expected for seen in buckets) < 27.9


@pytest.fixture
def published(ordinary, tmp_path):
    release = {
        "segment_id": ordinary.segment_id,
        "plate_kind": "02",
        "prefix": "鲁B",
        "pattern": "LDDDD",
        "letters": "A",
        "reserved_patterns": RESERVED,
        "commitment": pool.commitment(SECRET),
        "randomness": "draw 2026001: 01 02 03",
        "secret": SECRET.hex(),
    }
    deals = [
        {
            "counter": counter,
            "start": start,
            "k": 10,
            "numbers": pool.deal(ordinary, key_of(ordinary), counter, start, 10),
        }
        for start in (0, 10, 20)
        for counter in (0, 5, 15)
    ]

    def run(release=release, deals=deals):
        paths = tmp_path / "release.json", tmp_path / "deals.jsonl"
        paths[0].write_text(json.dumps(release), "utf-8")
        paths[1].write_text("\n".join(json.dumps(each) for each in deals), "utf-8")
        # Without site packages: recomputing deals takes a bare Python.
        command = [sys.executable, "-S", "-m", "verifier", "draws", str(tmp_path)]
        done = subprocess.run(
            command, cwd=ROOT, env={"PYTHONUTF8": "1"}, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout

    return release, deals, run


def test_an_honest_log_is_found_right(published):
    _, _, run = published
    status, said = run()
    assert (status, said.startswith("GOOD  9 deals")) == (0, True)
    assert "0 more were shown to nobody" in said


def _swapped(deals):
    deals[4]["numbers"][0], deals[4]["numbers"][1] = deals[4]["numbers"][1], deals[4]["numbers"][0]


def _replaced(deals):
    deals[4]["numbers"][0] = "鲁BA8688"


def _moved(deals):
    deals[4]["start"] += 1


def _shortened(deals):
    deals[4]["numbers"].pop()


def _given_away(deals):
    deals[4]["counter"] = 6


@pytest.mark.parametrize("tamper", [_swapped, _replaced, _moved, _shortened, _given_away])
def test_a_changed_deal_is_named_by_its_line(published, tamper):
    _, deals, run = published
    copy = json.loads(json.dumps(deals))
    tamper(copy)
    status, said = run(deals=copy)
    assert (status, "line 5" in said) == (1, True), said


def test_a_hidden_deal_and_one_dealt_twice_are_seen(published):
    _, deals, run = published
    status, said = run(deals=deals[:4] + deals[5:])
    assert (status, "a deal is missing" in said) == (1, True), said
    status, said = run(deals=[*deals, deals[4]])
    assert (status, "dealt twice" in said) == (1, True), said


def test_a_deal_left_out_at_the_end_is_seen_by_the_counters(published):
    release, deals, run = published
    closed = {**release, "dealt": {"0": 30, "5": 30, "15": 30}}
    assert run(release=closed)[0] == 0
    status, said = run(release=closed, deals=deals[:-1])
    assert (status, "counter 15 stood at 30, the log ends at 20" in said) == (1, True), said
    assert run(release={**closed, "dealt": {**closed["dealt"], "3": 10}})[0] == 1


def test_a_range_shown_to_nobody_is_counted(published):
    _, deals, run = published
    status, said = run(deals=[*deals[:-1], {**deals[-1], "numbers": None}])
    assert (status, "8 deals" in said, "1 more" in said) == (0, True, True), said


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("secret", bytes(32).hex()),
        ("commitment", "0" * 64),
        ("randomness", "another draw"),
        ("segment_id", "another"),
        ("reserved_patterns", []),
        ("letters", "B"),
    ],
)
def test_another_key_or_segment_is_seen(published, field, value):
    release, _, run = published
    assert run(release={**release, field: value})[0] == 1


def test_files_that_cannot_be_read_are_told_apart(published):
    release, _, run = published
    assert run(release={})[0] == 2
    assert run(release={**release, "secret": "no hex"})[0] == 2
