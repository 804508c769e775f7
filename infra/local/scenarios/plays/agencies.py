"""What agencies say late, wrongly, or otherwise than before."""

from chepai_sandbox import synthetic
from infra.local.scenarios.owner import Owner
from infra.local.scenarios.sandbox import Car
from infra.local.scenarios.staff import Staff
from infra.local.scenarios.stage import Scenario, Stage
from infra.local.scenarios.wire import Refused

INVOICE = "invoice.issued"


def late_tax(stage: Stage) -> str:
    """The tax office says nothing for a while; then its answers drain by themselves."""
    owner = Owner(stage, stage.sandbox.car(withhold=["purchase_tax.settled"]))
    owner.registers()
    case = owner.reaches("awaiting_source")
    codes = [each["code"] for each in case["reasons"]]
    stage.check("only the purchase tax is missing", all(c.startswith("F07") for c in codes), codes)
    holder = owner.progress()["holder"]
    stage.check("the tax office holds the case", holder == "agency:tax", holder)
    stage.sandbox.happens(owner.car, "tax_paid")
    case = owner.reaches("awaiting_owner", going_on=False)
    stage.check("the case went on by itself", case["status"] == "awaiting_owner")
    return str(owner.reaches("closed")["status"])


def wrong_buyer(stage: Stage) -> str:
    """The invoice names somebody else; only who issued it can put that right."""
    owner = Owner(stage, _car_with_wrong_invoice(stage))
    owner.registers()
    case = owner.reaches("needs_correction")
    codes = [each["code"] for each in case["reasons"]]
    stage.check("the reason names the invoice's buyer", codes == ["F06-NAME"], codes)
    stage.check("the agency's fact cannot be edited", _refused_to_edit(owner))
    owner.disputes("F06", "buyer_name")
    case = owner.reaches("closed")
    facts = [e for e in owner.progress()["facts"] if e["kind"] == "F06"]
    stage.check("the corrected invoice matches", facts[0]["state"] == "matched")
    return str(case["status"])


def invoice_reversed(stage: Stage) -> str:
    """The dealer takes the invoice back after everything was verified."""
    owner = Owner(stage, stage.sandbox.car())
    owner.registers()
    owner.reaches("awaiting_owner")
    stage.sandbox.happens(owner.car, "invoice_reversed")
    case = owner.reaches("rejected")
    return _undone(stage, owner, case, "F06-REVERSED")


def stolen(stage: Stage) -> str:
    """The car is reported stolen when the fee is paid and the register not yet asked."""
    owner = Owner(stage, stage.sandbox.car())
    owner.registers()
    owner.reaches("awaiting_fee")
    # The answer about the car takes its time, the report of the theft does not: it comes first.
    stage.sandbox.partners_behave(owner.car, police={"delay": 20})
    owner.pays()
    owner.reaches("approved", going_on=True)
    stage.sandbox.partners_behave(owner.car, police={"delay": 1})
    stage.sandbox.happens(owner.car, "stolen")
    case = owner.reaches("rejected")
    return _undone(stage, owner, case, "F10-STOLEN")


def maker_not_connected(stage: Stage) -> str:
    """Nobody inspected the car at the factory: an inspector looks at it, with a recording."""
    owner = Owner(
        stage, stage.sandbox.car(maker="example-ocean", vin_prefix="LXA", connected=False)
    )
    owner.registers()
    owner.reaches("on_site_required")
    owner.books_inspection()
    inspector = Staff(stage, "inspector")
    seen = {"vin": owner.car.vin, "result": "PASSED", "inspector_no": "SBX-370200-07"}
    try:
        inspector.inspects(owner.application_id, **seen)
        refused = ""
    except Refused as no:
        refused = no.code
    stage.check("no inspection counts without its recording", refused == "VR-603", refused)
    inspector.inspects(owner.application_id, **seen, recording_no="SBX-REC-0007")
    return str(owner.reaches("closed")["status"])


def _car_with_wrong_invoice(stage: Stage) -> Car:
    number = synthetic.id_number("19880315")
    return stage.sandbox.car(
        person={"id_number": number, "name": "王沙盒"},
        facts={INVOICE: {"buyer": {"id_number": number, "name": "王沙合"}}},
    )


def _refused_to_edit(owner: Owner) -> bool:
    try:
        owner.corrects(buyer_name="王沙盒")
    except Refused as no:
        return no.status in {409, 422}
    return False


def _undone(stage: Stage, owner: Owner, case: dict[str, object], code: str) -> str:
    codes = [each["code"] for each in owner.case()["reasons"]]
    stage.check(f"the reason is {code}", code in codes, codes)
    stage.check("the fee was refunded", case["fee_state"] == "refunded", case["fee_state"])
    stage.check("the number was freed", "number" not in case, case.get("number"))
    stage.check("no car was registered", owner.vehicles() == [])
    return str(case["status"])


SCENARIOS = (
    Scenario("late-tax", "closed", late_tax, hasty=True),
    Scenario("wrong-buyer", "closed", wrong_buyer),
    Scenario("invoice-reversed", "rejected", invoice_reversed),
    Scenario("stolen", "rejected", stolen),
    Scenario("maker-not-connected", "closed", maker_not_connected),
)
