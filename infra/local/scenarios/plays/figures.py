"""What is counted of a case: from the sealed log to scoreboard, dashboard and public page."""

from typing import Any

from infra.local.scenarios.owner import Owner
from infra.local.scenarios.staff import Staff
from infra.local.scenarios.stage import Scenario, Stage

# Sealed within a minute and counted within another.
A_FEW_MINUTES = 300.0
# The status of a car is never known before: the police are asked for it each time.
SLOW = {"police": {"delay": 4}}
ASKED = ("maker", "industry", "insurer", "tax", "police", "register", "plate_maker", "print_room")
"""Every agency that a new car makes us ask; the courier's answer comes last."""


def counted(stage: Stage) -> str:
    operator = Staff(stage, "operator")
    before = operator.wire.get("/v1/staff/dashboard")
    owner = Owner(stage, stage.sandbox.car(script=SLOW))
    owner.registers()
    case = owner.reaches("closed")

    def told() -> dict[str, Any] | None:
        now: dict[str, Any] = operator.wire.get("/v1/staff/dashboard")
        return now if _handled(now) > _handled(before) else None

    after = stage.until("the case is counted", told, patience=A_FEW_MINUTES)
    errands = after["errands"]
    stage.check("nobody had to come", errands["zero_errand"] > before["errands"]["zero_errand"])
    stage.check("its plates took a time", after["time_to_plate"]["median_ms"] > 0)
    board = operator.wire.get("/v1/staff/scoreboard")
    agencies = {each["agency"]: each for each in board["agencies"]}
    unheard = [each for each in ASKED if not _heard(agencies.get(each, {}))]
    stage.check("every agency's word is counted, asked or told before", not unheard, unheard)
    status = next(each for each in agencies["police"]["kinds"] if each["kind"] == "F10")
    stage.check("one that takes its time is seen to", status["p95_ms"] > 3_500, status["p95_ms"])
    adds_up = all(map(_adds_up, agencies.values()))
    stage.check("each was asked no less than it answered", adds_up)
    public = stage.wire.get("/v1/city/figures")
    shown = [
        each[name]
        for each in public["services"] + public["agencies"]
        for name in ("cases", "asked", "known")
        if name in each
    ]
    few = [each for each in shown if each < public["small_number"]]
    stage.check("small numbers are kept from the public", not few, few)
    return str(case["status"])


def _handled(told: dict[str, Any]) -> int:
    return int(next(e["total"] for e in told["indicators"] if e["code"] == "services_handled"))


def _heard(agency: dict[str, Any]) -> int:
    return int(agency.get("answered", 0)) + int(agency.get("known", 0))


def _adds_up(agency: dict[str, Any]) -> bool:
    return bool(agency["asked"] >= agency["answered"] and agency["pending"] >= 0)


SCENARIOS = (Scenario("figures", "closed", counted),)
