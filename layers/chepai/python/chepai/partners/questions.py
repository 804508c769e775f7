"""Every question we may send, by its type: what it needs, for which purpose, and its words."""

from collections.abc import Mapping
from typing import Any

from chepai.partners import (
    announcement,
    courier,
    insurer,
    lender,
    manufacturer,
    message_gateway,
    national_register,
    payment_gateway,
    plate_maker,
    police,
    tax,
)
from chepai.partners.message import (
    AnswerOverdue,
    DataErrorReported,
    Person,
    Question,
    RequestCancelled,
)

BY_PARTNER_KIND: Mapping[str, tuple[type[Question], ...]] = {
    "manufacturer": manufacturer.QUESTIONS,
    "announcement": announcement.QUESTIONS,
    "tax": tax.QUESTIONS,
    "insurer": insurer.QUESTIONS,
    "police": police.QUESTIONS,
    "lender": lender.QUESTIONS,
    "payment": payment_gateway.QUESTIONS,
    "plate_maker": plate_maker.QUESTIONS,
    "print_room": plate_maker.QUESTIONS,
    "courier": courier.QUESTIONS,
    "message_gateway": message_gateway.QUESTIONS,
    "register": national_register.QUESTIONS,
}
TO_ALL: tuple[type[Question], ...] = (DataErrorReported, RequestCancelled, AnswerOverdue)
BY_TYPE: Mapping[str, type[Question]] = {
    model.TYPE: model for models in (*BY_PARTNER_KIND.values(), TO_ALL) for model in models
}


ENVELOPE = frozenset({"request_id"})
"""What is in every question and tells nothing of anybody."""


def sent_by(model: type[Question]) -> frozenset[str]:
    """The fields that a question tells its partner."""
    return frozenset(model.model_fields) - ENVELOPE


def question(
    question_type: str,
    *,
    request_id: str,
    application_id: str,
    refs: Mapping[str, Any],
    personal: Mapping[str, str],
) -> Question:
    """The data of a question, from identifiers and the personal fields it declares.

    `application_id` goes only to those whose question has a place for it. Raises pydantic's
    ValidationError when something is missing: a fault of ours, told before anything is sent.
    """
    model = BY_TYPE[question_type]
    words: dict[str, Any] = {"request_id": request_id, **refs}
    if "application_id" in model.model_fields:
        words["application_id"] = application_id
    if "person" in model.model_fields:
        words["person"] = Person.model_validate(dict(personal))
    else:
        words |= personal
    words = {name: words[name] for name in words if name in model.model_fields}
    return model.model_validate(words)
