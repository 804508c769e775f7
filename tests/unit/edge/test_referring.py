"""What people enter as the number of a paper stands in the ledger, so it names nobody."""

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from chepai.edge.delaying import Paper
from chepai.edge.findings import PartysAnswer, Report
from chepai.edge.recording import Inspection
from chepai.edge.referring import Reference
from chepai.edge.tracing import TraceAsked

PERSONAL = ["370202199003071516", "370202-370202199003071516", "13800138000", "T-13800138000"]


class Entered(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    reference: Reference


@pytest.mark.parametrize("text", ["QD-2026-11", "L-7", "370202199003071512", "2026/00013800138001"])
def test_the_number_of_a_paper_passes(text):
    assert Entered(reference=text).reference == text


@pytest.mark.parametrize("text", PERSONAL)
def test_a_number_of_a_person_does_not_and_is_not_repeated(text):
    with pytest.raises(ValidationError) as refused:
        Entered(reference=text)
    assert text not in str(refused.value)


@pytest.mark.parametrize("text", PERSONAL[:1])
def test_wherever_a_paper_is_named(text):
    case = {"application_id": "app_" + "7" * 26, "about": "SYSTEM"}
    trace = {"follow": "rule", "value": "R164-67", "purpose": "recheck"}
    for body, sent in (
        (Report, case | {"reference": text}),
        (PartysAnswer, {"stance": "DISPUTED", "reference": text, "version": 1}),
        (TraceAsked, trace | {"reference": text}),
        (Paper, {"authority": "COURT", "reference": text, "days": 1}),
        (Inspection, {"vin": "x", "result": "PASSED", "recording_no": text}),
        (Inspection, {"vin": "x", "result": "PASSED", "inspector_no": text}),
    ):
        with pytest.raises(ValidationError) as refused:
            body.model_validate(sent)
        assert [each["type"] for each in refused.value.errors()] == ["personal_data"], body
