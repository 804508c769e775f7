"""Findings that stay are few, explained, and silenced in one place only."""

import ast

from infra.acknowledgements import TABLE
from infra.assets import ROOT

# Five of them are of the pages and the content network, whose name and guards the account brings.
MOST = 16
SILENCERS = {"Validations", "Acknowledgment", "NagSuppressions", "NagPackSuppression"}


def test_every_reason_is_a_reason():
    for kind, findings in TABLE.items():
        for finding, reason in findings.items():
            assert len(reason) >= 40, (kind, finding)


def test_they_are_few():
    assert sum(len(findings) for findings in TABLE.values()) <= MOST


def test_nothing_else_silences_a_finding():
    for source in (ROOT / "infra").rglob("*.py"):
        if source.name in ("acknowledgements.py", "app.py"):
            continue
        names = {
            node.id
            for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
            if isinstance(node, ast.Name)
        }
        assert not names & SILENCERS, source
