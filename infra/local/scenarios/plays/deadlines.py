"""Time that an agency has used up: it is chased, and the owner hears of it in advance."""

from typing import Any

from infra.local.scenarios.owner import Owner
from infra.local.scenarios.staff import Staff
from infra.local.scenarios.stage import Scenario, Stage

CHASED = ["reminder_sent", "supervisor_told", "delay_announced"]


def plates_late(stage: Stage) -> str:
    """The plate maker is late: a reminder, its superior, then an apology with a new date."""
    owner = Owner(stage, stage.sandbox.car(script={"plate_maker": {"delay": 40}}))
    owner.registers()
    owner.reaches("in_production")
    delay = stage.until("the delay is announced", lambda: owner.progress().get("delay"))
    seen = owner.progress()
    stage.check(
        "the new date is told while the plates are still being made",
        seen["status"] == "in_production" and delay["expected_on"] > seen["since"][:10],
        delay["expected_on"],
    )
    case = owner.reaches("closed")
    entries = Staff(stage, "clerk").history(owner.application_id)
    chased = [each for each in entries if each["act"] in CHASED]
    acts = [each["act"] for each in chased]
    stage.check("each step was taken once, in its order", acts == CHASED, acts)
    named: set[Any] = {each["now"]["party"] for each in chased}
    stage.check("the ledger names who was late", named == {"plate_maker"}, named)
    stage.check("nobody is told of a delay any more", owner.progress().get("delay") is None)
    return str(case["status"])


SCENARIOS = (Scenario("plates-late", "closed", plates_late, hasty=True),)
