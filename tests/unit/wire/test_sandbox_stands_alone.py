"""The simulated partners know nothing of our tables, and we know nothing of them."""

import subprocess
import sys

from infra.assets import LAYER, ROOT, SANDBOX_LAYER

IMPORT_ALL = """
import importlib, pathlib, sys, os
os.environ.update(SANDBOX_WORLDS_TABLE="x", AWS_DEFAULT_REGION="us-east-1")
for each in pathlib.Path(sys.argv[1]).glob("chepai_sandbox/*.py"):
    importlib.import_module(f"chepai_sandbox.{each.stem}")
for each in pathlib.Path("functions/sandbox").glob("*/handler.py"):
    importlib.import_module(f"functions.sandbox.{each.parent.name}.handler")
print(*sorted(name for name in sys.modules if name.startswith("chepai.records")))
"""


def test_no_simulated_partner_imports_our_records():
    path = f"{LAYER}:{SANDBOX_LAYER}:{ROOT}"
    found = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, str(SANDBOX_LAYER)],
        cwd=ROOT,
        env={"PYTHONPATH": path},
        check=True,
        capture_output=True,
        text=True,
    )
    assert found.stdout.strip() == ""


def test_what_is_deployed_everywhere_does_not_know_the_sandbox():
    ours = [
        *LAYER.rglob("*.py"),
        *(each for each in ROOT.glob("functions/*/*/handler.py") if "sandbox" not in each.parts),
    ]
    assert [each for each in ours if "chepai_sandbox" in each.read_text(encoding="utf-8")] == []
