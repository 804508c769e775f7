"""What a plain terminal is told of a case: each line once, and again only when it changed."""

from typing import Any

from infra.local.scenarios import view

TEXT = {"zh-CN": {"title": "正常计时"}, "en": {"title": "The legal clock runs"}}
SEEN: dict[str, Any] = {
    "status_text": TEXT, "holder": "", "facts": [], "parcels": [], "reasons": [],
    "clock": {"text": TEXT, "days_left": 5, "promised_on": "2026-12-01"},
    "delay": {"text": TEXT, "expected_on": "2026-12-02"},
}  # fmt: skip


def test_the_lines_of_the_legal_clock_are_told_once(monkeypatch: Any) -> None:
    told: list[str] = []
    monkeypatch.setattr(view, "in_turn", told.append)
    watched = view.Watched(None)
    for _ in range(3):
        watched._tell_changes(SEEN)
    assert len(told) == len(set(told)) == 4
    watched._tell_changes(SEEN | {"delay": {"text": TEXT, "expected_on": "2026-12-03"}})
    assert "2026-12-03" in told[-1]
    assert len(told) == 5
