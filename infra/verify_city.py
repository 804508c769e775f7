"""Export a city's evidence and let the offline verifier check all of it: `make verify`.

The last checkpoint that held is kept with the city's state: a log that was rolled back or forked
since the last look does not lead to it.
"""

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.assets import ROOT
from infra.export_ledger import Export, live_url
from infra.reaching import NoCity, add_place, reached

GOOD, TAMPERED, UNUSABLE = 0, 1, 2


@dataclass(frozen=True)
class Check:
    """One run of the verifier: what it is about, and what it is asked."""

    title: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """How one run ended."""

    check: Check
    status: int
    said: str
    seconds: float


def checks(folder: Path, kept: Path) -> Iterator[Check]:
    """Everything there is to check in an exported folder."""
    keys = ("--keys", str(folder / "keys.json"))
    yield Check("the whole log", ("log", str(folder), *keys))
    if kept.exists():
        yield Check(
            "the log since the last look", ("log", str(folder), *keys, "--since", str(kept))
        )
    if any((folder / "bundles").glob("*.json")):
        yield Check("bundles of closed cases", ("bundle", str(folder / "bundles"), *keys))
    yield Check("partners' signatures", ("evidence", str(folder), *keys))
    if (folder / "draws").exists():
        yield Check("deals of closed segments", ("draws", str(folder / "draws")))


def run(check: Check) -> Result:
    """Ask the verifier in a process of its own, which knows nothing of us."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "verifier", *check.words],
        cwd=ROOT,
        env={"PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    last = (done.stdout.strip() or done.stderr.strip() or "?").splitlines()[-1]
    return Result(check, done.returncode, last, time.monotonic() - began)


def keep(folder: Path, kept: Path) -> None:
    """Remember the newest checkpoint of a log that held."""
    newest = max((folder / "checkpoints").glob("*"), default=None)
    if newest is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(newest, kept)


def verified(folder: Path, kept: Path) -> int:
    """Run all checks and say how they ended, a line each; the worst exit status."""
    results = []
    for check in checks(folder, kept):
        result = run(check)
        results.append(result)
        sign = {GOOD: "✓", TAMPERED: "✗"}.get(result.status, "?")
        print(f"  {sign} {check.title:<28}{result.said}  ({result.seconds:.1f} s)", flush=True)
    if all(each.status == GOOD for each in results):
        keep(folder, kept)
        print("Everything holds.")
        return GOOD
    if any(each.status == TAMPERED for each in results):
        print("Something was tampered with: the first bad entry is named above.")
        return TAMPERED
    print("Something could not be checked.")
    return UNUSABLE


def main(arguments: list[str] | None = None) -> int:
    """0 when everything holds, 1 when something was tampered with, 2 when it cannot be checked."""
    parser = argparse.ArgumentParser(prog="python -m infra.verify_city", description=__doc__)
    parser.add_argument("folder", metavar="DIR", type=Path, nargs="?", help="(build/evidence)")
    parser.add_argument("--url", help="the address of the city's public routes")
    add_place(parser)
    said = parser.parse_args(arguments)
    from infra.local.city import STATE

    try:
        place, client = reached(said)
    except NoCity as why:
        print(why)
        return UNUSABLE
    folder = said.folder or ROOT / "build" / "evidence"
    Export(place, client, folder, local=not said.aws).write(live_url(said))
    state = ROOT / "build" / place.name("evidence") if said.aws else (said.state or STATE)
    return verified(folder, state / "last-checkpoint")


if __name__ == "__main__":
    sys.exit(main())
