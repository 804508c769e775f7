"""Fetch what is public of a closed number segment, as `python -m verifier draws` reads it.

    python tools/fetch_deals.py 02-B-2K build/deals/02-B-2K [https://city.example]

Writes release.json (the segment with its secret) and deals.jsonl (a deal a line) into the folder.
Without an address it asks the city that `make run` keeps on this machine.

Exit status 0: both are written. 1: the segment is not closed. 2: the city cannot be asked.

Like the check itself it stands alone: standard library only, and nothing that is not public.
"""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

LIVE = Path(__file__).parents[1] / ".chepai" / "live.json"


def main(arguments: list[str]) -> int:
    """Fetch for the command line's segment, folder and address; the exit status."""
    if len(arguments) not in (2, 3) or not arguments[0]:
        print(__doc__)
        return 2
    segment, folder = arguments[0], Path(arguments[1])
    try:
        url = arguments[2] if len(arguments) == 3 else json.loads(LIVE.read_text("utf-8"))["url"]
        release = released(url, segment)
        if release is None:
            print(f"NOT CLOSED  no closed segment {segment}: nothing to check yet")
            return 1
        lines = deals(url, segment)
    except (OSError, ValueError, KeyError) as trouble:
        print(f"UNREADABLE  {type(trouble).__name__}: {trouble}")
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "release.json").write_text(json.dumps(release, ensure_ascii=False), "utf-8")
    (folder / "deals.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    print(f"FETCHED  {len(lines)} ranges of segment {segment}")
    return 0


def released(url: str, segment: str) -> dict[str, Any] | None:
    """The published segment; None while its secret is not."""
    every = get(url, "/v1/number-segments")["segments"]
    found = [each for each in every if each["segment_id"] == segment and each.get("secret")]
    return found[0] if found else None


def deals(url: str, segment: str) -> list[str]:
    """Every dealt range as a line of JSON."""
    lines: list[str] = []
    cursor = ""
    while True:
        page = get(url, f"/v1/number-segments/{urllib.parse.quote(segment)}/deals", cursor)
        for each in page["deals"]:
            told = {name: each.get(name) for name in ("counter", "start", "k", "numbers")}
            lines.append(json.dumps(told, ensure_ascii=False))
        cursor = page.get("next") or ""
        if not cursor:
            return lines


def get(url: str, path: str, cursor: str = "") -> dict[str, Any]:
    """One answer of the city. Raises OSError or ValueError."""
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{url} is no address of a city")
    query = "?" + urllib.parse.urlencode({"cursor": cursor}) if cursor else ""
    asked = f"{url.rstrip('/')}{path}{query}"
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 - checked above
        read: dict[str, Any] = json.load(answer)
    return read


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
