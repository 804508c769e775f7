"""What is asked when no answer has come: never an act twice, and never only after an act."""

import pytest

from chepai.edge.asking_for import KNOWN_AGAIN, overdue
from chepai.edge.questions import Question


def asked(type_: str) -> Question:
    return Question(kind="x", type=type_, request_id="req_1", message_id="msg_1")


def test_an_order_that_nobody_took_is_given_again_under_its_own_message() -> None:
    same, traced = overdue(asked("parcel.ordered"), 1)
    assert (same.type, same.message_id) == ("parcel.ordered", "msg_1")
    assert traced.type == "parcel.traced"
    assert traced.message_id != "msg_1"


@pytest.mark.parametrize("type_", ["registration.asked", "replacement.asked", "payment.ordered"])
def test_what_must_not_happen_twice_is_only_asked_after(type_: str) -> None:
    (question,) = overdue(asked(type_), 1)
    assert question.type != type_
    assert type_ not in KNOWN_AGAIN


def test_a_plain_question_is_asked_again_as_another_message() -> None:
    first, second = overdue(asked("invoice.asked"), 1)[0], overdue(asked("invoice.asked"), 2)[0]
    assert first.request_id == second.request_id == "req_1"
    assert len({"msg_1", first.message_id, second.message_id}) == 3
