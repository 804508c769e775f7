"""From filing to the ordered fee, as the citizen's app calls it."""

from chepai.domain.facts import FactKind
from tests.functions.citizen.office import PERSON, VIN, Office


def test_a_citizen_files_signs_chooses_and_pays(office: Office) -> None:
    status, filed = office.call("register_new_car", body={"vin": VIN}, key="k1")
    assert status == 201
    assert filed["status"] == "verifying"
    assert filed["location"] == f"/v1/applications/{filed['application_id']}"
    case = {"application_id": filed["application_id"]}

    status, progress = office.call("read_progress", **case)
    assert status == 200
    assert progress["holder"] == "system"
    assert {row["kind"] for row in progress["facts"]} >= {"F01", "F06", "F10"}
    assert {row["state"] for row in progress["facts"] if row["kind"] == "F10"} == {"asked"}

    office.ready_to_choose(filed["application_id"])
    _, shown = office.call("read_application", **case)
    assert shown["confirmation"]["facts"]["F06"]["buyer_name_masked"] == "**娜"
    assert "buyer_blind" not in shown["confirmation"]["facts"]["F06"]

    digest = shown["confirmation"]["digest"]
    status, signed = office.call(
        "sign_application", body={"digest": digest, "declared_true": True}, **case
    )
    assert (status, signed["status"]) == (200, "awaiting_owner")

    status, offer = office.call("offer_numbers", **case)
    assert status == 200, offer
    assert len(set(offer["numbers"])) == 10
    assert office.call("offer_numbers", **case)[1]["numbers"] == offer["numbers"]

    status, chosen = office.call("choose_number", body={"number": offer["numbers"][3]}, **case)
    assert status == 200, chosen
    assert (chosen["status"], chosen["number"]) == ("awaiting_fee", offer["numbers"][3])
    ready = office.facts(f"application#{filed['application_id']}")[FactKind.OWNER_READY]
    assert (ready.says["result"], ready.partner) == ("READY", PERSON)

    assert office.call("order_payment", key="p1", **case)[1]["code"] == "VR-606"
    status, kept = office.call(
        "keep_delivery_address", body={"address": "山东省青岛市市南区示例路1号"}, **case
    )
    assert (status, kept["address_masked"]) == (200, "山东省青岛市******")
    status, order = office.call("order_payment", key="p1", **case)
    assert status == 201
    assert order["amount_fen"] == sum(line["amount_fen"] for line in order["lines"]) > 0
    sent = [m for m in office.city.rows_waiting("questions") if m["type"] == "payment.ordered"]
    assert [m["refs"]["amount_fen"] for m in sent] == [order["amount_fen"]]
    _, progress = office.call("read_progress", **case)
    assert progress["do_next"] == ["pay"]
