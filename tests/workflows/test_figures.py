"""The figures of a city whose truth is known: counted anew from its ledger, by other code."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from chepai.domain import ledger as entries
from chepai.domain.facts import FactKind
from chepai.domain.figures import quantile
from chepai.domain.life_cycle import Status
from chepai.edge.clock import now
from chepai.records import facts as facts_of
from chepai.records.applications import stamp
from chepai.records.figures import Figures
from chepai.records.seals import Seals, made
from tests.workflows.office import AGENCY, FEE, INSPECTION, LOCK, OWNER, REVIEW, Office
from tests.workflows.truth import NOT_CONNECTED, Truth

A_MINUTE = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)


def seal(office: Office, at_once: int = 7) -> None:
    """Everything that was written goes into the log, in small batches and in its order."""
    seals = Seals.from_env()
    seals.begin(alg="sha-256", at=stamp(now()))
    told = {(r["chain"], int(r["seq"])): (str(r["at"]), r) for r in office.rows("ledger")}
    for row in office.rows("facts"):
        told[facts_of.place_of(row)] = (str(row["received_at"]), row)
    fresh = sorted(told.keys() - seals.sealed(told), key=lambda p: (told[p][0], p[1]))
    fence = seals.lease("test", now=int(now().timestamp()), seconds=60)
    assert fence is not None
    for first in range(0, len(fresh), at_once):
        head = seals.head()
        assert head is not None
        leaves = [
            (*place, entries.canonical(_whole(told[place][1])), "test")
            for place in fresh[first : first + at_once]
        ]
        batch = made(head, leaves)
        assert seals.decide(batch, fence=fence)
        seals.enter(batch, "sha-256")
        seals.advance(batch, note="", key={"kid": "k"}, known=head)
    seals.release("test")


def _whole(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) for name, value in row.items() if name != "says"}


def count(office: Office) -> int:
    counter = import_module("functions.background.count_figures.handler").handler
    with LOCK, office._as("count_figures"):
        return int(counter({}, A_MINUTE)["leaves"])


def figures(office: Office) -> dict[str, Counter[str]]:
    """Every counter, by its key without the month."""
    found: dict[str, Counter[str]] = {}
    for row in office.rows("figures"):
        if row["figure"] == "months" or row["figure"].startswith("days#"):
            key = row["item"].partition("#")[2]
            counts = {n: int(v) for n, v in row.items() if n not in ("figure", "item")}
            found.setdefault(key, Counter()).update(counts)
    return found


def answers(office: Office, kind: FactKind) -> list[dict[str, Any]]:
    """The answers to questions of ours that were ever kept, of one kind."""
    rows = [row for row in office.rows("facts") if row["version_key"].startswith(kind.value)]
    return [row for row in rows if row.get("reply_to")]


def happy(office: Office) -> None:
    office.file()
    assert office.go_on().status == "SUCCEEDED"
    office.settle()


def test_a_case_that_went_well_is_counted_once_however_often_it_is_counted(office: Office):
    happy(office)
    seal(office)
    everything = count(office)
    assert everything > 20
    told = figures(office)
    assert count(office) == 0
    assert figures(office) == told
    case = told["cases#app#new_car"]
    assert (case["filed"], case["handled"], case["zero_errand"], case["refused"]) == (1, 1, 1, 0)
    assert case["trips"] == 0
    last = [row for row in office.ledger.of(office.application_id) if row["act"] == "closed"][-1]
    took = datetime.fromisoformat(last["at"]) - datetime.fromisoformat(office.case().submitted_at)
    assert quantile(case, 50) == pytest.approx(took.total_seconds() * 1000, rel=0.05, abs=2)
    # Every answer of an agency is an exchange, and nothing stays open.
    for agency, kind in (
        ("police", FactKind.IDENTITY), ("maker", FactKind.CERTIFICATE),
        ("industry", FactKind.ANNOUNCEMENT), ("maker", FactKind.PRE_INSPECTION),
        ("tax", FactKind.INVOICE), ("tax", FactKind.PURCHASE_TAX),
        ("insurer", FactKind.COMPULSORY_INSURANCE), ("tax", FactKind.VESSEL_TAX),
        ("police", FactKind.VEHICLE_STATUS), ("register", FactKind.REGISTER),
        ("plate_maker", FactKind.PLATES), ("print_room", FactKind.PAPERS),
    ):  # fmt: skip
        counts = told[f"{agency}#{kind.value}"]
        assert counts["answered"] == len(answers(office, kind)) > 0, kind
        assert counts["asked"] == counts["answered"], kind
        assert counts["late"] == counts["errors"] == counts["lost_ms"] == 0
    # A parcel is collected before it is delivered: that is one exchange.
    assert told["courier#F20"]["answered"] == 1
    assert {key: c["pending"] for key, c in told.items() if c["pending"]} == {}


def test_what_is_known_already_was_not_asked(office: Office):
    office.told_before()
    happy(office)
    seal(office)
    count(office)
    told = figures(office)
    unasked = told.get("tax#F07", Counter())
    assert unasked["asked"] == unasked["pending"] == 0
    assert unasked["known"] == 1
    # The status of the car is asked at the beginning and before registration.
    assert told["police#F10"]["asked"] == told["police#F10"]["answered"] == 2


def test_silence_is_late_and_a_late_answer_is_an_answer(office: Office):
    office.reach(AGENCY)
    seal(office)
    count(office)
    first = figures(office)["tax#F07"]
    assert (first["asked"], first["answered"], first["late"]) == (1, 0, 1)
    # The agency is asked again by the state that waits for it.
    assert first["pending"] == 1
    office.partners.silent.clear()
    office.says(FactKind.PURCHASE_TAX)
    assert office.go_on().status == "SUCCEEDED"
    office.settle()
    seal(office)
    count(office)
    told = figures(office)["tax#F07"]
    assert told["pending"] == 0
    assert told["late"] == 1
    assert figures(office)["cases#app#new_car"]["handled"] == 1


def test_a_refusal_counts_with_its_reasons_and_is_no_service_handled(office: Office):
    office.reach(REVIEW)
    office.decide(FactKind.REVIEW, "REFUSED")
    office.end()
    office.settle()
    case = office.case()
    seal(office)
    count(office)
    told = figures(office)
    assert case.status == Status.REJECTED
    assert told["cases#app#new_car"]["refused"] == 1
    assert told["cases#app#new_car"]["handled"] == 0
    codes = {str(each["code"]) for each in case.reasons}
    assert {key.partition("#")[2] for key in told if key.startswith("reason#")} == codes
    assert {c["pending"] for key, c in told.items()} <= {0}


def test_an_inspection_is_a_trip(open_office: Callable[..., Office]):
    office = open_office(truth=Truth(prefix=NOT_CONNECTED))
    office.file()
    office.until(INSPECTION)
    with LOCK:
        before = office.case()
        said = office.facts.appending(
            before.subject, FactKind.INSPECTION,
            {"vin": before.vin, "result": "PASSED", "inspector": "i1", "recording_no": "r1",
             "inspected_on": now().date().isoformat(), "site": "vmo-main"},
            at=now(), by="sta_i",
        )  # fmt: skip
        office.casework.move(
            before, Status(before.status),
            by=entries.Actor(role="inspector", id="sta_i", unit="vmo-main"),
            act="inspected", also=[said], evidence=["recording/r1"],
        )  # fmt: skip
    assert office.go_on().status == "SUCCEEDED"
    office.settle()
    seal(office)
    count(office)
    told = figures(office)
    case = told["cases#app#new_car"]
    assert (case["handled"], case["trips"], case["zero_errand"]) == (1, 1, 0)
    assert told["station#vmo-main"]["acts"] == 1
    assert not any("sta_i" in key for key in told)
    assert "maker#F05" not in told, told["maker#F05"]
    assert told["industry#F03"]["answered"] == 1


def test_a_run_that_dies_counts_nothing_twice(office: Office, monkeypatch: pytest.MonkeyPatch):
    happy(office)
    seal(office)
    tried = 0
    take = Figures.take

    def dying(self: Figures, *what: Any, **more: Any) -> None:
        nonlocal tried
        tried += 1
        if tried % 3 == 1:
            raise RuntimeError("gone before it was written")
        take(self, *what, **more)
        if tried % 3 == 0:
            raise RuntimeError("gone after it was written")

    monkeypatch.setattr(Figures, "take", dying)
    for _ in range(200):
        try:
            count(office)
            break
        except RuntimeError:
            continue
    case = figures(office)["cases#app#new_car"]
    assert (case["filed"], case["handled"]) == (1, 1)
    asked = {key: c["asked"] for key, c in figures(office).items() if "#F" in key or "#A" in key}
    monkeypatch.setattr(Figures, "take", take)
    assert count(office) == 0
    assert asked["tax#F07"] == 1


def test_the_heartbeat_counts_for_nothing(open_office: Callable[..., Office]):
    office = open_office(truth=Truth(person_id="per_HEARTBEAT0000000000000001"))
    office.reach(OWNER)
    office.withdraw()
    office.end()
    office.settle()
    seal(office)
    assert count(office) > 5
    assert figures(office) == {}


def test_withdrawn_and_never_paid_are_neither_handled_nor_refused(office: Office):
    office.reach(FEE)
    office.withdraw()
    office.end()
    office.settle()
    seal(office)
    count(office)
    case = figures(office)["cases#app#new_car"]
    assert (case["withdrawn"], case["handled"], case["refused"]) == (1, 0, 0)
