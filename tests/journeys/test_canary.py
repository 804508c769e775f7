"""Marked people go through the stories; afterwards nothing of them lies outside the vault.

`make test` plays a few stories on the city that is there; `make canary` plays all of them.
"""

import os
from base64 import b64encode
from dataclasses import dataclass, field

import pytest

from infra.access import everywhere
from infra.local import canary
from infra.local.canary import Canaries, Found, Heard
from infra.local.city import City
from infra.local.scenarios import outcomes
from infra.local.scenarios.owner import Owner
from infra.local.scenarios.plays import SCENARIOS
from infra.local.scenarios.stage import Outcome, Stage
from infra.local.scenarios.urls import Urls

FEW = ("new-car", "withdrawn")
WHOLE = tuple(name for name, each in SCENARIOS.items() if not each.hasty)
PLAYED = WHOLE if os.environ.get("CANARY") == "whole" else FEW


@dataclass
class Run:
    """What a run left behind."""

    canaries: Canaries = field(default_factory=Canaries)
    heard: Heard = field(default_factory=Heard)
    ended: list[Outcome] = field(default_factory=list)
    kept: list[Found] = field(default_factory=list)
    looked: dict[str, int] = field(default_factory=dict)


@pytest.fixture(scope="module")
def run(city: City) -> Run:
    done = Run()
    with canary.listening(city, done.heard), canary.planted(done.canaries, done.heard):
        done.ended = outcomes.play_all([SCENARIOS[name] for name in PLAYED], Urls(city.url))
        stage = Stage(city.url, "canary", says=print)
        someone = Owner(stage, stage.sandbox.car())
        stage.until("the vault knows the person", lambda: _copied(someone))
    done.kept, done.looked = canary.kept_outside(city, done.canaries)
    return done


def _copied(someone: Owner) -> bool | None:
    reply = someone.wire.ask("GET", "/v1/me/data")
    return True if reply.status == 200 and reply.json["fields"] else None


def test_the_stories_were_played(run: Run) -> None:
    """How each of them must end is held where they are the matter; here the car is registered."""
    for each in run.ended:
        assert each.applications or each.well, (each.scenario.name, each.wrong)
    (car,) = (each for each in run.ended if each.scenario.name == "new-car")
    assert car.well, "\n".join((car.wrong, *car.lines))


def test_nothing_is_kept_outside_the_vault(run: Run) -> None:
    assert not run.kept, sorted({str(each) for each in run.kept})
    print({kind: f"{size / 1e6:.1f} MB" for kind, size in run.looked.items()})
    assert {"table", "execution", "history", "log"} <= run.looked.keys()
    # A name, a number and a telephone for each car; all parcels of a run go to one marked address.
    assert len(run.canaries.marks) > 3 * len(PLAYED)


def test_nothing_is_answered_or_sent_to_whom_it_is_not_for(run: Run) -> None:
    outside = canary.said_outside(run.canaries, run.heard)
    assert not outside, sorted({str(each) for each in outside})
    assert len(run.heard.replies) > 20
    assert {"courier", "register", "print_room"} <= {kind for kind, _ in run.heard.sent}


def test_whoever_needs_a_field_got_it(run: Run) -> None:
    """The search can see: what is sent on purpose is found when nothing is allowed."""
    got = {
        (kind, each.field) for kind, body in run.heard.sent for each in run.canaries.in_(kind, body)
    }
    assert {("courier", "phone"), ("courier", "address"), ("register", "id_number")} <= got
    assert {kind for kind, _ in got} <= canary.MAY_BE_SENT.keys()
    own = [body for what, body in run.heard.replies if what == "GET /v1/me/data"]
    assert any(run.canaries.in_("own", body) for body in own)


def test_a_planted_leak_is_found_wherever_it_is(run: Run, city: City) -> None:
    name, number = run.canaries.marks[0].text, run.canaries.marks[1].text
    dynamodb, sqs, logs = (city.client(each) for each in ("dynamodb", "sqs", "logs"))
    table = city.place.name("slots")
    hidden = b64encode(f"x{name}y".encode()).decode()
    key = {"site_day": {"S": "canary"}, "slot_key": {"S": "canary"}}
    dynamodb.put_item(TableName=table, Item=key | {"note": {"S": hidden}})
    dead = sqs.get_queue_url(QueueName=city.place.name("questions-dead"))["QueueUrl"]
    sqs.send_message(QueueUrl=dead, MessageBody=f'{{"id": "{number}"}}')
    logs.create_log_group(logGroupName="canary")
    logs.create_log_stream(logGroupName="canary", logStreamName="s")
    logs.put_log_events(
        logGroupName="canary", logStreamName="s",
        logEvents=[{"timestamp": 1795000000000, "message": number[::-1]}],
    )  # fmt: skip
    try:
        found, _ = canary.kept_outside(city, run.canaries)
    finally:
        dynamodb.delete_item(TableName=table, Key=key)
        sqs.purge_queue(QueueUrl=dead)
        logs.delete_log_group(logGroupName="canary")
    assert {each.place.split(":")[0] for each in found} == {"table", "queue", "log"}
    heard = Heard([("GET /v1/me", name.encode())], [("tax", _to_tax(number))])
    assert len(canary.said_outside(run.canaries, heard)) == 2


def _to_tax(number: str) -> bytes:
    return f'{{"type": "invoice.asked", "data": {{"vin": "{number}"}}}}'.encode()


def test_the_archive_is_encrypted_and_for_few_to_read(run: Run, city: City) -> None:
    s3 = city.client("s3")
    names = [each["Name"] for each in s3.list_buckets()["Buckets"]]
    for name in filter(canary.is_archive, names):
        rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]
        assert rule["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
        for thing in s3.list_objects_v2(Bucket=name, MaxKeys=20).get("Contents", ()):
            told = s3.head_object(Bucket=name, Key=thing["Key"])
            assert told.get("ServerSideEncryption", "aws:kms") == "aws:kms"
            assert not run.canaries.in_("name", thing["Key"].encode())
    readers = {
        name
        for name, access in everywhere().items()
        if "GetObject" in access.buckets.get("archive", "").split()
    }
    assert len(readers) <= 1, readers
