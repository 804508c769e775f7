"""What is asked when no answer has come: never an act twice, and never only after an act."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from chepai.domain.facts import Fact, FactKind
from chepai.edge.asking_for import KNOWN_AGAIN, overdue
from chepai.edge.questions import Question

AT = datetime(2026, 5, 12, tzinfo=UTC)


def asked(type_: str) -> Question:
    return Question(kind="x", type=type_, request_id="req_1", message_id="msg_1")


def look(*deliveries: Fact, fee: tuple[Fact, ...] = ()) -> Any:
    """A case whose order is the first, and what couriers and the gateway said of it."""
    return SimpleNamespace(
        application=SimpleNamespace(order_no="app_1-1"),
        facts={FactKind.DELIVERY: deliveries, FactKind.FEE: fee},
    )


def collected(order_no: str) -> Fact:
    says = {"order_no": order_no, "waybill": "1", "state": "COLLECTED"}
    return Fact("application#app_1", FactKind.DELIVERY, 1, says, AT, AT, "ems", "msg_2", "k", "d")


@pytest.mark.parametrize("known", [look(), look(collected("app_1-0"))])
def test_an_order_of_which_nobody_has_said_a_word_is_given_again_as_it_was(known: Any) -> None:
    same, traced = overdue(asked("parcel.ordered"), 1, known)
    assert (same.type, same.message_id) == ("parcel.ordered", "msg_1")
    assert traced.type == "parcel.traced"
    assert traced.message_id != "msg_1"


def test_a_parcel_that_the_courier_has_is_only_traced() -> None:
    (traced,) = overdue(asked("parcel.ordered"), 1, look(collected("app_1-1")))
    assert traced.type == "parcel.traced"


def test_a_fee_of_which_the_gateway_knows_nothing_is_ordered_again_as_it_was() -> None:
    same, queried = overdue(asked("payment.ordered"), 1, look())
    assert (same.type, same.message_id) == ("payment.ordered", "msg_1")
    assert queried.type == "payment.queried"
    declined = collected("app_1-1")
    (queried,) = overdue(asked("payment.ordered"), 1, look(fee=(declined,)))
    assert queried.type == "payment.queried"


@pytest.mark.parametrize("type_", ["registration.asked", "replacement.asked"])
def test_what_must_not_happen_twice_is_only_asked_after(type_: str) -> None:
    (question,) = overdue(asked(type_), 1, look())
    assert question.type != type_
    assert type_ not in KNOWN_AGAIN


def test_a_plain_question_is_asked_again_as_another_message() -> None:
    (first,), (second,) = (overdue(asked("invoice.asked"), nth, look()) for nth in (1, 2))
    assert first.request_id == second.request_id == "req_1"
    assert len({"msg_1", first.message_id, second.message_id}) == 3
