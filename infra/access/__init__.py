"""What each function may touch: one entry a folder, from which role and environment are derived.

An entry names tables, queues, keys and machines by their short names and spells the verbs
("GetItem UpdateItem"). Nothing else reaches a function: what is not in its entry it neither may
do nor knows the name of.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

GROUPS = ("citizen", "staff", "partners", "steps", "background", "sandbox")


@dataclass(frozen=True)
class Queue:
    """Called with the messages of a queue, `batch` at a time."""

    name: str
    batch: int = 1


@dataclass(frozen=True)
class Stream:
    """Called with the new rows of a table, in order per key.

    A failed batch is cut in two and repeated until the bad row stands alone; after `tries` it
    goes to the dead letters. Handlers raise, they never report partial failures (see
    docs/decisions/0003-streams-are-the-fast-path.md). `only` are patterns of event filtering, one
    of which a row has to fit: the others wake nobody and cost nothing.
    """

    table: str
    batch: int = 10
    tries: int = 5
    only: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Every:
    """Called by the clock."""

    minutes: int


@dataclass(frozen=True)
class Access:
    """The rights, the trigger and the size of one function.

    tables, buckets, queues, keys, machines, secrets: short name → verbs without the service
    prefix (what a bucket's encryption needs follows from its verbs);
    indexes: "table/index" → verbs; answers: may answer task tokens of our machines;
    invokes: names of functions that it may call; environment: settings that are no resource;
    memory in MB; timeout in seconds; concurrency: reserved executions, None for the common pool.
    """

    tables: Mapping[str, str] = field(default_factory=dict)
    buckets: Mapping[str, str] = field(default_factory=dict)
    indexes: Mapping[str, str] = field(default_factory=dict)
    queues: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    machines: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    invokes: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    answers: bool = False
    on: Queue | Stream | Every | None = None
    memory: int = 512
    timeout: int = 10
    concurrency: int | None = None


def of_group(group: str) -> Mapping[str, Access]:
    """The entries of one folder of functions."""
    entries: Mapping[str, Access] = import_module(f"infra.access.{group}").ACCESS
    return entries


def everywhere() -> dict[str, Access]:
    """All entries by function name; a name occurs in one group only."""
    found: dict[str, Access] = {}
    for group in GROUPS:
        for name, access in of_group(group).items():
            if name in found:
                raise ValueError(f"two groups have a function {name}")
            found[name] = access
    return found
