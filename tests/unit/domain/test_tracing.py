"""Which threads lead to an entry: each fact, actor, partner and rule once, and nothing else."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chepai.domain.ledger import Actor, entry
from chepai.domain.tracing import Place, keys_of, noted, place_of, threads

DIGEST = "ab" * 32
FACT = {
    "subject": "model#LZW6450",
    "kind": "F04",
    "version": 2,
    "digest": DIGEST,
    "kid": "k1",
    "partner": "miit",
}


def _entry(**changes: Any) -> dict[str, Any]:
    made = entry(
        chain="app_1",
        seq=changes.pop("seq", 3),
        prev="",
        at="2026-11-24T01:02:03.000Z",
        actor=changes.pop("actor", Actor("system", "weigh")),
        act="weighed",
    )
    return made | changes


def _keys(made: dict[str, Any]) -> set[str]:
    return {each.thread for each in threads(made)}


def test_a_weighing_hangs_on_its_facts_their_partners_and_the_rules() -> None:
    made = _entry(evidence=[FACT], rule="qingdao-2026.1")
    found = {each.thread: each for each in threads(made)}
    assert found[f"fact#{DIGEST}"].fact == "model#LZW6450|F04|2"
    assert set(found) & set(keys_of("partner", "miit"))
    assert set(found) & set(keys_of("rule", "qingdao-2026.1"))
    assert len(found) == 3


def test_evidence_that_is_a_bare_digest_is_found_too() -> None:
    assert _keys(_entry(evidence=[DIGEST, "recording/7"])) == {f"fact#{DIGEST}"}


def test_who_acts_and_for_whom_are_both_found() -> None:
    made = _entry(actor=Actor("agent", "per_A", on_behalf_of="per_B"))
    assert _keys(made) == {"actor#agent#per_A", "person#per_B"}


def test_the_system_is_no_thread() -> None:
    assert _keys(_entry()) == set()


def test_a_version_leads_to_what_begins_or_judges_and_an_article_to_every_act() -> None:
    assert _keys(_entry(rule="qingdao-2026.1")) == set()
    assert _keys(_entry(rule="qingdao-2026.1", seq=1)) <= set(keys_of("rule", "qingdao-2026.1"))
    assert _keys(_entry(rule="R164-12")) <= set(keys_of("rule", "R164-12"))
    assert len(_keys(_entry(rule="R164-12"))) == 1
    assert len(_keys(_entry(rule="qingdao-2026.1#R164-12", evidence=[FACT]))) == 4


def test_the_same_fact_twice_is_one_row() -> None:
    assert len(threads(_entry(evidence=[FACT, FACT]))) == 2


def test_decisions_lie_under_their_day() -> None:
    made = _entry(act="registered")
    (found,) = threads(made)
    assert found.thread in keys_of("day", "2026-11-24")
    assert (found.noted, found.by) == ("registered", "system#weigh#")


def test_who_filed_in_which_session_is_found_for_whoever_counts() -> None:
    agent = Actor("agent", "per_A", on_behalf_of="per_B", session="ses_1")
    found = {each.thread: each for each in threads(_entry(act="submitted", seq=1, actor=agent))}
    assert found["session#ses_1"].by == "agent#per_A#per_B"
    assert set(found) & set(keys_of("day", "2026-11-24"))
    assert "session#ses_1" not in _keys(_entry(act="signed", actor=agent))


def test_a_refusal_is_noted_when_it_happens_and_an_override_whatever_it_decides() -> None:
    refused = _entry(act="ended") | {"from": {"status": "approved"}, "to": {"status": "rejected"}}
    again = refused | {"from": {"status": "rejected"}}
    override = refused | {"to": {"status": "rejected", "set_aside": ["F06-NAME"]}}
    assert [noted(each) for each in (refused, again, override)] == ["refused", "", "override"]


@given(st.text(st.characters(exclude_characters="#"), max_size=30), st.integers(1, 999_999))
def test_a_place_reads_back(chain: str, seq: int) -> None:
    made = _entry(chain=f"person#{chain}", seq=seq)
    assert Place.of(place_of(made)) == Place(made["at"], made["chain"], seq)
