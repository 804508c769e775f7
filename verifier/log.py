"""The whole log: checkpoints, batches, entries, chains and heads, as an export holds them.

A folder has `export.json`, `keys.json`, `checkpoints/<size>`, `batches/<first>-<last>.jsonl`,
`entries.jsonl` and `heads.jsonl`; README.md says what is in each.
"""

import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from verifier import entries as lines
from verifier.checkpoint import Checkpoint, Key, keys_in, opened
from verifier.merkle import Growing, leaf
from verifier.words import Digest, Tampered, Unusable, counted, digest_of, read_json

FORM = "chepai-export/1"
SEALED_WITHIN = timedelta(minutes=15)
NOT_SEALED = 1 << 60


@dataclass
class Found:
    """What was read of the log, and the first thing wrong with it in the log's own order."""

    made_at: str
    leaves: list[bytes] = field(default_factory=list)
    places: dict[tuple[str, int], int] = field(default_factory=dict)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    chains: dict[str, dict[int, tuple[str, str, str]]] = field(default_factory=dict)
    first: tuple[tuple[int, str], str] | None = None
    count: int = 0
    waiting: int = 0

    def wrong(self, index: int, what: str, at: str = "") -> None:
        """Remember a problem unless an earlier one is known; an equal one keeps the first word."""
        if self.first is None or (index, at) < self.first[0]:
            self.first = ((index, at), what)

    @property
    def sealed(self) -> int:
        return self.checkpoints[-1].size if self.checkpoints else 0


def check(folder: Path, keys: list[Key] | None = None, since: str | None = None) -> str:
    """A sentence about a log that is whole. Raises Tampered with the first bad entry, Unusable."""
    about = read_json(folder / "export.json", FORM)
    trusted = keys or keys_in(read_json(folder / "keys.json").get("log", []))
    known = opened(since, trusted, "the checkpoint you kept") if since else None
    found = Found(str(about["made_at"]))
    found.checkpoints = _checkpoints(folder, trusted)
    _read_batches(folder, found)
    _hold_against_what_is_known(found, known)
    _grow(found, [*found.checkpoints, *([known] if known else [])])
    _read_entries(folder, found, known.size if known else 0)
    _look_for_the_missing(folder, found)
    _look_for_the_back_dated(found)
    if found.first:
        raise Tampered(found.first[1])
    return (
        f"{counted(found.count, 'entry', 'entries')} in {counted(len(found.chains), 'chain')}, "
        f"{found.sealed:,} sealed under {counted(len(found.checkpoints), 'checkpoint')}, "
        f"{found.waiting:,} not sealed yet"
    )


def _checkpoints(folder: Path, keys: list[Key]) -> list[Checkpoint]:
    read: list[Checkpoint] = []
    for file in sorted((folder / "checkpoints").glob("*")):
        one = opened(file.read_text("utf-8"), keys, f"checkpoint {file.name}")
        if not file.name.isdecimal() or int(file.name) != one.size:
            raise Tampered(f"checkpoint {file.name} says that the log had {one.size} leaves")
        if read and (one.origin, one.digest(b"")) != (read[0].origin, read[0].digest(b"")):
            raise Tampered(f"checkpoint {file.name} is of another log: {one.origin}")
        read.append(one)
    return read


def _read_batches(folder: Path, found: Found) -> None:
    """Leaves from the first on, through the batches that fit on to each other."""
    sizes = {one.size for one in found.checkpoints}
    spans: dict[int, list[tuple[bool, int, Path]]] = {}
    for file in (folder / "batches").glob("*.jsonl"):
        first, _, end = file.stem.partition("-")
        if not (first.isdecimal() and end.isdecimal()):
            raise Unusable(f"{file.name} is no name of a batch")
        # A batch whose sealing was cut short may lie beside the one that was sealed.
        spans.setdefault(int(first), []).append((int(end) + 1 in sizes, int(end), file))
    while len(found.leaves) in spans:
        _, last, file = max(spans[len(found.leaves)])
        for line in file.read_bytes().splitlines():
            _take_leaf(line, file.name, found)
        if len(found.leaves) != last + 1:
            found.wrong(len(found.leaves), f"batch {file.name} has not as many leaves as it says")
            return
    if len(found.leaves) < found.sealed:
        at = len(found.leaves)
        found.wrong(at, f"the batch with leaf {at} is missing, and {found.sealed} were sealed")


def _take_leaf(line: bytes, name: str, found: Found) -> None:
    at = len(found.leaves)
    try:
        told = json.loads(line)
        place, hashed = (str(told["chain"]), int(told["seq"])), bytes.fromhex(told["leaf"])
    except (ValueError, KeyError, TypeError):
        raise Unusable(f"a line of batch {name} is no leaf") from None
    if told["index"] != at:
        found.wrong(at, f"batch {name} has leaf {told['index']} where {at} must be")
    if place in found.places:
        found.wrong(at, f"entry {place[1]} of {place[0]} was sealed twice (leaves "
                        f"{found.places[place]} and {at})")  # fmt: skip
    found.places.setdefault(place, at)
    found.leaves.append(hashed)


def _hold_against_what_is_known(found: Found, known: Checkpoint | None) -> None:
    if known is None:
        return
    if found.checkpoints and known.origin != found.checkpoints[0].origin:
        raise Tampered(f"the checkpoint you kept is of another log: {known.origin}")
    if known.size > found.sealed:
        found.wrong(
            found.sealed,
            f"the log was rolled back: it had {known.size} leaves, now {found.sealed}; "
            f"the first one missing is leaf {found.sealed}",
        )


