"""Messages and questions: what each becomes, and that no person gets into a fact."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chepai.domain.facts import FactKind, parse_subject
from chepai.edge.ids import derived_id
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
from chepai.partners.directory import HOOKS, USUAL
from chepai.partners.message import Envelope, Question, envelope, told
from chepai.partners.questions import BY_PARTNER_KIND, BY_TYPE, question

MODULES = (
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
VIN = "LZWADAGA1SB000123"
APP, REQ = derived_id("app", 1), derived_id("req", 1)
NAMES = [
    "欧阳𠮷",
    "买买提·热合曼",
    "阿卜杜热合曼·阿卜杜拉·买买提伊明·吐尔逊·艾合买提江·沙迪克",
    "㛃",
]


def blind(field: str, text: str) -> str:
    return f"{field}:{len(text):064d}"


def sent(type_: str, data: dict, at: str = "2026-09-01T10:00:00+08:00") -> dict:
    return {"type": type_, "timestamp": at, "data": data}


def test_types_are_stable_words_of_two_parts_and_none_is_taken_twice():
    types = [type_ for module in MODULES for type_ in module.MESSAGES]
    assert len(types) == len(set(types))
    assert all(type_.count(".") == 1 for type_ in [*types, *BY_TYPE])


def test_every_kind_that_is_asked_has_a_hook_and_somebody_who_answers():
    assert set(BY_PARTNER_KIND) <= set(HOOKS)
    assert set(USUAL) | {"manufacturer"} >= set(BY_PARTNER_KIND)


def test_a_question_that_needs_personal_fields_says_what_for():
    for model in BY_TYPE.values():
        assert bool(model.FIELDS) == bool(model.PURPOSE), model.TYPE


@pytest.mark.parametrize("name", NAMES)
def test_names_pass_unharmed_and_leave_no_trace(name):
    person = {"id_number": "370200199003070019", "name": name, "phone": "13800138000"}
    said = told(
        police.MESSAGES,
        sent("identity.verified", {
            "person_id": derived_id("per", 1), "reference": "r", "result": "MATCH",
            "method": "ID_CHIP", "alive": True, "identified": person,
        }),
        "police-qingdao",
        blind,
    )  # fmt: skip
    assert said.person is not None
    assert said.person.fields["name"] == name
    kept = json.dumps(dict(said.says), ensure_ascii=False)
    assert name not in kept
    assert person["id_number"] not in kept
    assert person["phone"] not in kept


def test_a_passport_has_no_year_of_birth_in_it():
    person = {"id_number": "E12345678", "name": "ANNA MÜLLER"}
    said = told(
        police.MESSAGES,
        sent("identity.verified", {
            "person_id": derived_id("per", 1), "reference": "r", "result": "MATCH",
            "method": "COUNTER", "alive": True, "identified": person,
        }),
        "police-qingdao",
        blind,
    )  # fmt: skip
    assert said.says["born"] is None


def test_the_moment_is_kept_in_utc_and_needs_a_zone():
    data = {"vin": VIN, "flags": ["G", "Q", "G"]}
    said = told(police.MESSAGES, sent("vehicle_status.answered", data), "p", blind)
    assert said.occurred_at == datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
    assert said.says["flags"] == ["G", "Q"]
    assert said.vin == VIN
    for at in ("2026-09-01T10:00:00", "2026-09-01", "1788228000", "2026-13-01T10:00:00Z", "now"):
        with pytest.raises(ValidationError):
            told(police.MESSAGES, sent("vehicle_status.answered", data, at), "p", blind)


def test_a_type_of_another_partner_is_unknown():
    with pytest.raises(LookupError):
        told(tax.MESSAGES, sent("vehicle_status.answered", {"vin": VIN}), "tax", blind)


def test_a_reversed_invoice_states_everything_again():
    data = {
        "invoice_no": "137022322101/00012345", "form": "LEGACY", "kind": "NEW_VEHICLE",
        "buyer": {"id_number": "370200199003070019", "name": "王沙盒"}, "vin": VIN,
        "certificate_no": "WAN048173322134", "price_fen": 1, "seller_uscc": "91370200MA3TXK003T",
        "issued_on": "2026-08-01", "valid_until": "2026-10-01T00:00:00Z", "reply_to": REQ,
    }  # fmt: skip
    said = told(tax.MESSAGES, sent("invoice.reversed", data), "tax-qingdao", blind)
    assert (said.kind, said.says["status"]) == (FactKind.INVOICE, "REVERSED")
    assert {"buyer", "reply_to", "valid_until"}.isdisjoint(said.says)
    assert said.reply_to == REQ
    assert said.valid_until == datetime(2026, 10, 1, tzinfo=UTC)


def test_a_question_gets_what_it_declares_and_nothing_else():
    refs = {"order_no": "o1", "parcel": "ALL", "person_id": derived_id("per", 1), "vin": VIN}
    personal = {"name": NAMES[0], "phone": "13800138000", "address": "青岛"}
    asked = question(
        "parcel.ordered", request_id=REQ, application_id=APP, refs=refs, personal=personal
    )
    assert set(asked.model_dump()) == {
        "request_id", "application_id", "order_no", "parcel", "name", "phone", "address",
    }  # fmt: skip
    with pytest.raises(ValidationError):
        question("parcel.ordered", request_id=REQ, application_id=APP, refs=refs, personal={})


def test_identifiers_of_the_application_stay_home_where_they_are_not_needed():
    asked = question(
        "invoice.asked", request_id=REQ, application_id=APP, refs={"vin": VIN}, personal={}
    )
    assert APP not in asked.model_dump_json()


@pytest.mark.parametrize("model", BY_TYPE.values(), ids=lambda model: model.TYPE)
def test_every_question_reads_back_as_it_was_written(model: type[Question]):
    refs = {
        "vin": VIN, "model": "SBX7150A", "payment_id": derived_id("pay", 1), "amount_fen": 100,
        "paid_fen": 100, "method": "CASH", "receipt_no": "20261124-1",
        "plate_no": "鲁B12345", "plate_kind": "02", "order_no": "o-1",
        "certificate_no": "WAN048173322134", "old_certificate_no": "370000000001",
        "papers": "ALL", "parcel": "PLATES", "message_id": derived_id("msg", 1),
        "template": "registered", "values": {"plate_no": "鲁B12345"}, "about": f"vin#{VIN}",
        "message_type": "invoice.issued", "reason": "F06-BUYER", "due_on": "2026-09-08",
        "cancelled": REQ, "person_id": derived_id("per", 1), "overdue": REQ, "step": "REMIND",
        "day": "2026-09-08", "page": "1",
    }  # fmt: skip
    whole = {"name": NAMES[1], "id_number": "370200199003070019", "phone": "13800138000",
             "address": "青岛"}  # fmt: skip
    asked = question(
        model.TYPE,
        request_id=REQ,
        application_id=APP,
        refs=refs,
        personal={name: whole[name] for name in model.FIELDS},
    )
    message = envelope(model.TYPE, datetime.now(UTC), asked)
    read = Envelope.model_validate(json.loads(json.dumps(message)))
    assert BY_TYPE[read.type].model_validate(read.data) == asked


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@given(
    module=st.sampled_from(MODULES),
    data=st.data(),
)
def test_whatever_the_words_they_are_understood_or_refused(module, data):
    type_ = data.draw(st.sampled_from(sorted(module.MESSAGES)))
    names = st.sampled_from(sorted(module.MESSAGES[type_].model_fields))
    words = data.draw(st.dictionaries(names | st.text(max_size=5), json_values))
    try:
        said = told(module.MESSAGES, sent(type_, words), "partner", blind)
    except ValidationError:
        return
    parse_subject(said.subject)
