"""A new car with nothing in the way: what every other story leaves out to tell its own."""

import re

from infra.local.scenarios.owner import Owner
from infra.local.scenarios.stage import Scenario, Stage

SMALL = re.compile(r"鲁[BU]·?[0-9A-HJ-NP-Z]{5}")
NEW_ENERGY = re.compile(r"鲁[BU]·?D[0-9]{5}")


# Some agencies take their time, so that one sees who is asked and who has answered.
UNHURRIED = {"manufacturer": {"delay": 4}, "announcement": {"delay": 6}, "insurer": {"delay": 8}}


def petrol(stage: Stage) -> str:
    return _whole_way(stage, Owner(stage, stage.sandbox.car(script=UNHURRIED)), SMALL)


def electric(stage: Stage) -> str:
    owner = Owner(stage, stage.sandbox.car(maker="byd", energy="PURE_ELECTRIC"))
    return _whole_way(stage, owner, NEW_ENERGY)


def _whole_way(stage: Stage, owner: Owner, plate: re.Pattern[str]) -> str:
    owner.registers()
    before = owner.reaches("awaiting_owner")
    facts = before["confirmation"]["facts"]
    stage.check("the owner confirms what agencies said", {"F03", "F06", "F07"} <= facts.keys())
    case = owner.reaches("closed")
    stage.check("the number is one of the city's", bool(plate.fullmatch(case["number"])))
    stage.check("the fee is paid, and no more than the list says", case["fee_fen"] == 14_000)
    stage.check("a certificate was issued", bool(case["certificate_no"]))
    progress = owner.progress()
    delivered = [each["state"] for each in progress["parcels"]]
    stage.check("plates and papers were delivered", delivered == ["DELIVERED"], delivered)
    vehicles = owner.vehicles()
    stage.check("the owner has one registered car", len(vehicles) == 1, len(vehicles))
    stage.check("it bears the number chosen", vehicles[0]["number"] == case["number"])
    return str(case["status"])


SCENARIOS = (
    Scenario("new-car", "closed", petrol),
    Scenario("new-energy", "closed", electric),
)
