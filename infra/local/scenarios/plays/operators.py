"""What operators find and mend: a case whose machine cannot go on by itself."""

from typing import Any

from infra.local.scenarios.owner import Owner
from infra.local.scenarios.staff import Staff
from infra.local.scenarios.stage import Scenario, Stage

ANOTHER_NUMBER = "鲁B00000"
ENTER, CLERK = "Enter the registration", "A clerk must look at this"


def operator_resumes(stage: Stage) -> str:
    """The register tells another number than ours: nothing is entered until somebody has looked."""
    wrong = {"vehicle.registered": {"plate_no": ANOTHER_NUMBER}}
    owner = Owner(stage, stage.sandbox.car(script={"register": {"wrong": wrong}}))
    owner.registers()
    owner.reaches("registering")
    operator = Staff(stage, "operator")
    found = stage.until(
        "an operator finds the case", lambda: _stuck(operator, owner.application_id)
    )
    stage.check("it is on a clerk's desk", found["holder"] == "clerk", found["holder"])
    seen = operator.machine(owner.application_id)
    went = {each["state"]: each["went"] for each in seen["visits"]}
    stage.check("the machine shows where it failed", went.get(ENTER) == "failed", went.get(ENTER))
    stage.check("its run ended there", CLERK in went and seen["runs"][0]["status"] == "FAILED")
    stage.check("no car was registered", owner.vehicles() == [])
    stage.sandbox.happens(owner.car, "registration_corrected")
    stage.until("the register has corrected itself", lambda: _corrected(operator, owner))
    (row,) = operator.operates("resume", "cause_mended", owner.application_id)
    stage.check("the next run goes on", (row["word"], row["run"]) == ("resumed", 2), row)
    case = owner.reaches("closed")
    stage.check("the number is the one chosen", owner.vehicles()[0]["number"] == case["number"])
    acts = [each["act"] for each in operator.history(owner.application_id)]
    stage.check("it was registered once", acts.count("registered") == 1, acts)
    return str(case["status"])


def _stuck(operator: Staff, application_id: str) -> dict[str, Any] | None:
    for each in operator.queue(only="stuck", limit="50")["cases"]:
        if each["application_id"] == application_id:
            found: dict[str, Any] = each
            return found
    return None


def _corrected(operator: Staff, owner: Owner) -> bool | None:
    told = operator.case(owner.application_id)["facts"]["A04"]["says"]
    return True if told["plate_no"] != ANOTHER_NUMBER else None


SCENARIOS = (Scenario("operator-resumes", "closed", operator_resumes),)
