"""The pivot: the register is the authority, and what it has registered stays registered once."""

from infra.local.scenarios.owner import Owner
from infra.local.scenarios.staff import Staff
from infra.local.scenarios.stage import Scenario, Stage


def register_late(stage: Stage) -> str:
    """The register enters the car, its answer is lost: we query by our key and enter it once."""
    owner = Owner(stage, stage.sandbox.car(script={"register": {"lose_answer": True}}))
    owner.registers()
    case = owner.reaches("closed")
    entries = Staff(stage, "clerk").history(owner.application_id)
    acts = [each["act"] for each in entries]
    stage.check("the car was registered once", acts.count("registered") == 1, acts)
    vehicles = owner.vehicles()
    stage.check("the owner has one car", len(vehicles) == 1, len(vehicles))
    stage.check(
        "its certificate is the register's one",
        vehicles[0]["certificate_no"] == case["certificate_no"],
    )
    return str(case["status"])


SCENARIOS = (Scenario("register-late", "closed", register_late, hasty=True),)
