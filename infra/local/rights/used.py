"""What functions really called while a city ran, as rights, held against what they have.

A record is what `infra.local.recorder` wrote: one line of JSON a call.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.access import Access
from infra.local.rights.matrix import Right, brought, granted, named

# An item of a transaction is checked as what it does; a batch of messages as one message.
_IN_TRANSACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
_OTHERWISE_CALLED = {"SendMessageBatch": "SendMessage"}
_STORED_BY_KEY = {"PutObject": "GenerateDataKey", "GetObject": "Decrypt"}


@dataclass(frozen=True)
class Record:
    """The calls of all functions: by function, how often each right was used."""

    used: Mapping[str, Counter[Right]]

    @property
    def calls(self) -> int:
        """How many calls were noted, each part of a transaction counted."""
        return sum(sum(each.values()) for each in self.used.values())


def read(file: Path, prefix: str, identifiers: Mapping[str, str]) -> Record:
    """The record of a city. `identifiers`: what AWS named itself → our name, as in "key/people"."""
    used: dict[str, Counter[Right]] = defaultdict(Counter)
    for line in file.read_text("utf-8").splitlines():
        call = json.loads(line)
        if not call["function"]:
            continue  # a test's own look at the tables
        for right in rights(call, prefix, identifiers):
            used[call["function"]][right] += 1
    return Record(used)


def together(records: Iterable[Record]) -> Record:
    """Several records as one."""
    used: dict[str, Counter[Right]] = defaultdict(Counter)
    for record in records:
        for function, times in record.used.items():
            used[function] += times
    return Record(used)


def rights(call: Mapping[str, Any], prefix: str, identifiers: Mapping[str, str]) -> Iterator[Right]:
    """The rights that one call needs. Raises ValueError for a service nobody has a right to."""
    service, verb = call["service"], call["operation"]
    verb = _OTHERWISE_CALLED.get(verb, verb)
    for on in call["on"]:
        match service:
            case "dynamodb":
                index = f"/index/{on['IndexName']}" if "IndexName" in on else ""
                table = on["TableName"].removeprefix(prefix)
                does = _IN_TRANSACTIONS[on["does"]] if "does" in on else verb
                yield Right(f"dynamodb:{does}", f"table/{table}{index}")
            case "sqs":
                yield Right(
                    f"sqs:{verb}", f"queue/{on['QueueUrl'].rpartition('/')[2].removeprefix(prefix)}"
                )
            case "kms":
                yield Right(f"kms:{verb}", identifiers.get(on["KeyId"], on["KeyId"]))
            case "secretsmanager":
                yield Right(
                    f"secretsmanager:{verb}", identifiers.get(on["SecretId"], on["SecretId"])
                )
            case "states":
                arn = on.get("executionArn") or on["stateMachineArn"]
                yield Right(f"states:{verb}", named(arn, prefix))
            case "s3":
                yield from _of_storage(verb, on["Bucket"], prefix)
            case "lambda":
                yield Right(
                    "lambda:InvokeFunction", f"function/{on['FunctionName'].removeprefix(prefix)}"
                )
            case _:
                raise ValueError(f"a call to {service}, to which no function has a right")


def _of_storage(verb: str, bucket: str, prefix: str) -> Iterator[Right]:
    short = named(f"arn:aws:s3:::{bucket}", prefix)
    whole = verb.startswith("ListObject")
    # A head is checked as a reading, but needs no key.
    checked = "GetObject" if verb == "HeadObject" else verb
    yield Right("s3:ListBucket", short) if whole else Right(f"s3:{checked}", f"{short}/*")
    if verb in _STORED_BY_KEY:
        yield Right(f"kms:{_STORED_BY_KEY[verb]}", "key/evidence", "kms:ViaService")


@dataclass(frozen=True)
class Comparison:
    """What was used without a right, and what is a right without a use, by function."""

    beyond: Mapping[str, frozenset[Right]]
    unused: Mapping[str, frozenset[Right]]
    granted: int
    exercised: int


def compare(record: Record, entries: Mapping[str, Access]) -> Comparison:
    """Hold a record against the entries of all functions."""
    has = {name: granted(name, entry) for name, entry in entries.items()}
    # A function may hold back the message that it was called with: a right of its trigger.
    may = {name: brought(name, entry) for name, entry in entries.items()}
    did = {name: frozenset(record.used.get(name, ())) for name in entries}
    return Comparison(
        beyond={name: more for name in has if (more := did[name] - has[name] - may[name])},
        unused={name: has[name] - did[name] for name in has if has[name] - did[name]},
        granted=sum(map(len, has.values())),
        exercised=sum(len(did[name] & has[name]) for name in has),
    )
