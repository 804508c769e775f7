"""What one new-car registration takes, counted while the embedded city works on a real one.

`python -m bench.one_application` prints operations by function as well. Counted are the functions
that would run on AWS: the simulated partners are not, nor what the clock starts for the whole
city. A phone polls as often as it likes, so requests that only read are scaled to the nineteen
requests that the cost model gives an application.
"""

import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench import prices
from bench.counted_city import CountedCity, counted_city
from bench.counting import read
from bench.measure import Measure, table
from infra.access import GROUPS, Every, of_group
from infra.local.scenarios.owner import Owner
from infra.local.scenarios.stage import Stage

HTTP_REQUESTS = 19
QUIET_SECONDS = 3.0
WARMING = 2
# A case drawn for review by a person takes more: another one is counted then.
ATTEMPTS = 4
# Between buying a car and applying: the agencies have told by then.
BUYING_SECONDS = 8.0
ONLY_READING = ("read_", "list_", "show_")


@dataclass
class Tally:
    """What the functions of one application did; `by` splits the units by function."""

    runs: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    writes: Counter[str] = field(default_factory=Counter)
    reads: Counter[str] = field(default_factory=Counter)
    operations: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, noted: Mapping[str, Any], groups: Mapping[str, str], prefix: str) -> None:
        name = str(noted.get("function") or noted.get("by")).removeprefix(prefix)
        if groups.get(name, "sandbox") == "sandbox":
            return
        if noted["what"] == "run":
            self.runs[name] += 1
            return
        self.calls[f"{noted['service']}.{noted['operation']}"] += 1
        self.writes[name] += noted.get("writes", 0.0)
        self.reads[name] += noted.get("reads", 0.0)
        tables = "+".join(each.removeprefix(prefix) for each in noted.get("tables", ()))
        self.operations[name][f"{noted['operation']} {tables}".strip()] += 1


def groups() -> dict[str, str]:
    """Every function's group, "sandbox" for what the clock starts as well."""
    return {
        name: "sandbox" if isinstance(access.on, Every) else group
        for group in GROUPS
        for name, access in of_group(group).items()
    }


def whole_way(url: str) -> tuple[str, float]:
    """One car from its invention to its parcel; the case, and when it began (since 1970)."""
    began = time.time()
    stage = Stage(url, "bench")
    owner = Owner(stage, stage.sandbox.car())
    time.sleep(BUYING_SECONDS)
    owner.registers()
    owner.reaches("closed")
    return owner.application_id, began


def case_row(city: CountedCity, application_id: str) -> dict[str, int]:
    """The bytes of each attribute of a case: its row is written with every change."""
    item = city.client("dynamodb").get_item(
        TableName=city.place.name("applications"), Key={"application_id": {"S": application_id}}
    )["Item"]
    return {name: len(name) + len(json.dumps(value)) for name, value in item.items()}


def tally(noted: Iterable[Mapping[str, Any]], prefix: str) -> Tally:
    counted, known = Tally(), groups()
    for each in noted:
        counted.add(each, known, prefix)
    return counted


def transitions(city: CountedCity, application_id: str) -> tuple[int, list[str]]:
    """States entered in all runs of a case, repetitions of a state included."""
    machine = city.place.name("new_car")
    client = city.client("stepfunctions")
    found = client.list_state_machines()["stateMachines"]
    arn = next(each["stateMachineArn"] for each in found if each["name"] == machine)
    execution = f"{arn.replace(':stateMachine:', ':execution:')}:{application_id}-r1"
    pages = client.get_paginator("get_execution_history").paginate(executionArn=execution)
    events = [event for page in pages for event in page["events"]]
    entered = [
        event["stateEnteredEventDetails"]["name"]
        for event in events
        if event["type"].endswith("StateEntered")
    ]
    retried = sum(event["type"] == "TaskScheduled" for event in events) - sum(
        event["type"] == "TaskStateEntered" for event in events
    )
    return len(entered) + max(0, retried), entered


