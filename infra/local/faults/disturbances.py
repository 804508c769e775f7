"""What is done to a whole city while cases are under way."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

from infra.local.faults.city import FaultyCity as City

EVERY_SECONDS = 4.0
LIFE_SECONDS = 15.0
POISONED = 5


@contextmanager
def _again_and_again(do: Callable[[], object], seconds: float = EVERY_SECONDS) -> Iterator[None]:
    over = threading.Event()

    def loop() -> None:
        while not over.wait(seconds):
            do()

    thread = threading.Thread(target=loop, daemon=True, name="disturbance")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(30)


def _functions(city: City) -> list[str]:
    pages = city.client("lambda").get_paginator("list_functions").paginate()
    return [each["FunctionName"] for page in pages for each in page["Functions"]]


@contextmanager
def streams_off(city: City) -> Iterator[None]:
    """No table's stream is read: only the sweeper is left."""
    functions = city.client("lambda")
    readers = [
        each["UUID"]
        for each in functions.list_event_source_mappings()["EventSourceMappings"]
        if ":dynamodb:" in each["EventSourceArn"]
    ]
    for each in readers:
        functions.update_event_source_mapping(UUID=each, Enabled=False)
    try:
        yield
    finally:
        for each in readers:
            functions.update_event_source_mapping(UUID=each, Enabled=True)


def _changed(city: City, word: str) -> None:
    """Every function configured anew: its workers end, the next call starts one."""
    for name in _functions(city):
        city.client("lambda").update_function_configuration(FunctionName=name, Description=word)


def cold_starts(city: City) -> AbstractContextManager[None]:
    """No worker lives longer than a quarter of a minute."""
    return _again_and_again(lambda: _changed(city, f"{datetime.now(UTC):%H%M%S}"), LIFE_SECONDS)


@contextmanager
def code_replaced(city: City) -> Iterator[None]:
    """Workers of the old configuration finish what they began beside those of the new one."""
    _changed(city, "new")
    yield
    _changed(city, "newer")


@contextmanager
def no_concurrency(city: City) -> Iterator[None]:
    """A step in the middle is not run for a quarter of a minute."""
    functions, name = city.client("lambda"), city.place.name("accept_application")
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)

    def let_go() -> None:
        functions.delete_function_concurrency(FunctionName=name)

    timer = threading.Timer(15, let_go)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        let_go()


@contextmanager
def keys_rotated(city: City) -> Iterator[None]:
    """Every partner gets a new key in the middle; the old one is good for a while longer."""
    timer = threading.Timer(8, city.rotate_keys)
    timer.start()
    try:
        yield
    finally:
        timer.join(20)


@contextmanager
def poison_rows(city: City) -> Iterator[None]:
    """Rows that nobody can read come down the stream of facts; they are taken away again."""
    dynamodb, table = city.client("dynamodb"), city.place.name("facts")
    keys = [
        {"subject": {"S": f"poison#{nth}"}, "version_key": {"S": "Z99#000001"}}
        for nth in range(POISONED)
    ]
    waiting = iter(keys)

    def poison() -> None:
        if key := next(waiting, None):
            dynamodb.put_item(TableName=table, Item={**key, "says": {"M": {}}})

    poison()
    try:
        with _again_and_again(poison):
            yield
    finally:
        for key in keys:
            dynamodb.delete_item(TableName=table, Key=key)


@contextmanager
def machines_replaced(city: City) -> Iterator[None]:
    """Each state machine gets the same definition anew while executions of it are under way."""
    machines = city.client("stepfunctions")

    def replace() -> None:
        for each in machines.list_state_machines()["stateMachines"]:
            arn = each["stateMachineArn"]
            kept = machines.describe_state_machine(stateMachineArn=arn)
            definition = json.loads(kept["definition"])
            definition["Comment"] = f"{definition.get('Comment', '')} "
            machines.update_state_machine(stateMachineArn=arn, definition=json.dumps(definition))

    with _again_and_again(replace):
        yield


DISTURBANCES: Mapping[str, Callable[[City], AbstractContextManager[None]]] = {
    "streams_off": streams_off,
    "cold_starts": cold_starts,
    "code_replaced": code_replaced,
    "no_concurrency": no_concurrency,
    "keys_rotated": keys_rotated,
    "poison_rows": poison_rows,
    "machines_replaced": machines_replaced,
}
