"""After registration there is only forward: made again, traced, kept, never undone."""

from infra.local.scenarios.owner import Owner
from infra.local.scenarios.staff import Staff
from infra.local.scenarios.stage import Scenario, Stage
from infra.local.scenarios.wire import Refused


def lost_parcel(stage: Stage) -> str:
    """The parcel is lost: plates and papers are made again, with the same number."""
    owner = Owner(stage, stage.sandbox.car(script={"courier": {"lost": 1}}))
    owner.registers()
    number = owner.reaches("in_production", "dispatched", "closed")["number"]
    case = owner.reaches("closed")
    stage.check("the number stayed the same", case["number"] == number)
    acts = [e["act"] for e in Staff(stage, "clerk").history(owner.application_id)]
    stage.check("the order was made twice", acts.count("ordered_again") == 1, acts)
    stage.check("and registered once", acts.count("registered") == 1, acts)
    return str(case["status"])


def returned_parcel(stage: Stage) -> str:
    """Nobody opened the door twice: the parcel waits at the counter for its owner."""
    owner = Owner(stage, stage.sandbox.car(script={"courier": {"returned": 1}}))
    owner.registers()
    number = owner.reaches("kept_for_pick_up")["number"]
    try:
        owner.withdraws()
        refused = ""
    except Refused as no:
        refused = f"{no.status} {no.code}"
    stage.check("after registration there is no way back", refused == "409 VR-304", refused)
    Staff(stage, "clerk").hands_over(owner.application_id)
    case = owner.reaches("closed")
    stage.check("the number stayed the same", case["number"] == number)
    return str(case["status"])


SCENARIOS = (
    Scenario("lost-parcel", "closed", lost_parcel),
    Scenario("returned-parcel", "closed", returned_parcel),
)
