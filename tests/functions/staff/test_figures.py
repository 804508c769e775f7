"""Figures as staff and everybody read them, and dead letters as an operator sends them again."""

import json
from datetime import timedelta
from typing import Any

import pytest

from chepai.domain.counting import Book, day_key, month_key
from chepai.domain.figures import bucket
from chepai.domain.periods import city_day
from chepai.edge.clock import now
from chepai.records.aws import client
from chepai.records.figures import Cursor, Figures
from tests.functions.staff.conftest import Desk


@pytest.fixture
def counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A city with a punctual tax office, a slow insurer and very few parcels."""
    desk.office.city.function("staff", "read_scoreboard")
    book, at = Book(lambda _: {}), now()
    day = city_day(at)
    tax = {"asked": 100, "answered": 100, bucket(2_000): 90, bucket(60_000): 10, "late": 1}
    book.add(day_key(day, "tax", "F06"), **tax)
    book.add(day_key(day, "tax", "F07"), asked=20, answered=20, **{bucket(2_000): 20})
    slow = {"asked": 10, "answered": 8, "late": 5, "errors": 2, "pending": 3}
    book.add(day_key(day, "insurer", "F08"), lost_ms=5_400_000, **slow, **{bucket(700_000): 8})
    book.add(day_key(day - timedelta(days=20), "lender", "F14"), known=6, asked=2, answered=2)
    book.add(day_key(day - timedelta(days=20), "courier", "F20"), asked=4, answered=4)
    for channel, closed, refused, took in (
        ("app", 400, 10, 3_600_000), ("counter", 90, 10, 9_000_000), ("elder", 3, 1, 3_600_000),
    ):  # fmt: skip
        book.add(
            month_key(at, "cases", channel, "new_car"), filed=closed + refused, handled=closed,
            refused=refused, zero_errand=closed if channel == "app" else 0,
            trips=0 if channel == "app" else closed, **{bucket(took): closed},
        )  # fmt: skip
    book.add(
        month_key(at, "cases", "app", "certificate_reissue"), filed=4, handled=4, zero_errand=4,
        temporary_plates=2,
    )  # fmt: skip
    book.add(month_key(at, "city"), registered_users=777)
    book.add(month_key(at, "reason", "F07-UNPAID"), refused=7)
    book.add(month_key(at, "station", "vmo-main"), acts=12)
    book.add(month_key(at, "station", "elsewhere-1"), acts=3)
    book.add(month_key(at, "officer", "0a1b2c3d"), acts=15)
    until = Cursor(512, 0, "2026-11-24T00:00:00.000Z")
    Figures.from_env().take(book, Cursor(), until, expires=int(at.timestamp()) + 999)
    return desk


def test_the_scoreboard_says_how_punctual_each_agency_was(counted: Desk):
    status, board = counted.ask("read_scoreboard", "operator")
    assert status == 200
    assert board["counted_until"] == "2026-11-24T00:00:00.000Z"
    by_agency = {each["agency"]: each for each in board["agencies"]}
    assert list(by_agency) == ["insurer", "tax"]
    tax, insurer = by_agency["tax"], by_agency["insurer"]
    assert (tax["asked"], tax["answered"], tax["late"]) == (120, 120, 1)
    assert tax["median_ms"] == pytest.approx(2_000, rel=0.05)
    assert tax["p95_ms"] == pytest.approx(60_000, rel=0.05)
    assert [each["kind"] for each in tax["kinds"]] == ["F06", "F07"]
    assert tax["kinds"][0]["name"]["zh-CN"]["title"]
    assert tax["days"][0]["asked"] == 120
    assert insurer["late_share"] == 0.5
    assert insurer["error_share"] == 0.25
    assert insurer["pending"] == 3
    assert insurer["hours_lost"] == 1.5
    assert {"asked", "late", "median", "p95", "errors", "hours_lost"} <= board["definitions"].keys()


def test_days_and_months_that_are_none_are_refused(counted: Desk):
    for query in (
        {"from": "2026-02-30"}, {"from": "2020-01-01"}, {"from": "2027-01-01", "to": "2026-01-01"},
    ):  # fmt: skip
        status, problem = counted.ask("read_scoreboard", "supervisor", query=query)
        assert (status, problem["code"]) == (422, "VR-103")
    for months in ("0", "37", "x", "1234"):
        status, problem = counted.ask("read_dashboard", "operator", query={"months": months})
        assert (status, problem["code"]) == (422, "VR-103")


def test_the_dashboard_adds_up_the_city(counted: Desk):
    status, told = counted.ask("read_dashboard", "supervisor", query={"months": "3"})
    assert status == 200
    indicators = {each["code"]: each for each in told["indicators"]}
    assert {code: each["total"] for code, each in indicators.items()} == {
        "registered_users": 777,
        "services_handled": 400 + 90 + 3 + 4 + 2,
        "replacements": 4 + 2,
        "applications_filed": 410 + 100 + 4 + 4,
    }
    users = indicators["registered_users"]
    assert [each["count"] for each in users["months"]] == [0, 0, 777]
    assert "首次" in users["text"]["zh-CN"]["detail"]
    errands = told["errands"]
    assert errands["trips_made"] == 93
    assert errands["trips_saved"] == 493 * 4 + 4 * 1 - 93
    assert errands["minutes_saved"] == errands["trips_saved"] * 120
    assert errands["zero_errand_share"] == round(404 / 497, 4)
    assert "120" in errands["assumption"]["en"]["detail"]
    assert told["time_to_plate"]["cars"] == 493
    assert told["time_to_plate"]["median_ms"] == pytest.approx(3_600_000, rel=0.05)
    assert told["refusals"][0]["cases"] == 7
    grids = told["grids"]
    assert {each["grid_id"]: each["acts"] for each in grids["districts"]}["main"] == 12
    assert grids["districts"][-1]["acts"] == 3
    assert grids["officers"] == [{"grid_id": "0a1b2c3d", "acts": 15}]
    # Channels are compared, and too few are not.
    by_channel = {each["channel"]: each for each in told["equal_treatment"]["channels"]}
    assert "verdict" not in by_channel["app"]
    assert by_channel["counter"]["verdict"] == "slower_and_refused_more"
    assert by_channel["elder"]["verdict"] == by_channel["proxy"]["verdict"] == "too_few"
    assert by_channel["counter"]["refused_share"] == 0.1


def test_everybody_may_see_who_is_punctual_and_small_numbers_are_left_out(counted: Desk):
    event: dict[str, Any] = {"requestContext": {"http": {"method": "GET"}, "requestId": "r"}}
    call = counted.office.city.function("citizen", "read_city_figures")
    answer = call(event)
    assert answer["headers"]["cache-control"] == "public, max-age=300"
    told = json.loads(answer["body"])
    agencies = {each["agency"]: each for each in told["agencies"]}
    assert agencies["tax"]["on_time_share"] == round(1 - 1 / 120, 4)
    # A lender that tells everything before it is asked has no time to be late in.
    assert agencies["lender"]["known"] == 6
    assert not {"asked", "on_time_share", "median_ms"} & agencies["lender"].keys()
    assert agencies["courier"] == {
        "agency": "courier", "suppressed": True, "name": agencies["courier"]["name"],
    }  # fmt: skip
    services = {each["service"]: each for each in told["services"]}
    assert services["new_car"]["cases"] == 493
    assert services["certificate_reissue"]["suppressed"] is True
    assert "cases" not in services["certificate_reissue"]
    # Kept: whoever asks again costs no read.
    rows: list[str] = []
    client("dynamodb").meta.events.register(
        "before-call.dynamodb.*", lambda model, **_: rows.append(model.name)
    )
    assert json.loads(call(event)["body"]) == told
    assert rows == []


LETTER = {"partner": "tax", "type": "invoice.asked", "refs": {"vin": "V"}, "request_id": "req_1"}


@pytest.fixture
def dead(desk: Desk) -> Desk:
    sqs, city = client("sqs"), desk.office.city
    for nth in range(3):
        body = LETTER | {"message_id": f"msg_{nth}", "application_id": desk.application_id}
        sqs.send_message(QueueUrl=city.queue_url("questions-dead"), MessageBody=json.dumps(body))
    lost = {
        "requestContext": {
            "functionArn": "arn:aws:lambda:r:0:function:chepai-sandbox-qingdao-sweep:$LATEST"
        }
    }
    for text in (json.dumps(lost), "no json at all"):
        sqs.send_message(QueueUrl=city.queue_url("events-dead"), MessageBody=text)
    return desk


def listed(desk: Desk) -> dict[str, Any]:
    status, told = desk.ask("list_dead_letters", "operator")
    assert status == 200
    by_queue: dict[str, Any] = {each["queue"]: each for each in told["queues"]}
    return by_queue | {"cases": told["applications"]}


def test_dead_letters_are_shown_whole_but_for_what_they_say(dead: Desk):
    for _ in range(2):
        told = listed(dead)
        letters = told["questions"]["letters"]
        assert [each["message_id"] for each in letters] == ["msg_0", "msg_1", "msg_2"]
        assert {each["application_id"] for each in letters} == {dead.application_id}
        assert letters[0]["what"] == "invoice.asked"
        assert "refs" not in letters[0]
        assert {each["what"] for each in told["events"]["letters"]} == {
            "chepai-sandbox-qingdao-sweep", "-",
        }  # fmt: skip
        assert told["cases"] == [dead.application_id]
    # Who looked, and at whose case, is in its owner's book.
    from chepai.records.ledger import Ledger

    book = Ledger.from_env().of(f"person#{dead.case().person_id}")
    assert [row["act"] for row in book if row["actor"]["role"] == "operator"]


def test_a_letter_is_sent_again_once_and_the_reason_is_in_the_ledger(dead: Desk):
    first = listed(dead)["questions"]["letters"][0]["letter_id"]
    asked = {"letters": [first, "00000000-gone"], "reason": "partner_back", "reference": "INC-7"}
    status, told = dead.ask("replay_dead_letters", "operator", asked, queue="questions")
    assert status == 200
    assert (told["sent"], told["gone"]) == ([first], ["00000000-gone"])
    assert [each["message_id"] for each in dead.office.city.rows_waiting("questions")][
        -1
    ] == "msg_0"
    assert len(listed(dead)["questions"]["letters"]) == 2
    _, again = dead.ask("replay_dead_letters", "operator", asked, queue="questions")
    assert again["sent"] == []
    from chepai.records.ledger import Ledger

    entries = Ledger.from_env().of("staff#sta_operator_1")
    said = entries[-1]
    assert said["act"] == "letters_sent_again"
    assert said["to"]["reason"] == "partner_back"
    assert said["to"]["letters"] == asked["letters"]


def test_what_is_not_sent_again_is_refused(dead: Desk):
    asked = {"letters": ["00000000-gone"], "reason": "fault_mended"}
    for queue in ("events", "people", "questions-dead"):
        status, problem = dead.ask("replay_dead_letters", "operator", asked, queue=queue)
        assert (status, problem["code"]) == (404, "VR-871")
