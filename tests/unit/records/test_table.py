"""The verbs of a table: plain values in and out, and conditions that say what stood in the way."""

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from chepai.records.aws import client
from chepai.records.payments import Payments
from chepai.records.table import ConditionFailed, Table, TryAgain, pack, transact, unpack
from chepai.records.waits import Waits

plain = st.recursive(
    st.booleans() | st.integers(-(10**15), 10**15) | st.text(min_size=1) | st.binary(min_size=1),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)
ABSENT: tuple[object, ...] = (None, "", {}, [])


@given(st.dictionaries(st.text(min_size=1), plain | st.sampled_from(ABSENT)))
@settings(max_examples=150)
def test_what_is_kept_comes_back_and_what_is_empty_is_left_out(row: dict) -> None:
    assert unpack(pack(row)) == {name: value for name, value in row.items() if value not in ABSENT}


@pytest.fixture
def payments(records: None) -> Table:
    return Payments.from_env()


def test_a_put_says_which_row_stood_in_the_way(payments: Table) -> None:
    payments.put({"payment_id": "p", "n": 1}, when="attribute_not_exists(payment_id)")
    with pytest.raises(ConditionFailed) as stood:
        payments.put({"payment_id": "p", "n": 2}, when="attribute_not_exists(payment_id)")
    assert stood.value.found == [{"payment_id": "p", "n": 1}]
    assert payments.get({"payment_id": "p"}) == {"payment_id": "p", "n": 1}


def test_an_update_sets_adds_and_removes(payments: Table) -> None:
    key = {"payment_id": "p"}
    payments.update(key, sets={"state": "ordered", "note": "x"}, adds={"times": 2})
    row = payments.update(key, sets={"state": "paid", "note": None}, adds={"times": 3})
    assert row == {"payment_id": "p", "state": "paid", "times": 5}
    with pytest.raises(ConditionFailed):
        payments.update(key, sets={"note": "y"}, when="times > :most", most=5)


@pytest.mark.parametrize(
    "code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]
)
def test_a_transaction_cancelled_for_what_passes_may_be_tried_again(
    payments: Table, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    def cancelled(**_: object) -> None:
        response = {"Error": {"Code": "TransactionCanceledException"}}
        reasons = [{"Code": "None"}, {"Code": code}]
        raise ClientError(response | {"CancellationReasons": reasons}, "TransactWriteItems")

    monkeypatch.setattr(client("dynamodb"), "transact_write_items", cancelled)
    with pytest.raises(TryAgain):
        transact(payments.putting({"payment_id": "a"}, when="attribute_not_exists(payment_id)"))


def test_of_several_writes_all_happen_or_none(payments: Table) -> None:
    fresh = "attribute_not_exists(payment_id)"
    payments.put({"payment_id": "b", "n": 1}, when=fresh)
    with pytest.raises(ConditionFailed) as stood:
        transact(
            payments.putting({"payment_id": "a"}, when=fresh),
            payments.putting({"payment_id": "b"}, when=fresh),
        )
    assert stood.value.failed == [False, True]
    assert stood.value.found == [None, {"payment_id": "b", "n": 1}]
    assert payments.get({"payment_id": "a"}) is None
    transact(
        payments.putting({"payment_id": "a"}, when=fresh),
        payments.checking({"payment_id": "b"}, when="n = :n", n=1),
        payments.deleting({"payment_id": "c"}, when=fresh),
    )
    assert payments.get({"payment_id": "a"}) == {"payment_id": "a"}


def test_many_rows_come_page_by_page(records: None) -> None:
    waits = Waits.from_env()
    for n in range(130):
        waits.put({"awaited": "x", "waiter": f"{n:04d}"}, when="attribute_not_exists(waiter)")
    found = [row["waiter"] for row in waits.query("awaited = :a", {":a": "x"})]
    assert found == [f"{n:04d}" for n in range(130)]
    first = list(waits.query("awaited = :a", {":a": "x"}, limit=2, newest_first=True))
    assert [row["waiter"] for row in first] == ["0129", "0128"]
    keys = [{"awaited": "x", "waiter": f"{n:04d}"} for n in range(120, 240)]
    assert len(waits.get_many(keys)) == 10
