"""At a counter: nobody needs a phone, a text message or a bank's app to register a car."""

from typing import Any

from chepai_sandbox import synthetic
from infra.local.scenarios.counter import Desk, Served
from infra.local.scenarios.owner import Case
from infra.local.scenarios.staff import Staff
from infra.local.scenarios.stage import Scenario, Stage
from infra.local.scenarios.wire import Refused


def elder(stage: Stage) -> str:
    car = stage.sandbox.car(person=_somebody_old())
    who = Served(stage, car)
    first = Desk(stage, "sta_counter_1", "vmo-main")
    session = first.opens(car.person_id, aids=["LARGE_PRINT", "READ_ALOUD"])
    stage.check("the desk knows that somebody old sits there", session["person"]["elder"])
    who.sits_at(first, session)
    # No texts: what there is to tell comes by post.
    who.registers(notice_by="LETTER")
    waiting = who.reaches("awaiting_owner", going_on=False)
    _unread_is_unsigned(stage, who, waiting)
    who.signs()
    offered = who.offered()
    who.chooses(offered[0])
    who.reaches("awaiting_fee", going_on=False)
    who.pays()
    code = who.counter_code()
    stage.tell(f"the printed slip has the code {code}")

    closed = first.closes(session)
    stage.check("minutes are measured", closed["minutes"] >= 1, closed["minutes"])
    stage.check("a session that is closed opens nothing", _refused(who) == "VR-220")
    _hears_the_same(stage, who)

    second = Desk(stage, "sta_counter_2", "station-east")
    again = second.opens(car.person_id, code=code)
    stage.check("the code opens the same case", again["application_id"] == who.application_id)
    who.sits_at(second, again)
    case = who.reaches("closed")
    stage.check("nothing was entered twice", case["number"] == offered[0], case["number"])
    vehicles = who.vehicles()
    stage.check("the car is registered", vehicles[0]["number"] == case["number"])
    second.closes(again)
    _both_are_named(stage, who, first)
    _cash_agrees(stage, who, first)
    return str(case["status"])


def _somebody_old() -> dict[str, str]:
    return {"id_number": synthetic.id_number("19480315")}


def _unread_is_unsigned(stage: Stage, who: Served, waiting: Case) -> None:
    digest = waiting["confirmation"]["digest"]
    path = f"/v1/applications/{who.application_id}/signature"
    try:
        who.wire.post(path, {"digest": digest, "declared_true": True})
    except Refused as no:
        stage.check("what was not read out cannot be signed", no.code == "VR-223", no.code)
    else:
        stage.check("what was not read out cannot be signed", holds=False)


def _refused(who: Served) -> str:
    try:
        who.case()
    except Refused as no:
        return no.code
    return ""


def _hears_the_same(stage: Stage, who: Served) -> None:
    """Somebody calls: the agent reads out what the citizen's own page says."""
    spoken = who.application_id[-6:]
    agent = Staff(stage, "hotline")
    asked = {"case": spoken, "id_number": who.car.person["id_number"]}
    own = stage.wire.signed_in(stage.sandbox.citizen_token(who.car.person_id))

    def told() -> tuple[Any, Any]:
        heard = agent.wire.post("/v1/staff/lookups", asked)
        page = own.get(f"/v1/applications/{heard['application_id']}/progress")
        return heard, page

    heard, page = told()
    if heard["status"] != page["status"]:
        # It moved on between the two questions.
        heard, page = told()
    same = all(heard[each] == page[each] for each in ("status_text", "standing", "holder_text"))
    stage.check("who calls hears the sentence of their own page", same)
    stage.check("masked", who.car.vin not in str(heard) and heard["vin_masked"][-6:] in who.car.vin)


def _both_are_named(stage: Stage, who: Served, first: Desk) -> None:
    history = Staff(stage, "reviewer").history(who.application_id)
    acts = {each["act"]: each["actor"] for each in history}
    wanted = {"submitted", "signed", "number_chosen", "fee_ordered", "fee_taken"}
    stage.check("each act is in the ledger", wanted <= acts.keys(), sorted(acts))
    both = {(acts[each]["role"], acts[each]["id"], acts[each].get("for")) for each in wanted}
    seen = sorted(map(str, both))
    stage.check("with both names", both == {("clerk", first.named, who.car.person_id)}, seen)


def _cash_agrees(stage: Stage, who: Served, desk: Desk) -> None:
    """In the evening: receipts, till and treasury."""
    receipt = who.receipts[0]

    def confirmed() -> Case | None:
        seen = desk.day()
        mine = [each for each in seen["receipts"] if each["receipt_no"] == receipt["receipt_no"]]
        return seen if mine and mine[0]["confirmed"] else None

    seen = stage.until("the treasury confirms the cash", confirmed)
    counted = desk.counts(seen["day"], seen["cash_fen"])
    stage.check("the till agrees with the receipts", counted["difference_fen"] == 0)


SCENARIOS = (Scenario("elder-at-counter", "closed", elder),)
