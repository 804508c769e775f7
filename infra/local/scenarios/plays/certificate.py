"""The second service: the registration certificate made anew, for its owner in person."""

from infra.local.scenarios.owner import Owner
from infra.local.scenarios.stage import Scenario, Stage
from infra.local.scenarios.wire import Refused


def reissue(stage: Stage) -> str:
    owner = Owner(stage, stage.sandbox.car())
    owner.registers()
    first = owner.reaches("closed")
    owner.reissues(reason="LOST")
    case = owner.reaches("closed")
    stage.check("the new certificate has a new number",
                case["certificate_no"] != first["certificate_no"])  # fmt: skip
    vehicles = owner.vehicles()
    stage.check("the car is still one car", len(vehicles) == 1, len(vehicles))
    stage.check("the old certificate is void",
                vehicles[0]["certificate_no"] == case["certificate_no"])  # fmt: skip
    stage.check("the car keeps its number", vehicles[0]["number"] == first["number"])
    return str(case["status"])


def agent(stage: Stage) -> str:
    """Who acts for the owner is told at the door that only the owner may (R164 Art. 86)."""
    owner = Owner(stage, stage.sandbox.car())
    owner.registers()
    owner.reaches("closed")
    try:
        owner.reissues(reason="LOST", as_agent=True)
        refused = ""
    except Refused as no:
        refused = f"{no.status} {no.code}"
    stage.check("the agent is told that only the owner may", refused == "403 VR-309", refused)
    return "refused"


SCENARIOS = (
    Scenario("certificate", "closed", reissue),
    Scenario("agent", "refused", agent),
)
