"""One application drawn: what it has passed, where it stands, what lies ahead, and its ledger.

Read as the office reads it (staff API) and as its owner does (live progress), never from a table.
"""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from infra.local.scenarios.sandbox import Sandbox
from infra.local.scenarios.staff import PAPER
from infra.local.scenarios.telling import console, say_in_both
from infra.local.scenarios.view import both, drawn
from infra.local.scenarios.wire import Refused, Wire

CLERK = "sta_show"

Read = Mapping[str, Any]


class NoSuchApplication(LookupError):
    """The city knows no application of this id; the message says which."""


def show(url: str, application_id: str) -> None:
    """Print one application of the city at `url`. Raises NoSuchApplication."""
    wire = Wire(url)
    sandbox = Sandbox(wire)
    clerk = wire.signed_in(sandbox.staff_token(CLERK, "clerk"))
    try:
        dossier: Read = clerk.get(f"/v1/staff/applications/{application_id}{PAPER}")
    except Refused as no:
        if no.status != 404:
            raise
        raise NoSuchApplication(f"This city has no application {application_id}.") from None
    owner = wire.signed_in(sandbox.citizen_token(dossier["person_id"]))
    progress: Read = owner.get(f"/v1/applications/{application_id}/progress")
    console().print(Group(drawn(progress), _waits(dossier), _ledger(dossier)))


def _waits(dossier: Read) -> RenderableType:
    waits = Text()
    for step in dict.fromkeys(each["step"] for each in dossier["waits"]):
        kinds = sorted(each["kind"] for each in dossier["waits"] if each["step"] == step)
        waits.append(f"{say_in_both('waits')}: {step} ({', '.join(kinds)})\n", "yellow")
    return waits


def _ledger(dossier: Read) -> RenderableType:
    """A line for each entry: when, who, what, and the status it led to."""
    table = Table(box=None, pad_edge=False, title_justify="left")
    table.title = f"{say_in_both('ledger')} {_chain(dossier['chain'])}"
    table.show_header = False
    for narrow in (True, True, True, False, True):
        table.add_column(no_wrap=narrow)
    for entry in dossier["history"]:
        was, now = entry["was"].get("status"), entry["now"].get("status")
        who = entry["actor"]
        table.add_row(
            str(entry["seq"]),
            entry["at"][:19].replace("T", " "),
            who["id"] if who["role"] == "system" else who["role"],
            both(entry["text"]) if entry.get("text") else entry["act"],
            Text(f"→ {now}" if now != was else "", "cyan"),
        )
    return table


def _chain(chain: Read) -> str:
    return say_in_both("chain" if chain["intact"] else "broken", at=chain.get("broken_at", ""))
