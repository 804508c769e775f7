"""The supervision centre at work: draw, re-check, finding, answer, reversal, and a trace."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infra import trace
from infra.local.city import City
from infra.local.scenarios.hasty import profile_of
from infra.local.scenarios.owner import Owner
from infra.local.scenarios.staff import Staff
from infra.local.scenarios.stage import Stage
from infra.local.scenarios.wire import Refused
from infra.local.testing import last_words, running_city
from tools import verify_rechecks

SECONDS = 240


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city whose draws are by the minute, with the clock of its ledger running fast."""
    over = threading.Event()
    with running_city(tmp_path_factory.mktemp("centre"), profile=profile_of("qingdao")) as city:
        lambda_ = city.client("lambda")

        def look() -> None:
            while not over.wait(5):
                for name in ("seal_ledger", "draw_rechecks"):
                    lambda_.invoke(FunctionName=city.place.name(name), Payload=b"{}")

        ticking = threading.Thread(target=look, daemon=True)
        ticking.start()
        try:
            yield city
        finally:
            over.set()
            ticking.join(30)
            print(last_words(city))


def until(what: str, read: Callable[[], Any]) -> Any:
    """What is read as soon as there is something."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if found := read():
            return found
        time.sleep(1)
    raise AssertionError(f"{what}: nothing after {SECONDS} s")


@pytest.mark.slow
def test_a_refused_case_is_drawn_looked_at_and_sent_back(
    centre: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = Stage(centre.url, "supervision", says=print)
    first, second = (Staff(stage, "supervisor", f"sta_supervisor_{n}") for n in (1, 2))
    operator = Staff(stage, "operator")
    until("a bound draw", lambda: first.wire.get("/v1/staff/rechecks")["draws"])
    owner = Owner(stage, stage.sandbox.car())
    owner.registers()
    owner.reaches("awaiting_owner")
    stage.sandbox.happens(owner.car, "invoice_reversed")
    owner.reaches("rejected")
    case = owner.application_id

    drawn = until(
        "the drawn case",
        lambda: [
            each
            for each in first.wire.get("/v1/staff/rechecks")["rechecks"]
            if each["application_id"] == case
        ],
    )[0]
    assert drawn["stratum"] == "refused"
    draw = first.wire.get(f"/v1/staff/rechecks/{drawn['period']}")
    (tmp_path / "draw.json").write_text(json.dumps(draw), "utf-8")
    assert verify_rechecks.main([str(tmp_path / "draw.json")]) == 0

    place = f"/v1/staff/rechecks/{drawn['period']}/{case}"
    claimed = first.wire.post(f"{place}/claim")
    with pytest.raises(Refused, match="VR-803"):
        second.wire.post(f"{place}/claim")
    assert first.case(case)["status"] == "rejected"
    result = {"result": "FINDING", "about": "F06", "reason": "F06-REVERSED"}
    done = first.wire.post(f"{place}/result", result | {"version": claimed["version"]})

    (finding,) = [
        each
        for each in operator.wire.get("/v1/staff/findings")["findings"]
        if each["finding_id"] == done["finding_id"]
    ]
    assert (finding["party"], finding["cases"]) == ("dealer", [case])
    assert finding["party_text"]["zh-CN"]["title"]
    path = f"/v1/staff/findings/{finding['finding_id']}"
    said = {"stance": "CORRECTED", "reference": "L-2026-7", "version": finding["version"]}
    answered = operator.wire.post(f"{path}/answer", said)
    decision = {"decision": "UPHELD", "reverse": True, "version": answered["version"]}
    with pytest.raises(Refused, match="VR-310"):
        first.wire.post(f"{path}/decision", decision)
    decided = second.wire.post(f"{path}/decision", decision)
    assert (decided["standing"], decided["way"]) == ("upheld", "look_again")
    history = first.history(case)
    assert [history[-1]["act"], history[-1]["now"]["status"]] == ["review_ordered", "reviewing"]

    def traced(thread: str, value: str) -> bool:
        return trace.main([f"--{thread}", value, "--url", centre.url]) == 0

    until("the fact", lambda: traced("fact", f"vin#{owner.car.vin}|F06|1"))
    assert case in capsys.readouterr().out
    until("the supervisor's acts", lambda: traced("actor", f"supervisor#{second.name}"))
    assert traced("person", first.case(case)["person_id"])
    assert "review_ordered" in capsys.readouterr().out