def _grow(found: Found, checkpoints: list[Checkpoint]) -> None:
    digest = checkpoints[0].digest if checkpoints else digest_of("sha-256")
    growing = Growing(digest)
    agreed = 0
    for one in sorted(checkpoints, key=lambda each: each.size):
        if one.size > len(found.leaves):
            return
        while growing.size < one.size:
            growing.add(found.leaves[growing.size])
        if growing.root() != one.root:
            found.wrong(
                agreed,
                f"the leaves do not lead to the root of checkpoint {one.size}: something from "
                f"{_at(found, agreed)} to {_at(found, one.size - 1)} is not what was signed",
            )
            return
        agreed = one.size


def _at(found: Found, index: int) -> str:
    names = {where: place for place, where in found.places.items() if where == index}
    chain, seq = names.get(index, ("?", 0))
    return f"leaf {index} (entry {seq} of {chain})"


def _read_entries(folder: Path, found: Found, since: int) -> None:
    digest: Digest = found.checkpoints[0].digest if found.checkpoints else digest_of("sha-256")
    late = _earlier(found.made_at)
    for place, line in enumerate(_lines(folder / "entries.jsonl"), start=1):
        stored, data, entry = lines.of_line(line, place)
        chain, seq = lines.place_of(entry)
        at = str(entry.get("received_at" if "version_key" in entry else "at", ""))
        index = found.places.get((chain, seq), NOT_SEALED)
        found.count += 1
        mine = found.chains.setdefault(chain, {})
        if seq in mine:
            found.wrong(index, f"{lines.name_of(entry)} is there twice")
        mine[seq] = (str(entry.get("prev", "")), stored, at)
        if index < since:
            continue
        if index >= found.sealed:
            found.waiting += 1
            if at < late:
                found.wrong(
                    index,
                    f"{lines.name_of(entry)} was never sealed though it is old: it was inserted "
                    "afterwards, or the sealing left it out",
                    at,
                )
        if index < NOT_SEALED and leaf(digest, data) != found.leaves[index]:
            found.wrong(index, f"{lines.name_of(entry)} is not what was sealed as leaf {index}")
        elif lines.hash_of(entry, data) != stored:
            found.wrong(index, f"{lines.name_of(entry)} was changed: its hash is another")


def _look_for_the_missing(folder: Path, found: Found) -> None:
    for (chain, seq), index in found.places.items():
        if seq not in found.chains.get(chain, {}):
            found.wrong(index, f"entry {seq} of {chain}, sealed as leaf {index}, is missing")
    for chain, mine in found.chains.items():
        seq, prev = 0, ""
        for each in sorted(mine):
            index = found.places.get((chain, each), NOT_SEALED)
            if each != seq + 1:
                found.wrong(index, f"entry {seq + 1} of {chain} is missing")
            elif mine[each][0] != prev:
                found.wrong(index, f"entry {each} of {chain} does not follow the one before it")
            seq, prev = each, mine[each][1]
    for line in _lines(folder / "heads.jsonl"):
        head = json.loads(line)
        mine, seq = found.chains.get(head["chain"], {}), head["seq"]
        if seq not in mine:
            first = max(mine, default=0) + 1
            index = found.places.get((head["chain"], first), NOT_SEALED)
            found.wrong(index, f"entry {first} of {head['chain']} is missing: the case has {seq}")
        elif mine[seq][1] != head["hash"]:
            index = found.places.get((head["chain"], seq), NOT_SEALED)
            found.wrong(index, f"entry {seq} of {head['chain']} is not the last one of the case")


def _look_for_the_back_dated(found: Found) -> None:
    """What is sealed long after younger entries were was not there when these were sealed."""
    ends = [one.size for one in found.checkpoints]
    youngest: list[str] = [""] * (len(ends) + 1)
    dated: list[tuple[int, str, str]] = []
    for (chain, seq), index in found.places.items():
        known = found.chains.get(chain, {}).get(seq)
        if known and index < found.sealed:
            batch = bisect_right(ends, index)
            youngest[batch] = max(youngest[batch], known[2])
            dated.append((index, known[2], f"entry {seq} of {chain} ({known[2]})"))
    horizon, before = [], ""
    for each in youngest:
        horizon.append(_earlier(before))
        before = max(before, each)
    for index, at, name in dated:
        if at < horizon[bisect_right(ends, index)]:
            found.wrong(index, f"{name} was sealed long after younger entries: it is back-dated")


def _earlier(at: str) -> str:
    try:
        moment = datetime.fromisoformat(at) - SEALED_WITHIN
    except ValueError:
        # No time at all: such an entry is not what was sealed, and is named for that.
        return ""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _lines(file: Path) -> Iterator[bytes]:
    if not file.exists():
        raise Unusable(f"{file.name} is missing")
    with file.open("rb") as opened_file:
        for line in opened_file:
            if line.strip():
                yield line.rstrip(b"\n")


# Words about text messages prove nothing; opened segments hold a secret until they are closed.
_NOT_ARCHIVED = ("A11#", "A12#")


def evidence_named(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every partner's message that was kept as a fact or rested on, with the entry's name."""
    for place, line in enumerate(_lines(folder / "entries.jsonl"), start=1):
        _, _, entry = lines.of_line(line, place)
        if not str(entry.get("version_key", _NOT_ARCHIVED[0])).startswith(_NOT_ARCHIVED):
            yield lines.name_of(entry), entry
        for each in entry.get("evidence", ()):
            if isinstance(each, dict):
                yield lines.name_of(entry), each