def per_application(counted: Tally, entered: int) -> dict[str, float]:
    """All that is paid for, with the requests of the cost model instead of those of this run."""
    known = groups()
    phone = [name for name in counted.runs if known[name] in {"citizen", "staff"}]
    polling = [name for name in phone if name.startswith(ONLY_READING)]
    polls = sum(counted.runs[name] for name in polling)
    acts = sum(counted.runs[name] for name in phone) - polls
    webhooks = sum(n for name, n in counted.runs.items() if known[name] == "partners")
    share = max(0, HTTP_REQUESTS - acts) / polls if polls else 0.0
    reads = sum(n * (share if name in polling else 1) for name, n in counted.reads.items())
    beyond = sum(n for name, n in counted.runs.items() if known[name] in {"steps", "background"})
    invocations = beyond + webhooks + HTTP_REQUESTS
    calls = Counter[str]()
    for name, n in counted.calls.items():
        calls[name.partition(".")[0]] += n
    return {
        "transitions": entered,
        "beyond": beyond,
        "webhooks": webhooks,
        # Webhooks come in through the same gateway.
        "http": HTTP_REQUESTS + webhooks,
        "invocations": invocations,
        "gb_seconds": invocations * prices.BILLED_SECONDS * prices.MEMORY_GB,
        "write_units": sum(counted.writes.values()),
        "read_units": reads,
        "kms": calls["kms"],
        # Each message is sent, received and deleted.
        "sqs": calls["sqs"] + 2 * counted.runs["ask_partner"],
        "stepfunctions": calls["stepfunctions"],
        "operations": calls["dynamodb"],
    }


def measure(*, detailed: bool = False) -> list[Measure]:
    """All figures of this module; `detailed` prints the work of each function."""
    with counted_city() as city:
        # The first ones warm what a container or a city does once.
        for _ in range(WARMING):
            whole_way(city.url)
        time.sleep(QUIET_SECONDS)
        for _ in range(ATTEMPTS):
            application_id, began = whole_way(city.url)
            time.sleep(QUIET_SECONDS)
            counted = tally(read(city.log, began), city.place.name(""))
            if not counted.runs["decide_review"]:
                break
        entered, states = transitions(city, application_id)
        row = case_row(city, application_id)
    found = per_application(counted, entered)
    bill = prices.dollars({k: v for k, v in found.items() if k in prices.PER_MILLION})
    _tell(counted, states, bill, detailed=detailed)
    if detailed:
        largest = sorted(row.items(), key=lambda each: -each[1])[:8]
        print(f"   the case's row, about {sum(row.values())} bytes: {dict(largest)}")
    return [
        Measure("application: state transitions", entered, "", 26, 22),
        Measure("application: invocations beyond HTTP, webhooks", found["beyond"], "", 60, 45),
        Measure("application: write units", found["write_units"], "WU", 130, 100),
        Measure("application: read units", found["read_units"], "RU", 60, 30),
        Measure("application: DynamoDB operations", found["operations"]),
        Measure("application: webhooks", found["webhooks"]),
        Measure("application: KMS calls", found["kms"]),
        Measure("application: SQS requests", found["sqs"]),
        Measure("application: Step Functions calls", found["stepfunctions"]),
        Measure("a million applications", sum(bill.values()), "$", 750, 620),
    ]


def _tell(counted: Tally, states: list[str], bill: Mapping[str, float], *, detailed: bool) -> None:
    print("   $ per million: " + ", ".join(f"{k} {v:.0f}" for k, v in bill.items()))
    if not detailed:
        return
    print(f"   states: {' · '.join(states)}")
    for name in sorted(counted.runs, key=lambda each: -counted.writes[each] - counted.reads[each]):
        units = f"{counted.writes[name]:6.1f} WU {counted.reads[name]:6.1f} RU"
        print(f"   {counted.runs[name]:3} × {name:28} {units}  {_calls(counted.operations[name])}")


def _calls(operations: Mapping[str, int]) -> str:
    return json.dumps(dict(operations), ensure_ascii=False)


if __name__ == "__main__":
    print(table(measure(detailed="--brief" not in sys.argv)))
