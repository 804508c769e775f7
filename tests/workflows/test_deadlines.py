"""Deadlines hold: whoever is late is chased, owners are told before a date is missed, and with any
one part dead or poisoned no case is left without an owner, a reason and a message."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from chepai.domain.chasing import Step
from chepai.domain.life_cycle import CLERK, HOLDERS, Status
from chepai.domain.review import asked
from chepai.edge import sweeping
from chepai.edge.clock import now
from chepai.records import cities
from chepai.records.applications import queue_shard, stamp
from chepai.records.aws import client
from chepai.records.cities import Cities
from infra.local.machine import Machine
from tests.tables import PLACE
from tests.workflows.office import AGENCY, ASK, CORRECTION, FEE, MAKE, OWNER, REVIEW, Office

DELIVERED = "Plates and papers delivered"
TIMES = ("since", "submitted_at", "accepted_at")
CHAIN = [Step.REMINDER, Step.SUPERVISOR, Step.DELAY]
LONG_AGO = timedelta(days=20)


@pytest.fixture
def profile(profile: dict[str, Any]) -> dict[str, Any]:
    """Parties have one natural day, so that a test does not depend on the day it is run on."""
    for chain in profile["escalation"]["chains"]:
        chain["within"] = {"n": 1, "unit": "DAY"}
    return profile


def write(application_id: str, **values: Any) -> None:
    """Set attributes of a row as they are; None takes one away."""
    packed = {name: TypeSerializer().serialize(each) for name, each in values.items() if each}
    sets = ", ".join(f"#{name} = :{name}" for name in packed)
    gone = ", ".join(f"#{name}" for name in values if name not in packed)
    client("dynamodb").update_item(
        TableName=PLACE.name("applications"),
        Key={"application_id": {"S": application_id}},
        UpdateExpression=(f"SET {sets} " if sets else "") + (f"REMOVE {gone}" if gone else ""),
        ExpressionAttributeNames={f"#{name}": name for name in values},
        **(
            {"ExpressionAttributeValues": {f":{n}": v for n, v in packed.items()}} if packed else {}
        ),
    )


def age(office: Office, by: timedelta) -> None:
    """As if all that happened to the case had happened so much earlier."""
    case = office.case()
    earlier = {
        name: stamp(datetime.fromisoformat(at) - by)
        for name in TIMES
        if (at := getattr(case, name))
    }
    write(case.application_id, **earlier, due_at=stamp(now() - by))
    # The sealer was never late meanwhile, or nothing would be registered.
    office.sealed(now())


def sweep(office: Office) -> dict[str, int]:
    """What the clock does every minute, whatever it meets."""
    done: dict[str, int] = office.sweeper({}, None)
    return done


def texts(office: Office) -> list[str]:
    return [m["refs"]["template"] for m in office.partners.asked if m["type"] == "sms.ordered"]


def copy(office: Office, application_id: str, **differs: Any) -> str:
    """A second case like this one, with its own chain of one entry missing."""
    row = next(
        each
        for each in office.rows("applications")
        if each["application_id"] == office.application_id
    )
    row |= {
        "application_id": application_id,
        "due_at": stamp(now() - timedelta(minutes=9)),
        "queue_shard": queue_shard("agency:tax", application_id),
        **differs,
    }
    item = {name: TypeSerializer().serialize(value) for name, value in row.items() if value != ""}
    client("dynamodb").put_item(TableName=PLACE.name("applications"), Item=item)
    return application_id


def row_of(office: Office, application_id: str) -> dict[str, Any]:
    return next(e for e in office.rows("applications") if e["application_id"] == application_id)


def test_a_dead_partner_is_chased_up_its_chain_once_and_the_owner_is_told(office: Office) -> None:
    office.reach(AGENCY)
    office.settle()
    age(office, timedelta(days=2))
    sweep(office)
    assert [act for act in office.acts() if act in set(Step)] == CHAIN
    office.settle()
    overdue = [m for m in office.partners.asked if m["type"] == "answer.overdue"]
    assert [m["refs"]["step"] for m in overdue] == CHAIN
    assert {m["partner"] for m in overdue} == {"tax-qingdao"}
    assert len({m["message_id"] for m in overdue}) == 3
    assert texts(office).count("delay_announced") == 1
    entry = next(e for e in office.ledger.of(office.application_id) if e["act"] == Step.DELAY)
    assert entry["to"]["party"] == "agency:tax"
    assert date.fromisoformat(entry["to"]["expected_on"]) > now().date()
    write(office.application_id, due_at=stamp(now()))
    sweep(office)
    assert [act for act in office.acts() if act in set(Step)] == CHAIN
    office.partners.silent.clear()
    office.swept = True
    assert office.go_on().trunk[-1] == DELIVERED


def test_a_plate_maker_that_is_late_is_announced_to_the_owner(office: Office) -> None:
    office.reach(MAKE)
    office.settle()
    age(office, timedelta(seconds=0.92 * 172_800))
    sweep(office)
    assert [act for act in office.acts() if act in set(Step)] == CHAIN
    office.settle()
    assert "plates-qingdao" in {
        m["partner"] for m in office.partners.asked if m["type"] == "answer.overdue"
    }


def test_silence_counts_as_acceptance_and_the_clock_runs_from_the_first_day(
    office: Office,
) -> None:
    office.reach(AGENCY)
    office.settle()
    filed = datetime.fromisoformat(office.case().submitted_at) - LONG_AGO
    age(office, LONG_AGO)
    sweep(office)
    case = office.case()
    assert (case.stuck_because, case.queue_shard.split("#")[0]) == ("AcceptedBySilence", CLERK)
    assert datetime.fromisoformat(case.clock["from"]).date() == filed.date()
    assert case.legal_end < now().date().isoformat()
    entry = next(e for e in office.ledger.of(case.application_id) if "silence" in e["act"])
    assert "ALL-32-4" in str(entry["rule"])
    office.settle()
    assert {"accepted_by_silence", "delay_announced"} <= set(texts(office))
    # It goes on all the same when the agency answers, and keeps the end that the law gave it.
    office.partners.silent.clear()
    office.swept = True
    assert office.go_on().trunk[-1] == DELIVERED
    accepted = next(e for e in office.ledger.of(case.application_id) if e["act"] == "accepted")
    assert "legal_end" not in accepted["to"]
    assert office.case().stuck_because == ""


def test_the_law_in_force_at_acceptance_counts(office: Office, profile: dict[str, Any]) -> None:
    office.reach(FEE)
    first = office.case().profile_version
    shorter = json.loads(json.dumps(profile)) | {"version": "qingdao-2026.7"}
    shorter["limits"]["first_registration"] = {"n": 1, "unit": "WORKDAY"}
    Cities.from_env().publish("qingdao", "qingdao-2026.7", shorter)
    cities._current.cache_clear()
    office.partners.silent.add("vehicle_status.asked")
    office.pay()
    office.until("Check the facts again before registration")
    case = office.case()
    assert (case.profile_version, case.clock["law"]) == (first, "qingdao-2026.7")
    law = Cities.from_env().profile("qingdao-2026.7")
    started = datetime.fromisoformat(case.accepted_at)
    assert case.legal_end == law.last_day("first_registration", _day(started)).isoformat()
    # A version published after acceptance changes nothing.
    longer = json.loads(json.dumps(profile)) | {"version": "qingdao-2026.8"}
    Cities.from_env().publish("qingdao", "qingdao-2026.8", longer)
    cities._current.cache_clear()
    assert office.casework.law(case) is law
    office.partners.silent.clear()
    office.swept = True
    assert office.go_on().trunk[-1] == DELIVERED
    assert office.case().legal_end == case.legal_end


def _day(moment: datetime) -> date:
    from chepai.domain.periods import city_day

    return city_day(moment)


def test_a_pause_and_its_end_are_in_the_ledger_and_move_the_last_day(office: Office) -> None:
    office.reach(REVIEW)
    before = office.case()
    office.casework.move(before, Status.ON_SITE_REQUIRED, by=office.owner, act="weighed")
    paused = office.case()
    assert paused.clock["pauses"][0]["because"] == "inspection"
    assert office.ledger.of(office.application_id)[-1]["to"]["paused"] == "inspection"
    office.casework.move(
        paused, Status.VERIFYING, by=office.owner, act="inspected", at=now() + LONG_AGO
    )
    resumed = office.case()
    assert resumed.legal_end > before.legal_end
    told = office.ledger.of(office.application_id)[-1]["to"]
    assert (told["resumed"], told["legal_end"]) == ("inspection", resumed.legal_end)


def test_the_machine_alone_chases_while_the_sweeper_is_dead(office: Office) -> None:
    office.reach(AGENCY)
    office.settle()
    age(office, timedelta(days=2))
    office.time_out(AGENCY)
    office.until(AGENCY)
    assert [act for act in office.acts() if act in set(Step)] == CHAIN
    assert "delay_announced" in texts_after(office)


def texts_after(office: Office) -> list[str]:
    office.settle()
    return texts(office)


def test_a_silent_register_is_asked_less_and_less_often(office: Office) -> None:
    office.reach(ASK)
    remind = import_module("functions.steps.query_the_register.handler").handler
    task = {"application_id": office.application_id, "run": 1, "step": "query_the_register"}
    patience = [remind(task, None)["patience"]["ask_the_register"] for _ in range(12)]
    assert patience[:3] == [240, 480, 960]
    assert patience == sorted(patience)
    assert patience[-1] <= 4 * 3600
    assert office.case().stuck_because == "Overdue"
    # A machine of a year: every reminder costs a dozen of its 25 000 events.
    assert 366 * 24 * 3600 / (4 * 3600) * 12 < 25_000 + 2_000


def test_a_case_under_review_after_its_end_is_not_ended_again_by_a_new_machine(
    office: Office,
) -> None:
    office.reach(CORRECTION)
    at = stamp(now())
    write(
        office.application_id, status="reviewing", ending="not_accepted", since=at,
        review=asked({}, at=at), queue_shard=queue_shard("reviewer", office.application_id),
    )  # fmt: skip
    # Ninety days on, nobody knows its execution any more.
    runs, office._runs = office._runs, {}
    sweep(office)
    assert office._runs == {}
    office._runs = runs
    assert office.case().status == "reviewing"


@pytest.mark.parametrize(
    ("poison", "because"),
    [
        ({"status": "in_limbo"}, "Lost:unknown_status"),
        ({"service": "boat"}, "Lost:unknown_service"),
        ({"escalation": "many", "since": "never"}, "NotLookedAt:ValueError"),
        ({"person_id": ""}, "NotLookedAt:TypeError"),
        ({"profile_version": "qingdao-2026.9"}, "NotLookedAt:KeyError"),
    ],
)
def test_a_poisoned_case_or_profile_stops_no_other_and_ends_on_a_desk(
    office: Office, poison: dict[str, Any], because: str
) -> None:
    office.reach(AGENCY)
    office.settle()
    client("dynamodb").put_item(
        TableName=PLACE.name("cities"),
        Item={"city": {"S": "qingdao"}, "version": {"S": "qingdao-2026.9"}, "body": {"S": "{}"}},
    )
    bad = copy(office, "app_" + "0" * 26, **poison)
    age(office, timedelta(days=2))
    for _ in range(sweeping.LOOKS_BEFORE_A_CLERK):
        if "due_at" in row_of(office, bad):
            write(bad, due_at=stamp(now() - timedelta(minutes=1)))
        sweep(office)
    assert [act for act in office.acts() if act in set(Step)] == CHAIN
    row = row_of(office, bad)
    assert row["queue_shard"].startswith(f"{CLERK}#")
    assert row["stuck_because"] == because
    # It is looked at again within hours, not every minute.
    assert row["due_at"] > stamp(now() + timedelta(hours=5))
    client("dynamodb").delete_item(
        TableName=PLACE.name("applications"), Key={"application_id": {"S": bad}}
    )


def test_a_case_in_no_reasonable_queue_is_put_right(office: Office) -> None:
    office.reach(OWNER)
    office.settle()
    wrong = queue_shard("courier", office.application_id)
    write(office.application_id, queue_shard=wrong, due_at=stamp(now()))
    assert sweep(office) == {"put_right": 1}
    assert office.case().queue_shard.startswith("owner#")
    assert office.acts()[-1] == "put_right"


def test_a_run_is_bounded_and_begins_with_what_is_due_longest(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.reach(OWNER)
    office.settle()
    monkeypatch.setattr(sweeping, "IN_ONE_RUN", 3)
    made = []
    for n in range(5):
        due = stamp(now() - timedelta(minutes=10 + n))
        made.append(copy(office, f"app_{n:026d}", due_at=due, status="in_limbo"))
    assert sweep(office) == {"parked": 3}
    looked = [each for each in made if row_of(office, each).get("stuck_because")]
    assert looked == made[2:]
    for each in made:
        client("dynamodb").delete_item(
            TableName=PLACE.name("applications"), Key={"application_id": {"S": each}}
        )


def test_the_sweeper_takes_few_operations_for_a_case(office: Office) -> None:
    office.reach(AGENCY)
    office.settle()
    write(office.application_id, due_at=stamp(now() - timedelta(minutes=1)))
    office.touched.pop("sweep", None)
    office.sweep()
    counted = office.touched["sweep"]
    queries = counted.pop((PLACE.name("applications").rpartition("-")[2], "Query"))
    assert queries == len(HOLDERS) * 4
    # Of these are 46 places where its machine might stand, in one request.
    assert sum(counted.values()) <= 70, counted


def test_the_person_s_hold_lasts_as_long_as_the_number(office: Office) -> None:
    office.reach(REVIEW)
    hold = next(r for r in office.rows("numbers") if r["number_key"].startswith("hold#"))
    assert hold["application_id"] == office.application_id
    assert "held_until" not in hold


def test_the_sweeper_reports_that_it_lives(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    office.reach(OWNER)
    capsys.readouterr()
    sweep(office)
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert {name for each in said for name in ("Swept", "Stuck", "DueLeft") if name in each} == {
        "Swept", "Stuck", "DueLeft",
    }  # fmt: skip
    assert {each["place"] for each in said} == {"sandbox-qingdao"}


def test_a_case_without_a_machine_is_started_by_the_sweeper_whatever_else_is_late(
    open_office: Callable[..., Office],
) -> None:
    office = open_office()
    office.reach(AGENCY)
    office.settle()
    office.lose_machine()
    age(office, timedelta(days=2))
    assert sweep(office)["started"] == 1
    assert [act for act in office.acts() if act in set(Step)] == CHAIN
    office.partners.silent.clear()
    office.swept = True
    assert office.go_on().trunk[-1] == DELIVERED
    assert isinstance(office.machine, Machine)
    assert now().tzinfo is UTC
