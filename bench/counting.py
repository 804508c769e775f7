"""The embedded AWS with counters round it: who called what, and what it cost in units.

Runs in the emulator's own process, in the place of `infra.local.emulator_process`; each call of a
function and each call that a function makes is one line of JSON in the file that `log_of` names.
Nothing of the functions is changed: they name themselves by the SDK's own application id.
"""

import json
import re
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from importlib import import_module
from math import ceil
from pathlib import Path
from typing import Any, TypeAlias

from infra.local import emulator_process
from infra.local.patching import put

COUNTED = ("dynamodb", "kms", "secretsmanager", "sqs", "stepfunctions")
_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"})
_CALLER = re.compile(r"\bapp/(\S+)")
_READ_BYTES = 4096

Answer: TypeAlias = tuple[int, Any, Any]
Handle: TypeAlias = Callable[..., Awaitable[Answer]]


def log_of(state: Path) -> Path:
    """Where the counters of an emulator with this state write."""
    return state / "counted.jsonl"


class Log:
    """One line for each thing that happened; `what` is "run" or "call"."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def note(self, **known: Any) -> None:
        line = json.dumps({"at": time.time(), **known})
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()


def apply(log: Log) -> None:
    """Put the counters round the emulator's services and its function workers."""
    _round_functions(log)
    for service in COUNTED:
        module: Any = import_module(f"ministack.services.{service}")
        put(module, "handle_request", _counted(log, service, module.handle_request))


def _round_functions(log: Log) -> None:
    from infra.local.gaps.lambda_workers import Executor

    settings, plan = Executor._environment, Executor._plan

    def environment(self: Executor, config: Mapping[str, Any], *rest: Any) -> dict[str, str]:
        return {**settings(self, config, *rest), "AWS_SDK_UA_APP_ID": config["FunctionName"]}

    def planned(self: Executor, function: Mapping[str, Any]) -> Any:
        # Asked for exactly once for each call of a function.
        config = function.get("config") or function
        log.note(what="run", function=config["FunctionName"])
        return plan(self, function)

    put(Executor, "_environment", environment)
    put(Executor, "_plan", planned)


def _counted(log: Log, service: str, handle: Handle) -> Handle:
    async def counted(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any
    ) -> Answer:
        known = {name.lower(): value for name, value in headers.items()}
        named = _CALLER.search(known.get("user-agent", ""))
        if not named:
            return await handle(method, path, headers, body, query)
        operation = known.get("x-amz-target", "").rpartition(".")[2]
        asked = json.loads(body) if body[:1] == b"{" else {}
        if operation in _WRITES:
            asked["ReturnConsumedCapacity"] = "TOTAL"
            body = json.dumps(asked).encode()
        answer = await handle(method, path, headers, body, query)
        seen = {"what": "call", "by": named.group(1), "service": service, "operation": operation}
        if service == "dynamodb":
            seen |= _units(operation, asked, answer)
        log.note(**seen)
        return answer

    return counted


def _units(operation: str, asked: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
    """Write and read units of one call, and which tables it touched."""
    status, _, raw = answer
    said = json.loads(raw) if raw else {}
    if operation in _WRITES:
        return {"tables": _written(asked), "writes": _write_units(status, asked, said)}
    return {
        "tables": sorted(asked.get("RequestItems") or [asked["TableName"]]),
        "reads": _read_units(operation, asked, said),
        "keys": [_key(asked)],
    }


def _written(asked: Mapping[str, Any]) -> list[str]:
    parts = [part for each in asked.get("TransactItems", []) for part in each.values()]
    return sorted({part["TableName"] for part in parts or [asked]})


def _write_units(status: int, asked: Mapping[str, Any], said: Mapping[str, Any]) -> float:
    if status != 200:
        # A condition that does not hold is paid for like the write: at least one unit each.
        return 2.0 * len(asked["TransactItems"]) if "TransactItems" in asked else 1.0
    consumed = said.get("ConsumedCapacity") or []
    parts = consumed if isinstance(consumed, list) else [consumed]
    return float(sum(part["CapacityUnits"] for part in parts))


def _read_units(operation: str, asked: Mapping[str, Any], said: Mapping[str, Any]) -> float:
    """The emulator counts half a unit for every read; the price goes by size."""
    if operation == "BatchGetItem":
        return sum(_read_many(t, wanted, said) for t, wanted in asked["RequestItems"].items())
    whole = 1.0 if asked.get("ConsistentRead") else 0.5
    if operation == "Query":
        return whole * _blocks(sum(_size(item) for item in said.get("Items", [])))
    return whole * _blocks(_size(said.get("Item") or {}))


def _read_many(table: str, wanted: Mapping[str, Any], said: Mapping[str, Any]) -> float:
    whole = 1.0 if wanted.get("ConsistentRead") else 0.5
    found = said.get("Responses", {}).get(table, [])
    missing = len(wanted["Keys"]) - len(found)
    return whole * (sum(_blocks(_size(item)) for item in found) + missing)


def _blocks(size: int) -> int:
    return max(1, ceil(size / _READ_BYTES))


def _size(item: Mapping[str, Any]) -> int:
    from ministack.services.dynamodb import _item_size_bytes

    return int(_item_size_bytes(item)) if item else 0


def _key(asked: Mapping[str, Any]) -> str:
    key = asked.get("Key") or {}
    return "|".join(str(next(iter(value.values()))) for value in key.values())


def read(log: Path, since: float = 0.0) -> Iterable[dict[str, Any]]:
    """What was noted since a moment (seconds since 1970)."""
    with log.open(encoding="utf-8") as lines:
        for line in lines:
            noted = json.loads(line) if line.endswith("\n") else {}
            if noted.get("at", 0.0) >= since:
                yield noted


def main() -> None:
    """The emulator's process, with the counters put in once its gaps are closed."""
    close_gaps = emulator_process._close_gaps

    def close_and_count(launcher: Any, state: Path, *rest: Any) -> None:
        close_gaps(launcher, state, *rest)
        apply(Log(log_of(state)))

    put(emulator_process, "_close_gaps", close_and_count)
    sys.argv[0] = emulator_process.__file__
    emulator_process.main()


if __name__ == "__main__":
    main()
