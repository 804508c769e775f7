"""Recompute every deal of a closed number segment from what was published.

A folder (or each folder in it) has `release.json`, published, the secret last, when the segment
closed:
    {"segment_id": "...", "plate_kind": "52", "prefix": "鲁B", "pattern": "LADDDD", "letters": "D",
     "reserved_patterns": ["..."], "commitment": "<SHA-256 of the secret, hex>",
     "randomness": "<public text>", "secret": "<64 hex digits>", "dealt": {"0": 120, ...}}
`dealt` is where each counter stood at the close; without it a deal left out at the end is not seen.
`deals.jsonl` beside it is the public log, one deal a line, in any order:
    {"counter": 3, "start": 40, "k": 10, "numbers": ["鲁BD12345", ...]}
A range that was drawn and shown to nobody (a reply was lost) has `"numbers": null`; such ranges
are counted in the answer.
"""

import hashlib
import itertools
import json
import math
import re
from pathlib import Path
from typing import Any

from verifier.words import Tampered, Unusable, counted

DIGITS = "0123456789"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
COUNTERS, SMALLEST_LANE, ROUNDS = 16, 500, 10


def check(folder: Path) -> str:
    """A sentence about segments whose deals are all right. Raises Tampered, Unusable."""
    folders = [folder] if (folder / "release.json").exists() else sorted(folder.glob("*/"))
    releases = [each for each in folders if (each / "release.json").exists()]
    if not releases:
        raise Unusable(f"no release.json in {folder.name} or a folder of it")
    count = lost = 0
    for each in releases:
        try:
            release = json.loads((each / "release.json").read_text("utf-8"))
            lines = (each / "deals.jsonl").read_text("utf-8").splitlines()
            right, unseen = verify(release, lines)
        except (OSError, ValueError, KeyError, TypeError) as trouble:
            raise Unusable(f"{each.name}: {type(trouble).__name__}: {trouble}") from None
        except Tampered as wrong:
            raise Tampered(f"segment {each.name}: {wrong}") from None
        count, lost = count + right, lost + unseen
    return (
        f"{counted(count, 'deal')} of {counted(len(releases), 'closed segment')} are as the key "
        f"dictates; {lost:,} more were shown to nobody"
    )


def verify(release: dict[str, Any], lines: list[str]) -> tuple[int, int]:
    """How many deals are right and how many were shown to nobody; Tampered at the first bad one."""
    secret = bytes.fromhex(release["secret"])
    if hashlib.sha256(secret).hexdigest() != release["commitment"]:
        raise Tampered(
            "the secret is not the one whose hash was published before the segment opened"
        )
    numbers = serials(release)
    message = f"chepai pool v1\n{release['segment_id']}\n{release['randomness']}".encode()
    key = hashlib.blake2b(message, key=secret, digest_size=32).digest()
    ranges: dict[int, list[tuple[int, int, int]]] = {}
    lost = 0
    for line, text in enumerate(lines, start=1):
        if text.strip():
            entry = json.loads(text)
            counter, start, k = entry["counter"], entry["start"], entry["k"]
            expected = dealt(numbers, release["prefix"], key, counter, start, k)
            lost += entry["numbers"] is None
            compare(line, entry, expected)
            ranges.setdefault(counter, []).append((start, k, line))
    ends = {counter: unbroken(counter, sorted(blocks)) for counter, blocks in ranges.items()}
    for counter, end in release.get("dealt", {}).items():
        if ends.get(int(counter), 0) != end:
            raise Tampered(
                f"counter {counter} stood at {end}, the log ends at {ends.get(int(counter), 0)}"
            )
    return sum(len(blocks) for blocks in ranges.values()) - lost, lost


def compare(line: int, entry: dict[str, Any], expected: list[str]) -> None:
    if entry["numbers"] is not None and entry["numbers"] != expected:
        raise Tampered(
            f"line {line}: counter {entry['counter']} from {entry['start']}: logged"
            f" {entry['numbers']}, the key gives {expected}"
        )


def unbroken(counter: int, blocks: list[tuple[int, int, int]]) -> int:
    """Where the ranges end: a gap is a deal that was hidden, an overlap one dealt twice."""
    due = 0
    for start, k, line in blocks:
        if start != due:
            word = "a deal is missing before" if start > due else "dealt twice at"
            raise Tampered(f"line {line}: counter {counter}: {word} {start} (expected {due})")
        due = start + k
    return due


def serials(release: dict[str, Any]) -> list[str]:
    """Every serial of the segment that is not reserved, in order."""
    alphabets = {"D": DIGITS, "L": release.get("letters", LETTERS), "A": DIGITS + LETTERS}
    never = [re.compile(each) for each in release.get("reserved_patterns", [])]
    every = map("".join, itertools.product(*(alphabets[slot] for slot in release["pattern"])))
    return [serial for serial in every if not any(each.search(serial) for each in never)]


def dealt(
    numbers: list[str], prefix: str, key: bytes, counter: int, start: int, k: int
) -> list[str]:
    size = len(numbers)
    step = max(1, min(COUNTERS, size // SMALLEST_LANE))
    if not (0 <= counter < step and start >= 0 and k >= 0):
        raise Tampered(f"the segment has no counter {counter}, or a deal of {k} from {start}")
    lane = (size - counter - 1) // step + 1
    places = (counter + step * ((start + nth) % lane) for nth in range(min(k, lane)))
    return [prefix + numbers[permuted(key, size, place)] for place in places]


def permuted(key: bytes, size: int, place: int) -> int:
    """Ten rounds on place = left * b + right, repeated while the result lies past the end."""
    a = math.isqrt(size - 1) + 1
    b = -(-size // a)
    while True:
        left, right = divmod(place, b)
        for nth in range(0, ROUNDS, 2):
            left = (left + mixed(key, size, nth, right)) % a
            right = (right + mixed(key, size, nth + 1, left)) % b
        place = left * b + right
        if place < size:
            return place


def mixed(key: bytes, size: int, nth: int, half: int) -> int:
    message = size.to_bytes(8, "big") + (nth << 56 | half).to_bytes(8, "big")
    return int.from_bytes(hashlib.blake2b(message, key=key, digest_size=8).digest(), "big")
