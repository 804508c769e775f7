"""What a person is told of readings of their data, and what gives way to an investigation."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chepai.domain import disclosure
from chepai.domain.disclosure import DELAYED, ENDED, INVESTIGATION, READ

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ME = "per_1"


def entry(act: str = READ, role: str = "clerk", who: str = "sta_1", **said: Any) -> dict[str, Any]:
    return {
        "seq": 1,
        "at": "2026-11-20T00:00:00.000Z",
        "act": act,
        "actor": {"role": role, "id": who, "unit": "u1"},
        "to": {"fields": ["case"], "purpose": "case_work", "case": "app_1", **said},
    }


def paper(**changes: Any) -> list[dict[str, Any]]:
    said = {
        "hold": "h1", "authority": "COURT", "reference": "A-1",
        "until": "2026-12-01T00:00:00.000Z",
    } | changes  # fmt: skip
    return [entry(DELAYED, "audit_admin", "sta_aud", **said)]


def told(reading: dict[str, Any], papers: list[dict[str, Any]], now: datetime = NOW) -> bool:
    return disclosure.is_told(reading, disclosure.holds(papers), now)


SECRET = entry(purpose=INVESTIGATION, hold="h1")


def test_an_investigation_with_a_standing_paper_is_told_later():
    assert not told(SECRET, paper())
    assert told(SECRET, paper(), NOW + timedelta(days=30))
    ended = entry(ENDED, "audit_admin", "sta_aud", hold="h1") | {"at": "2026-11-22T00:00:00.000Z"}
    assert told(SECRET, [*paper(), ended])


@pytest.mark.parametrize(
    "papers",
    [
        [],
        paper(authority="MAYOR"),
        paper(reference=""),
        paper(hold="another"),
        paper(until="2026-11-21T00:00:00.000Z"),
        [{**paper()[0], "actor": {"role": "officer", "id": "sta_1"}}],
        [{**paper()[0], "actor": {"role": "system_admin", "id": "sta_1"}}],
    ],
)
def test_a_paper_that_lacks_anything_delays_nothing(papers: list[dict[str, Any]]) -> None:
    assert told(SECRET, papers)


@given(st.sampled_from(["case_work", "work_list", "complaint", "recheck", "delivery", "own_copy"]))
def test_only_an_investigation_can_be_delayed(purpose: str) -> None:
    assert told(entry(purpose=purpose, hold="h1"), paper())


def test_what_is_no_reading_is_not_in_the_list():
    assert not told(entry("access_questioned"), [])


def test_an_officer_is_a_role_and_an_opaque_name_and_other_people_have_none():
    one = disclosure.shown(entry(), ME)
    assert (one.role, one.organisation) == ("clerk", "u1")
    assert one.officer == disclosure.officer("sta_1")
    assert "sta_1" not in str(one)
    for role in ("agent", "relative", "citizen"):
        other = disclosure.shown(entry(role=role, who="per_2"), ME)
        assert other.officer == ""
        assert "per_2" not in str(other)
        assert not other.by_myself
    assert disclosure.shown(entry(role="citizen", who=ME), ME).by_myself
    assert disclosure.shown(entry(role="system", who="ask_partner"), ME).officer == ""
