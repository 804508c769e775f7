"""Dead letters go back whole, once, and only when told."""

import json

import pytest

from chepai.edge import dead_letters
from chepai.records.aws import client
from infra import replay
from infra.place import Place

PLACE = Place("sandbox", "qingdao")
LETTER = {"message_id": "msg_1", "partner": "ems", "type": "parcel.ordered", "refs": {"x": 1}}


@pytest.fixture
def letters(city, monkeypatch):
    monkeypatch.setattr(dead_letters, "SEEN_SECONDS", 0)
    for nth in range(3):
        client("sqs").send_message(
            QueueUrl=city.queue_url("questions-dead"),
            MessageBody=json.dumps(LETTER | {"message_id": f"msg_{nth}"}),
        )
    return city


def run(**how) -> int:
    usual = {"send": False, "most": 100, "per_second": 1000}
    return replay.replay(client("sqs"), PLACE.name("questions"), **(usual | how))


def test_a_look_changes_nothing_and_shows_no_contents(letters, capsys):
    assert run() == 3
    shown = capsys.readouterr().out
    assert "msg_2" in shown
    assert "refs" not in shown
    assert letters.rows_waiting("questions") == []
    assert len(letters.rows_waiting("questions-dead")) == 3


def test_sent_again_they_are_dead_no_more(letters):
    assert run(send=True) == 3
    assert len(letters.rows_waiting("questions")) == 3
    assert letters.rows_waiting("questions-dead") == []


def test_a_sample_leaves_the_rest(letters):
    assert run(send=True, most=1) == 1
    assert len(letters.rows_waiting("questions-dead")) == 2
