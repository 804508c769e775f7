"""What every entry of a stage gets beside what it says: its suite and its trace."""

import pytest

from chepai.domain.digests import SM3
from chepai.domain.ledger import Actor, first_broken
from chepai.records.ledger import entry, suite, trace

X_RAY = "Root=1-6b04dba6-7c1109fe9affa7f12020269a;Parent=53995c3f42cd8ad8;Sampled=1"


def made(seq: int = 1, prev: str = "") -> dict[str, object]:
    return entry(
        chain="app_1", seq=seq, prev=prev, at="2026-11-24T00:00:00.000Z",
        actor=Actor("citizen", "per_1", session="dev_1"), act="signed",
    )  # fmt: skip


def test_the_trace_is_that_of_the_invocation(monkeypatch):
    monkeypatch.delenv("_X_AMZN_TRACE_ID", raising=False)
    assert made()["trace"] == trace() == ""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", X_RAY)
    assert made()["trace"] == "1-6b04dba6-7c1109fe9affa7f12020269a"


def test_a_chain_goes_on_in_another_suite_and_still_verifies(monkeypatch):
    first = made()
    monkeypatch.setenv("CHEPAI_SUITE", "sm")
    second = made(2, str(first["hash"]))
    assert (first["alg"], second["alg"]) == ("sha-256", SM3)
    assert first_broken([first, second]) is None
    assert first_broken([first, second | {"alg": "sha-256"}]) == 2
    assert first_broken([first, second | {"alg": "md5"}]) == 2


def test_a_suite_nobody_knows_is_no_suite(monkeypatch):
    monkeypatch.setenv("CHEPAI_SUITE", "home-made")
    with pytest.raises(KeyError):
        suite()


def test_who_acted_is_told_with_the_session():
    assert made()["actor"] == {"role": "citizen", "id": "per_1", "session": "dev_1"}
