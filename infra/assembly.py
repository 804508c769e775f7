"""The synthesised templates, made anew only when something that goes into them has changed.

`python -m infra.assembly` makes those of the local stage; with `--check` the template rules
(cdk-nag) and cfn-lint run over them too, and any finding fails.
"""

import argparse
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.assets import ROOT

_INPUTS = ("infra", "functions", "layers", "docs/openapi.json", "requirements/dev.txt")
_NOT_INPUTS = ("infra/local", "infra/assembly.py", "infra/deploy.py", "infra/diagrams.py")
_MARK = ".inputs.json"


def ensure(
    settings: Mapping[str, str] | None = None, *, out: Path | None = None, check: bool = False
) -> Path:
    """The folder with up-to-date templates; returns at once when nothing has changed.

    settings: what infra.app reads ("stage", "city", "region", …), the local sandbox when left
    out. check: also hold the template rules. Raises CalledProcessError when the app fails, after
    its own words have gone to standard error.
    """
    settings = dict(settings or {})
    out = out or ROOT / "cdk.out"
    wanted = {"inputs": _digest(settings), "checked": check}
    with _alone(out):
        made = _mark(out)
        if made.get("inputs") == wanted["inputs"] and (made.get("checked") or not check):
            return out
        print("Synthesising the templates (only when something in them has changed)", flush=True)
        fresh = out.with_name(f"{out.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        _synthesise(settings, fresh, check=check)
        (fresh / _MARK).write_text(json.dumps(wanted))
        shutil.rmtree(out, ignore_errors=True)
        fresh.rename(out)
    return out


def _synthesise(settings: Mapping[str, str], out: Path, *, check: bool) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CHEPAI_")},
        **{f"CHEPAI_{name.upper()}": value for name, value in settings.items()},
        "CDK_OUTDIR": str(out),
        "PYTHONPATH": os.pathsep.join((str(ROOT / "layers/chepai/python"), str(ROOT))),
    }
    if check:
        environment["CHEPAI_CHECK"] = "1"
    subprocess.run([sys.executable, "-m", "infra.app"], check=True, cwd=ROOT, env=environment)
    if check:
        _no_findings(out)
        _lint(out)


def _lint(out: Path) -> None:
    # cfn-lint knows only the ARNs of the first partition, so it reads copies that say so.
    with TemporaryDirectory() as copies:
        for each in out.glob("*.template.json"):
            text = each.read_text().replace("arn:${partition}:", "arn:aws:")
            (Path(copies) / each.name).write_text(text)
        command = Path(sys.executable).parent / "cfn-lint"
        templates = sorted(str(each) for each in Path(copies).iterdir())
        linted = subprocess.run(
            [command, *templates, "--non-zero-exit-code", "warning"], check=False, cwd=copies
        )
    if linted.returncode:
        raise SystemExit("cfn-lint found something (above)")


def _no_findings(out: Path) -> None:
    # The report's own conclusion says "success" over warnings; we take none.
    report = json.loads((out / "validation-report.json").read_text())
    found = [
        f"{finding['ruleName']}: {place['constructPath']}"
        for plugin in report["pluginReports"]
        for finding in plugin["violations"]
        for place in finding["violatingConstructs"]
    ]
    if found:
        raise SystemExit("\n".join(["Template rules are broken:", *found]))


def _digest(settings: Mapping[str, str]) -> str:
    digest = sha256(json.dumps([sorted(settings.items()), sys.version]).encode())
    for each in _inputs():
        digest.update(f"{each.relative_to(ROOT).as_posix()}\0".encode())
        digest.update(sha256(each.read_bytes()).digest())
    return digest.hexdigest()


def _inputs() -> Iterator[Path]:
    left_out = tuple(ROOT / each for each in _NOT_INPUTS)
    for name in _INPUTS:
        start = ROOT / name
        for each in sorted(start.rglob("*")) if start.is_dir() else [start]:
            if not each.is_file() or "__pycache__" in each.parts:
                continue
            if not any(each.is_relative_to(other) for other in left_out):
                yield each


def _mark(out: Path) -> dict[str, object]:
    mark = out / _MARK
    read: dict[str, object] = json.loads(mark.read_text()) if mark.exists() else {}
    return read


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Several test workers may ask at once; one makes, the others wait and find it made."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.with_name(f".{out.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> None:
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--check", action="store_true", help="hold cdk-nag's and cfn-lint's rules")
    check = said.parse_args().check
    print(f"Templates are in {ensure(check=check).relative_to(ROOT)}/")


if __name__ == "__main__":
    main()
