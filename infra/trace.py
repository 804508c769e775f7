"""Follow a thread through the ledger of a city and print what it touched.

    python -m infra.trace --fact DIGEST | "SUBJECT|KIND|VERSION"
    python -m infra.trace --actor "role#id" | --partner ID | --rule VERSION_OR_ARTICLE | --person ID
                          [--purpose recheck] [--reference NO] [--url ADDRESS]

Who asks is a supervisor: the token in CHEPAI_TOKEN, or, in a sandbox, one that signs in here. Who
asked for what is in the ledger before anything is answered, so a reference is always given.

Exit status 0: found. 1: nothing rests on it. 2: the city cannot be asked, or refused.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from infra.local.scenarios.sandbox import Sandbox
from infra.local.scenarios.wire import CityAway, Refused, Wire

LIVE = Path(__file__).parents[1] / ".chepai" / "live.json"
THREADS = ("fact", "actor", "partner", "rule", "person")
SUPERVISOR = "sta_trace"
PIPED_WIDTH = 180


def acts(wire: Wire, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every act that a thread leads to, the oldest first. Raises Refused or CityAway."""
    cursor = ""
    while True:
        page = wire.post("/v1/staff/traces", asked | ({"cursor": cursor} if cursor else {}))
        yield from page["acts"]
        cursor = page.get("next") or ""
        if not cursor:
            return


def drawn(found: list[dict[str, Any]], title: str) -> Table:
    """The acts as a table, a row each."""
    table = Table(title=title)
    for name in ("when 时间", "where 链", "no. 序号", "act 行为", "who 经办", "fact 事实"):
        table.add_column(name, overflow="fold", no_wrap=name.startswith(("no.", "act")))
    for each in found:
        actor = each.get("actor") or {}
        who = " ".join(str(actor[part]) for part in ("role", "id", "for") if part in actor)
        table.add_row(
            each["at"], each["chain"], str(each["seq"]), each["act"], who, each.get("fact", "")
        )
    return table


def main(arguments: list[str]) -> int:
    """Follow what the command line names; the exit status."""
    asked = _asked(arguments)
    # Into a file or a pipe it is as wide as it has to be.
    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH)
    try:
        url = asked.url or json.loads(LIVE.read_text("utf-8"))["url"]
        wire = Wire(url)
        token = os.environ.get("CHEPAI_TOKEN") or Sandbox(wire).staff_token(
            SUPERVISOR, "supervisor"
        )
        body = {
            "follow": asked.follow, "value": asked.value,
            "purpose": asked.purpose, "reference": asked.reference,
        }  # fmt: skip
        found = list(acts(wire.signed_in(token), body))
    except (CityAway, Refused, OSError, KeyError, ValueError) as trouble:
        console.print(f"cannot trace: {trouble}")
        return 2
    touched = sorted({each["chain"] for each in found if each["chain"].startswith("app_")})
    console.print(drawn(found, f"{asked.follow} {asked.value}"))
    console.print(f"{len(found)} acts, {len(touched)} applications")
    for application_id in touched:
        console.print(f"  {application_id}")
    return 0 if found else 1


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m infra.trace", description="what a fact, actor, rule or person touched"
    )
    threads = parser.add_mutually_exclusive_group(required=True)
    for name in THREADS:
        threads.add_argument(f"--{name}")
    parser.add_argument("--purpose", default="recheck")
    parser.add_argument("--reference", default="command-line")
    parser.add_argument("--url", default="")
    read = parser.parse_args(arguments)
    read.follow = next(name for name in THREADS if getattr(read, name))
    read.value = getattr(read, read.follow)
    return read


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
