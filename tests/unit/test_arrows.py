"""Imports point one way: functions → edge → records, partners → domain."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers" / "chepai" / "python" / "chepai"

# From → what of ours it may import.
MAY = {
    "domain": {"domain"},
    "records": {"records", "domain"},
    "partners": {"partners", "domain"},
    "edge": {"edge", "records", "partners", "domain"},
}
# The domain is pure: no I/O, no SDK, no clock, no randomness. These are pure too.
PURE = {"annotated_types", "chinese_calendar", "cryptography", "rfc8785", "stdnum"}
IMPURE_OF_PYTHON = {
    "asyncio", "http", "logging", "os", "random", "secrets", "shutil", "socket", "ssl",
    "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip

CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}


def imports(source: Path) -> Iterator[str]:
    """Every module that a file imports, those inside functions included."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "chepai":
                yield from (f"chepai.{each.name}" for each in node.names)


def sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


@pytest.mark.parametrize("part", MAY)
def test_a_part_knows_only_what_lies_below_it(part):
    for source in sources(LAYER / part):
        for module in imports(source):
            if module.startswith("chepai."):
                assert module.split(".")[1] in MAY[part], (source.name, module)
            assert not module.startswith(("functions", "infra", "tests", "simulation")), module


def test_the_domain_is_pure():
    import sys

    for source in sources(LAYER / "domain"):
        for module in imports(source):
            top = module.split(".")[0]
            assert top == "chepai" or top in PURE or top in sys.stdlib_module_names, (
                source.name,
                module,
            )
            assert top not in IMPURE_OF_PYTHON, (source.name, module)


def test_the_domain_asks_no_clock():
    for source in sources(LAYER / "domain"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                asked = f"{node.value.id}.{node.attr}"
                assert asked not in CLOCKS, (source.name, node.lineno)


def test_functions_do_not_know_each_other():
    for source in sources(ROOT / "functions"):
        for module in imports(source):
            assert not module.startswith(("functions", "infra", "tests")), (source, module)


def test_functions_import_our_layer_and_models_and_nothing_of_the_sdk():
    for source in sources(ROOT / "functions"):
        for module in imports(source):
            assert module.split(".")[0] not in {"boto3", "botocore"}, (source, module)


def test_only_the_sandbox_imports_the_simulation():
    simulated = {each.name for each in (ROOT / "layers" / "sandbox" / "python").glob("*")}
    for source in [*sources(LAYER), *sources(ROOT / "functions")]:
        if "sandbox" in source.parts:
            continue
        assert not {module.split(".")[0] for module in imports(source)} & simulated, source
