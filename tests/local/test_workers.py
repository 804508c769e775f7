"""Workers are few, calls wait their turn, and the one idle for longest makes room."""

import threading
import time
from pathlib import Path
from typing import Any, cast

import pytest

from infra.local import workers
from infra.local.workers import Plan, Pool, Worker


class Fake:
    """A worker that only knows whether it was ended."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.usable = True

    def end(self, *, kill: bool = False) -> None:
        self.usable = False


def plan(name: str) -> Plan:
    return Plan(name, Path(), (), "handler.handler", {}, 3)


@pytest.fixture
def started() -> list[Fake]:
    return []


def pool_of(started: list[Fake], **caps: int) -> Pool:
    def launch(plan: Plan) -> Worker:
        started.append(Fake(plan))
        return cast("Worker", started[-1])

    return Pool(launch, **caps)


def later(take: Any) -> tuple[threading.Thread, list[Any]]:
    got: list[Any] = []
    thread = threading.Thread(target=lambda: got.append(take()), daemon=True)
    thread.start()
    time.sleep(0.05)
    return thread, got


def test_an_idle_worker_is_used_again(started: list[Fake]) -> None:
    pool = pool_of(started)
    for _ in range(3):
        with pool.lend(plan("a")):
            pass
    assert len(started) == 1


def test_the_third_call_waits_for_one_of_two(started: list[Fake]) -> None:
    pool = pool_of(started, per_function=2)
    first, _ = pool.take(plan("a")), pool.take(plan("a"))
    thread, got = later(lambda: pool.take(plan("a")))
    assert got == []
    pool.give_back(first)
    thread.join(2)
    assert got == [first]
    assert len(started) == 2


def test_a_call_that_waits_replaces_a_worker_that_died(started: list[Fake]) -> None:
    pool = pool_of(started, per_function=1)
    first = pool.take(plan("a"))
    thread, got = later(lambda: pool.take(plan("a")))
    first.end()
    pool.give_back(first)
    thread.join(2)
    assert got == [started[1]]
    assert pool.started == 1


def test_the_worker_idle_for_longest_makes_room(started: list[Fake]) -> None:
    pool = pool_of(started, ceiling=2)
    for name in ("a", "b", "a", "c"):
        with pool.lend(plan(name)):
            pass
    assert [worker.plan.key for worker in started if not worker.usable] == ["b"]
    assert pool.started == 2


def test_a_call_waits_when_every_worker_is_busy(started: list[Fake]) -> None:
    pool = pool_of(started, ceiling=1)
    busy = pool.take(plan("a"))
    thread, got = later(lambda: pool.take(plan("b")))
    assert got == []
    pool.give_back(busy)
    thread.join(2)
    assert [worker.plan.key for worker in got] == ["b"]
    assert not busy.usable
    assert pool.started == 1


def test_two_functions_that_wait_for_each_other_are_let_through(
    started: list[Fake], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "PATIENCE_SECONDS", 0.1)
    pool = pool_of(started, ceiling=1)
    outer = pool.take(plan("a"))
    inner = pool.take(plan("b"))
    pool.give_back(inner)
    pool.give_back(outer)
    assert pool.started == 1


def test_a_changed_function_gets_new_workers(started: list[Fake]) -> None:
    pool = pool_of(started)
    with pool.lend(plan("a")):
        pass
    pool.forget(lambda key: key == "a")
    with pool.lend(plan("a")):
        pass
    assert [worker.usable for worker in started] == [False, True]


def test_a_crowd_is_served_within_the_caps(started: list[Fake]) -> None:
    pool = pool_of(started, per_function=2, ceiling=5)
    most = 0

    def call(number: int) -> None:
        nonlocal most
        with pool.lend(plan(f"f{number % 7}")):
            most = max(most, pool.started)
            time.sleep(0.002)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    assert most <= 5
