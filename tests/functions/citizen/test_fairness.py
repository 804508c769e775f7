"""A closed segment's deals are public, and a stranger's program recomputes every one of them."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chepai.edge import fairness
from tests.functions.citizen.office import SECRET, Office

ROOT = Path(__file__).parents[3]
SEGMENT = "02-B-1"


@pytest.fixture
def fetch(monkeypatch: pytest.MonkeyPatch, office: Office) -> Callable[[Path], int]:
    """Fetches the segment's deals as a stranger does, from the two public routes."""
    monkeypatch.syspath_prepend(ROOT / "tools")
    import fetch_deals  # type: ignore[import-not-found]

    def answer(_url: str, path: str, cursor: str = "") -> dict[str, Any]:
        if path.endswith("/deals"):
            query = {"cursor": cursor} if cursor else {}
            place = {"segment_id": path.split("/")[3]}
            return office.call("list_number_deals", person=None, query=query, **place)[1]
        return office.call("list_number_segments", person=None)[1]

    monkeypatch.setattr(fetch_deals, "get", answer)

    def fetched(folder: Path) -> int:
        return int(fetch_deals.main([SEGMENT, str(folder), "https://city.test"]))

    return fetched


def deal_some(office: Office, batches: int, *, then_all: bool = False) -> list[str]:
    """Let batches be dealt and lapse; `then_all`: the rest side by side, as in large type."""
    application_id = office.file()
    office.ready_to_choose(application_id)
    shown: list[str] = []
    for nth in range(batches + then_all):
        mode = {"mode": "elder"} if nth == batches else None
        status, offer = office.call("offer_numbers", body=mode, application_id=application_id)
        assert status == 200, offer
        shown += offer["numbers"]
        from chepai.records.numbers import Numbers

        Numbers.from_env().update(
            {"number_key": f"offer#{application_id}#{nth + 1:02d}"},
            sets={"dealt_at": "2026-01-01T00:00:00.000Z"},
        )
    return shown


def close() -> None:
    from chepai.edge import segments
    from chepai.records.cities import Cities
    from chepai.records.numbers import Numbers

    said = {"state": "CLOSED", "segment_id": SEGMENT, "secret": SECRET.hex()}
    segments.note(said, Numbers.from_env(), Cities.from_env().current)


def lose_a_block(counter: int, k: int) -> None:
    """A function that died between drawing a block and showing it."""
    from chepai.records.numbers import Numbers

    Numbers.from_env().advance(SEGMENT, counter, k, datetime.now(UTC))


def verify(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "verifier", "draws", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout


def lines(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "deals.jsonl").read_text("utf-8")
    return [json.loads(each) for each in text.splitlines()]


def test_every_deal_is_recomputed_and_lost_ones_are_told(
    office: Office, fetch: Callable[[Path], int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fairness, "DEALS_ON_A_PAGE", 2)
    lose_a_block(3, 10)
    shown = deal_some(office, 5)
    lose_a_block(7, 4)
    assert fetch(tmp_path) == 1
    close()
    assert fetch(tmp_path) == 0
    code, told = verify(tmp_path)
    assert code == 0, told
    assert "GOOD  5 deals" in told
    assert "2 more were shown to nobody" in told
    logged = [number for each in lines(tmp_path) for number in each["numbers"] or ()]
    assert sorted(logged) == sorted(shown)


@pytest.mark.parametrize("tampered", ["another number", "a deal left out", "dealt twice"])
def test_what_was_tampered_with_is_found(
    office: Office, fetch: Callable[[Path], int], tmp_path: Path, tampered: str
) -> None:
    deal_some(office, 3)
    close()
    assert fetch(tmp_path) == 0
    deals = lines(tmp_path)
    match tampered:
        case "another number":
            deals[1]["numbers"][2] = "鲁B8888A"
        case "a deal left out":
            del deals[1]
        case _:
            deals.append(deals[0])
    text = "\n".join(json.dumps(each, ensure_ascii=False) for each in deals)
    (tmp_path / "deals.jsonl").write_text(text, "utf-8")
    code, told = verify(tmp_path)
    assert code == 1, told
    assert "TAMPERED" in told


def test_numbers_side_by_side_are_recomputed_like_batches(
    office: Office, fetch: Callable[[Path], int], tmp_path: Path
) -> None:
    shown = deal_some(office, 2, then_all=True)
    close()
    assert fetch(tmp_path) == 0
    code, told = verify(tmp_path)
    assert (code, "GOOD  3 deals" in told) == (0, True), told
    logged = [number for each in lines(tmp_path) for number in each["numbers"] or ()]
    assert (sorted(logged), len(shown)) == (sorted(shown), 50)


def test_the_ledger_tells_the_same_deals(office: Office) -> None:
    deal_some(office, 1, then_all=True)
    told = {
        evidence["reference"]
        for row in office.city.rows("ledger")
        for evidence in row.get("evidence", ())
        if evidence.get("reference", "").startswith("deal/")
    }
    kept = {
        f"deal/{row['lane'].partition('#')[0]}/{int(row['lane'][-2:])}/{row['start']}/"
        f"{len(row['numbers'])}/{','.join(row['numbers'])}"
        for row in office.city.rows("deals")
    }
    assert told == kept
    assert len(kept) == 2


def test_an_open_segments_deals_are_nobodys_to_see(office: Office) -> None:
    deal_some(office, 1)
    for segment_id in (SEGMENT, "nowhere"):
        status, told = office.call("list_number_deals", person=None, segment_id=segment_id)
        assert (status, told["code"]) == (404, "VR-408")
    close()
    wrong = {"cursor": "1-x"}
    status, told = office.call("list_number_deals", person=None, query=wrong, segment_id=SEGMENT)
    assert (status, told["code"]) == (422, "VR-103")
