"""Numbers and money: declined, lost on the way back, not paid at all, paid and withdrawn."""

from infra.local.scenarios.owner import Owner
from infra.local.scenarios.stage import Scenario, Stage
from infra.local.scenarios.wire import Refused


def declined_then_paid(stage: Stage) -> str:
    owner = Owner(stage, stage.sandbox.car(script={"payment": {"decline_first": 1}}))
    owner.registers()
    number = owner.reaches("awaiting_fee")["number"]
    stage.check("the bank declines", owner.pays() == "DECLINED")
    case = owner.case()
    stage.check("the case waits for the fee as before", case["status"] == "awaiting_fee")
    stage.check("the number is kept", case["number"] == number)
    stage.check("the bank takes it the second time", owner.pays() == "PAID")
    return str(owner.reaches("closed")["status"])


def callback_lost(stage: Stage) -> str:
    """The owner has paid and the gateway's word never comes: we ask it ourselves."""
    owner = Owner(stage, stage.sandbox.car(script={"payment": {"lose_callback": True}}))
    owner.registers()
    owner.reaches("awaiting_fee")
    stage.check("the bank takes the money", owner.pays() == "PAID")
    case = owner.reaches("accepted", "approved", "registering", "registered", "in_production",
                         "dispatched", "closed", going_on=False)  # fmt: skip
    stage.check("the fee was found without the callback", case["fee_state"] == "captured")
    return str(owner.reaches("closed")["status"])


def hold_lapses(stage: Stage) -> str:
    """A number is chosen and the fee never paid: the number goes back, the chance is used."""
    owner = Owner(stage, stage.sandbox.car())
    owner.registers()
    number = owner.reaches("awaiting_fee")["number"]
    case = owner.reaches("expired", going_on=False)
    codes = [each["code"] for each in case["reasons"]]
    stage.check("the reason is the unpaid fee", codes == ["A02-EXPIRED"], codes)
    stage.check("the number was freed", "number" not in case, number)
    stage.check("nothing was paid", case.get("fee_state") in {None, "cancelled"})
    owner.registers()
    owner.reaches("awaiting_owner", going_on=False)
    try:
        owner.offered()
        barred = ""
    except Refused as no:
        barred = no.code
    stage.check("who let a number lapse cannot choose online for a time", barred == "VR-407")
    return str(case["status"])


def withdrawn(stage: Stage) -> str:
    """The owner thinks again after paying; until the register is asked, all is undone."""
    # The police take their time, so that there is a moment between fee and registration.
    owner = Owner(stage, stage.sandbox.car())
    owner.registers()
    owner.reaches("awaiting_fee")
    stage.sandbox.partners_behave(owner.car, police={"delay": 25})
    owner.pays()
    owner.reaches("accepted", "reviewing", "approved", going_on=False)
    owner.withdraws()
    case = owner.reaches("withdrawn")
    stage.check("the fee was refunded", case["fee_state"] == "refunded", case["fee_state"])
    stage.check("the number was freed", "number" not in case, case.get("number"))
    stage.check("no car was registered", owner.vehicles() == [])
    stage.sandbox.partners_behave(owner.car, police={"delay": 1})
    owner.registers()
    again = owner.reaches("awaiting_owner", going_on=False)
    stage.check("the car can be applied for again", again["status"] == "awaiting_owner")
    return str(case["status"])


SCENARIOS = (
    Scenario("declined-then-paid", "closed", declined_then_paid),
    Scenario("callback-lost", "closed", callback_lost),
    Scenario("hold-lapses", "expired", hold_lapses, hasty=True),
    Scenario("withdrawn", "withdrawn", withdrawn),
)
