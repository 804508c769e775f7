"""Ten ways to tamper with a ledger, each at a random place and each by who can do more and more.

A way answers what the checker must say: words of the first bad entry, and what its reader holds.
"""

import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.unit.verifier.making import (
    BEGAN,
    INTRUDER,
    OFFICE,
    Entry,
    Log,
    hashed,
    key_of,
    note_of,
    root_of,
    stamp,
)


@dataclass(frozen=True)
class Expected:
    """`names` must all be in the answer; `since` and `pinned` are what the reader holds."""

    names: tuple[str, ...]
    since: str | None = None
    pinned: bool = False


Way = Callable[[Log, random.Random], Expected]


def entry_named(entry: Entry) -> str:
    return f"entry {entry['seq']} of {entry['chain']}"


def _sealed_row(log: Log, rnd: random.Random) -> Entry:
    """A row of the table that was sealed."""
    one = rnd.choice(log.sealed)
    return next(e for e in log.rows if (e["chain"], e["seq"]) == (one["chain"], one["seq"]))


def change_a_field(log: Log, rnd: random.Random) -> Expected:
    row = _sealed_row(log, rnd)
    how = rnd.randrange(4)
    if how == 0:
        row["to"]["status"] = "COMPLETED"
    elif how == 1:
        row["actor"]["id"] = "somebody_else"
    elif how == 2:
        row["at"] = stamp(BEGAN - timedelta(days=1))
    else:
        row["hash"] = rnd.randbytes(32).hex()
    if how < 3 and rnd.random() < 0.5:
        hashed(row)
    return Expected((entry_named(row),))


def swap_two(log: Log, rnd: random.Random) -> Expected:
    first = _sealed_row(log, rnd)
    second = _sealed_row(log, rnd)
    while second is first:
        second = _sealed_row(log, rnd)
    for name in ("to", "from", "at", "act", "evidence", "hash"):
        if name != "hash" or rnd.random() < 0.5:
            first[name], second[name] = second[name], first[name]
    earlier = min(first, second, key=log.index_of)
    return Expected((entry_named(earlier),))


def delete_in_the_middle(log: Log, rnd: random.Random) -> Expected:
    while True:
        row = _sealed_row(log, rnd)
        if row["seq"] < len(log.chain(row["chain"])):
            log.rows.remove(row)
            return Expected((entry_named(row), "missing"))


def delete_the_tail(log: Log, rnd: random.Random) -> Expected:
    name = rnd.choice(sorted(log.heads))
    mine = log.chain(name)
    gone = mine[-rnd.randint(1, len(mine)) :]
    log.rows = [each for each in log.rows if each not in gone]
    return Expected((entry_named(gone[0]),))


def delete_a_case(log: Log, rnd: random.Random) -> Expected:
    name = _sealed_row(log, rnd)["chain"]
    first = log.chain(name)[0]
    log.rows = [each for each in log.rows if each["chain"] != name]
    del log.heads[name]
    return Expected((entry_named(first), "missing"))


def insert_back_dated(log: Log, rnd: random.Random) -> Expected:
    how = rnd.randrange(3)
    if how == 0:
        # A case of its own that nobody sealed.
        made = _entry_like(log.rows[0], chain="app_" + "9" * 26, seq=1, prev="", rnd=rnd)
        log.rows.insert(rnd.randrange(len(log.rows)), made)
        return Expected((entry_named(made),))
    if how == 1:
        # In the middle of a chain, everything after it renumbered and hashed anew.
        before = _sealed_row(log, rnd)
        mine = log.chain(before["chain"])
        at = mine.index(before)
        made = _entry_like(
            before, chain=before["chain"], seq=before["seq"], prev=before["prev"], rnd=rnd
        )
        prev = made["hash"]
        for later in mine[at:]:
            later["seq"], later["prev"] = later["seq"] + 1, prev
            prev = hashed(later)["hash"]
        log.rows.append(made)
        log.heads[before["chain"]] = deepcopy(mine[-1])
        return Expected((entry_named(made),))
    # Slipped to the sealer days later, and sealed by the right key.
    made = _entry_like(log.rows[0], chain="app_" + "8" * 26, seq=1, prev="", rnd=rnd)
    log.rows.append(made)
    log.sealed.append(deepcopy(made))
    log.sizes.append(len(log.sealed))
    log.sign()
    return Expected((entry_named(made), "back-dated"))


