"""The three-way match of a day: applications, payments and the treasury's statement.

`python -m infra.match_day 2026-11-23` asks the treasury for its statement, compares it with our
books and prints what differs, a line a difference; --all does so for the national register, plate
maker and print room too. It looks at the city that runs here, or with --aws at your account.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from chepai.edge.clock import today
from infra.place import Place
from infra.reaching import NoCity, add_place, reached

ALIKE, DIFFERS, UNUSABLE = 0, 1, 2
WAIT_SECONDS, EVERY_SECONDS = 60.0, 1.0
BOOKS = ("payment", "register", "plate_maker", "print_room")
_COLUMNS = ("difference", "of", "about", "application", "application ¥", "ours ¥", "treasury ¥",
            "what follows")  # fmt: skip
_FOLLOWS = {
    "ask": "the partner is asked for its own word",
    "refund": "the treasury is told to give it back",
    "enter": "our books follow the treasury's word",
    "report": "a finding, for a person to decide",
}


class NoStatement(Exception):
    """A partner's statement has not come in time; the message names it."""


def match(
    place: Place, client: Callable[[str], Any], day: date, books: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """What differs on a day, by kind of partner. Raises NoStatement."""
    told = _run(place, client, day, anew=True)
    until = time.monotonic() + WAIT_SECONDS
    while missing := [each for each in books if told[each]["standing"] == "asked"]:
        if time.monotonic() > until:
            raise NoStatement(f"no statement of {day} from: {', '.join(missing)}; try again later")
        time.sleep(EVERY_SECONDS)
        told = _run(place, client, day)
    return {each: told[each] for each in books}


def _run(place: Place, client: Callable[[str], Any], day: date, **more: bool) -> dict[str, Any]:
    answer = client("lambda").invoke(
        FunctionName=place.name("reconcile"),
        Payload=json.dumps({"day": day.isoformat(), **more}).encode(),
    )
    said = json.loads(answer["Payload"].read())
    if answer.get("FunctionError"):
        raise NoStatement(f"the function failed: {said.get('errorType', 'unknown')}")
    found: dict[str, Any] = said[day.isoformat()]
    return found


def table(told: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The differences as lines of a table, and the sum of them."""
    rows = [_row(each) for words in told.values() for each in words["found"]]
    if rows:
        widths = [max(map(len, column)) for column in zip(_COLUMNS, *rows, strict=True)]
        for row in (_COLUMNS, tuple("─" * width for width in widths), *rows):
            cells = zip(row, widths, strict=True)
            yield "  ".join(cell.ljust(width) for cell, width in cells).rstrip()
    differing = sum(int(words["differing"]) for words in told.values())
    if differing > len(rows):
        yield f"… and {differing - len(rows)} more"
    yield f"{differing} differ" if differing else "nothing differs"


def _row(found: Mapping[str, Any]) -> tuple[str, ...]:
    amounts = [found.get(name) for name in ("application_fen", "ours_fen", "theirs_fen")]
    return (
        str(found["difference"]).replace("_", " "),
        str(found["what"]),
        str(found["about"]),
        str(found.get("application_id", "-")),
        *("-" if fen is None else f"{int(fen) / 100:.2f}" for fen in amounts),
        _FOLLOWS[str(found["step"])],
    )


def main(arguments: list[str] | None = None) -> int:
    """0 when all books agree, 1 when something differs, 2 when that cannot be told."""
    parser = argparse.ArgumentParser(prog="python -m infra.match_day", description=__doc__)
    parser.add_argument("day", nargs="?", default="", help="YYYY-MM-DD; yesterday if left out")
    parser.add_argument("--all", action="store_true", help="the register's and makers' books too")
    add_place(parser)
    parser.add_argument("--url", default="", help="the one address of a city on this machine")
    said = parser.parse_args(arguments)
    try:
        day = date.fromisoformat(said.day) if said.day else today() - timedelta(days=1)
        if day > today():
            raise ValueError
    except ValueError:
        print("Say a day that was, as YYYY-MM-DD.", file=sys.stderr)
        return UNUSABLE
    try:
        place, client = reached(said, said.url)
        told = match(place, client, day, BOOKS if said.all else BOOKS[:1])
    except (NoCity, NoStatement) as why:
        print(why, file=sys.stderr)
        return UNUSABLE
    print("\n".join([f"{day}, {', '.join(told)}", *table(told)]))
    return DIFFERS if any(each["differing"] for each in told.values()) else ALIKE


if __name__ == "__main__":
    sys.exit(main())
