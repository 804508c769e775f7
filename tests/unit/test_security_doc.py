"""The page on security names tests that are there, and leaves no case and no invariant out."""

import re
from pathlib import Path

import pytest

from chepai.domain.invariants import INVARIANTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
MODULES = ROOT / "layers" / "chepai" / "python" / "chepai"
CASES = [f"T{n}" for n in range(1, 35)]
ROWS = dict(re.findall(r"^\| ([TI]\d+) \| (.+) \|$", PAGE, re.MULTILINE))
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


@pytest.mark.parametrize(("path", "test"), NAMED, ids=[f"{p}::{t}" for p, t in NAMED])
def test_every_test_that_is_named_exists(path, test):
    code = (ROOT / path).read_text(encoding="utf-8")
    assert re.search(rf"^(async )?def {test}\(", code, re.MULTILINE)


def test_every_test_is_named_in_full():
    assert PAGE.count("::") == len(re.findall(r"`tests/[\w/]+\.py::test_\w+`", PAGE))


@pytest.mark.parametrize("case", CASES)
def test_every_abuse_case_has_its_control_its_test_and_what_is_not_shown(case):
    abuse, control, proof, unproven = ROWS[case].split(" | ")
    assert abuse
    assert re.search(r"`[a-z]+/[^`]*`", control)
    assert "::" in proof
    assert unproven


def test_every_invariant_is_answered_and_no_other():
    asked = {each.name for each in INVARIANTS}
    assert {name for name in ROWS if name.startswith("I")} == asked
    assert {name for name in ROWS if name.startswith("T")} == set(CASES)
    for name in asked:
        assert re.search(r"T\d|::", ROWS[name]), name


def test_every_module_that_is_named_exists():
    named = set(re.findall(r"`((?:edge|records|domain|partners)/\w+\.py)`", PAGE))
    assert len(named) > 20
    assert [each for each in sorted(named) if not (MODULES / each).exists()] == []