def rewrite_from(log: Log, rnd: random.Random) -> Expected:
    row = _sealed_row(log, rnd)
    mine = log.chain(row["chain"])
    row["to"]["status"] = "COMPLETED"
    prev = row["prev"]
    for later in mine[mine.index(row) :]:
        later["prev"] = prev
        prev = hashed(later)["hash"]
    log.heads[row["chain"]] = deepcopy(mine[-1])
    named = entry_named(row)
    if rnd.random() < 0.5:
        return Expected((named,))
    # The batches are rewritten with them: the signed root still tells, and from where to where.
    first = log.index_of(row)
    rewritten = {(each["chain"], each["seq"]): each for each in mine}
    for index, each in enumerate(log.sealed):
        log.sealed[index] = deepcopy(rewritten.get((each["chain"], each["seq"]), each))
    end = min(size for size in log.sizes if size > first)
    begin = max([0, *(size for size in log.sizes if size <= first)])
    return Expected((f"from leaf {begin} ", f"to leaf {end - 1} ", f"checkpoint {end}"))


def fork(log: Log, rnd: random.Random) -> Expected:
    size = rnd.choice(log.sizes)
    begin = max([0, *(each for each in log.sizes if each < size)])
    how = rnd.randrange(3)
    if how == 0:
        log.notes[size] = note_of(size, rnd.randbytes(32))
        return Expected((f"checkpoint {size}", f"from leaf {begin} "))
    if how == 1:
        log.notes[size] = note_of(size, root_of(log.leaves()[:size]), INTRUDER)
        return Expected((f"checkpoint {size:012d}", "signed by none"))
    # Everything rewritten and signed by the right key: only who kept a checkpoint can tell.
    kept = log.notes[size]
    row = log.sealed[rnd.randrange(size)]
    live = next(e for e in log.rows if (e["chain"], e["seq"]) == (row["chain"], row["seq"]))
    _rewrite_all(log, live)
    return Expected((f"checkpoint {size}",), since=kept)


def roll_back(log: Log, rnd: random.Random) -> Expected:
    newest = log.notes[log.sizes[-1]]
    to = rnd.choice(log.sizes[:-1])
    lost = log.sealed[to]
    log.sealed = log.sealed[:to]
    log.notes = {size: note for size, note in log.notes.items() if size <= to}
    log.sizes = [size for size in log.sizes if size <= to]
    if rnd.random() < 0.5:
        # The rows are still there, old and in no log.
        log.made_at += timedelta(minutes=30)
        return Expected((entry_named(lost), "never sealed"))
    kept = {(each["chain"], each["seq"]) for each in log.sealed}
    log.rows = [each for each in log.rows if (each["chain"], each["seq"]) in kept]
    log.heads = {}
    return Expected(("rolled back", f"leaf {to}"), since=newest)


def swap_the_key(log: Log, rnd: random.Random) -> Expected:
    if rnd.random() < 0.5:
        size = rnd.choice(log.sizes)
        log.notes[size] = note_of(size, root_of(log.leaves()[:size]), INTRUDER)
        return Expected((f"checkpoint {size:012d}", "signed by none"))
    since = log.notes[rnd.choice(log.sizes)]
    row = _sealed_row(log, rnd)
    _rewrite_all(log, row)
    log.sign(INTRUDER)
    log.keys = [key_of(INTRUDER)]
    if rnd.random() < 0.5:
        return Expected((f"checkpoint {log.sizes[0]:012d}", "signed by none"), pinned=True)
    return Expected(("the checkpoint you kept", "signed by none"), since=since)


def _rewrite_all(log: Log, row: Entry) -> None:
    """Change a row and make everything fit again, with the office's own key."""
    mine = log.chain(row["chain"])
    row["to"]["status"] = "COMPLETED"
    prev = row["prev"]
    for later in mine[mine.index(row) :]:
        later["prev"] = prev
        prev = hashed(later)["hash"]
    log.heads[row["chain"]] = deepcopy(mine[-1])
    live = {(each["chain"], each["seq"]): each for each in log.rows}
    log.sealed = [deepcopy(live[each["chain"], each["seq"]]) for each in log.sealed]
    log.sign(OFFICE)


def _entry_like(pattern: Entry, *, rnd: random.Random, **given: Any) -> Entry:
    made = deepcopy(pattern) | given
    made["at"] = stamp(BEGAN - timedelta(days=rnd.randint(1, 30)))
    made["to"] = {"status": "COMPLETED", "n": rnd.randrange(1 << 30)}
    return hashed(made)


WAYS: dict[str, Way] = {
    "change a field": change_a_field,
    "swap two entries": swap_two,
    "delete in the middle": delete_in_the_middle,
    "delete the tail": delete_the_tail,
    "delete a case": delete_a_case,
    "insert a back-dated one": insert_back_dated,
    "rewrite from one on, with valid hashes": rewrite_from,
    "fork a checkpoint": fork,
    "roll back to an old checkpoint": roll_back,
    "swap the signing key": swap_the_key,
}
