"""The function workers of the local city: how many there may be, and who waits for whom.

At most two workers a function and `ceiling` in all. A call that finds none free waits its turn, as
a queue does, instead of being throttled; when all are taken, the worker idle for longest ends, the
only one of its function included. So memory has a bound whatever the number of functions.
"""

import json
import socket
import subprocess
import sys
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PER_FUNCTION = 2
CEILING = 48
INIT_SECONDS = 30.0
# A call that waits longer gets a worker of its own: two functions that wait for each other's
# workers would wait for ever.
PATIENCE_SECONDS = 20.0


class WorkerGone(RuntimeError):
    """The worker's process ended while it was called; AWS says `Runtime.ExitError`."""


class WorkerTimedOut(RuntimeError):
    """The function ran past its own time-out; AWS says `Sandbox.Timedout`."""


class InitFailed(RuntimeError):
    """The function could not be loaded; `error` is the payload as AWS words it."""

    def __init__(self, error: Mapping[str, Any], log: str) -> None:
        super().__init__(error["errorMessage"])
        self.error = dict(error)
        self.log = log


@dataclass(frozen=True)
class Plan:
    """All a worker needs to be started: where its code lies and what it finds around it."""

    key: str
    code: Path
    layers: tuple[Path, ...]
    handler: str
    environment: Mapping[str, str]
    timeout: float


class Launcher:
    """The fork server, asked one thing at a time.

    `record`: the file in which every call of a function to AWS is noted, None for none.
    """

    # What runs: the tests of faults put workers there that die when they are told to.
    script = Path(__file__).with_name("fork_server.py")

    def __init__(self, record: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair()
        # -I: neither this process's paths nor its environment may reach a function.
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-I", str(self.script), str(theirs.fileno())),
                *((str(record),) if record else ()),
            ],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"},
        )
        theirs.close()
        self._answers = self._socket.makefile("rb")
        self._ready = False

    def _ask(self, request: Mapping[str, Any], descriptors: list[int]) -> dict[str, Any]:
        with self._lock:
            if not self._ready:
                self._answers.readline()
                self._ready = True
            text = json.dumps(request).encode() + b"\n"
            sent = socket.send_fds(self._socket, [text], descriptors)
            self._socket.sendall(text[sent:])
            line = self._answers.readline()
        if not line:
            raise WorkerGone("the fork server ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def launch(self, plan: Plan) -> "Worker":
        """Fork a worker; it loads its function on its own time."""
        ours, theirs = socket.socketpair()
        worker = {
            "code": str(plan.code),
            "layers": [str(layer) for layer in plan.layers],
            "handler": plan.handler,
            "environment": dict(plan.environment),
            "timeout": plan.timeout,
        }
        try:
            answer = self._ask({"do": "fork", "worker": worker}, [theirs.fileno()])
        finally:
            theirs.close()
        return Worker(plan, ours, answer["pid"], self)

    def kill(self, pid: int) -> None:
        """End a worker that does not end by itself. Only the server's own children are touched."""
        self._ask({"do": "kill", "pid": pid}, [])

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.process.wait(timeout=5)


class Worker:
    """One process that serves one function, one call at a time."""

    def __init__(self, plan: Plan, channel: socket.socket, pid: int, launcher: Launcher) -> None:
        self.plan = plan
        self.pid = pid
        self.usable = True
        self._channel = channel
        self._launcher = launcher
        self._rest = b""
        self._ready = False

    def invoke(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The worker's answer: status, result or error, log.

        Raises InitFailed, WorkerTimedOut and WorkerGone; after each of them the worker has ended.
        """
        try:
            if not self._ready:
                self._await_ready()
            self._channel.sendall(json.dumps(request).encode() + b"\n")
            return self._line(time.monotonic() + self.plan.timeout)
        except TimeoutError as late:
            self.end(kill=True)
            raise WorkerTimedOut(f"Task timed out after {self.plan.timeout:.2f} seconds") from late
        except (OSError, WorkerGone) as gone:
            self.end()
            raise WorkerGone("Runtime exited without providing a reason") from gone

    def _await_ready(self) -> None:
        answer = self._line(time.monotonic() + INIT_SECONDS)
        if answer["status"] != "ready":
            self.end()
            raise InitFailed(answer["error"], answer["log"])
        self._ready = True

    def _line(self, deadline: float) -> dict[str, Any]:
        while b"\n" not in self._rest:
            self._channel.settimeout(max(0.001, deadline - time.monotonic()))
            more = self._channel.recv(1 << 20)
            if not more:
                raise WorkerGone
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self, *, kill: bool = False) -> None:
        """Close the worker's socket, which ends it when it is idle; `kill` when it is busy."""
        self.usable = False
        self._channel.close()
        if kill:
            self._launcher.kill(self.pid)


@dataclass
class _Function:
    """One function's workers and the calls that wait for them."""

    idle: list[Worker] = field(default_factory=list)
    started: int = 0
    waiting: deque["_Call"] = field(default_factory=deque)


class _Call:
    """A call that waits its turn; `worker` stays None when it may start one itself."""

    def __init__(self) -> None:
        self.turn = threading.Event()
        self.worker: Worker | None = None
        self.granted = False


class Pool:
    """Lends workers: `with pool.lend(plan) as worker: worker.invoke(...)`."""

    def __init__(
        self,
        launch: Callable[[Plan], Worker],
        *,
        per_function: int = PER_FUNCTION,
        ceiling: int = CEILING,
    ) -> None:
        self._launch = launch
        self._per_function = per_function
        self._ceiling = ceiling
        self._lock = threading.Lock()
        self._functions: dict[str, _Function] = {}
        self._oldest_idle: OrderedDict[Worker, None] = OrderedDict()
        self._no_room: deque[tuple[str, _Call]] = deque()
        self._started = 0

    @property
    def started(self) -> int:
        """How many workers there are, idle and busy."""
        return self._started

    def lend(self, plan: Plan) -> "_Loan":
        """A worker for the length of a `with` block."""
        return _Loan(self, plan)

    def take(self, plan: Plan) -> Worker:
        """A worker for this plan; waits for one when the caps are reached."""
        worker, doomed, call = None, None, None
        with self._lock:
            function = self._functions.setdefault(plan.key, _Function())
            if function.idle:
                worker = function.idle.pop()
                del self._oldest_idle[worker]
            elif function.started >= self._per_function:
                call = _Call()
                function.waiting.append(call)
            else:
                doomed, room = self._make_room()
                if room:
                    self._count(function, 1)
                else:
                    call = _Call()
                    self._no_room.append((plan.key, call))
        if call is not None:
            worker = self._await_turn(plan, call)
        if doomed is not None:
            doomed.end()
        return worker or self._start(plan)

    def _await_turn(self, plan: Plan, call: _Call) -> Worker | None:
        call.turn.wait(PATIENCE_SECONDS)
        with self._lock:
            if not call.granted:
                call.granted = True
                self._count(self._functions[plan.key], 1)
        return call.worker

    def _start(self, plan: Plan) -> Worker:
        try:
            return self._launch(plan)
        except BaseException:
            self._ended(plan.key)
            raise

    def give_back(self, worker: Worker) -> None:
        """The call is over: the next one that waits for this function gets the worker."""
        key = worker.plan.key
        if not worker.usable:
            self._ended(key)
            return
        doomed = None
        with self._lock:
            function = self._functions.get(key)
            if function is None:
                doomed = worker
                self._started -= 1
            elif not self._hand_over(function.waiting, worker):
                crowded = max(function.started - self._per_function, self._started - self._ceiling)
                if self._next_without_room() or crowded > 0:
                    doomed = worker
                    self._count(function, -1)
                    self._let_in()
                else:
                    function.idle.append(worker)
                    self._oldest_idle[worker] = None
        if doomed is not None:
            doomed.end()

    def forget(self, belongs: Callable[[str], bool]) -> None:
        """End the idle workers of these functions and never lend the busy ones again."""
        with self._lock:
            keys = [key for key in self._functions if belongs(key)]
            doomed = []
            for key in keys:
                function = self._functions[key]
                for worker in function.idle:
                    del self._oldest_idle[worker]
                doomed += function.idle
                self._count(function, -len(function.idle))
                function.idle = []
                if not function.started and not function.waiting:
                    del self._functions[key]
        for worker in doomed:
            worker.end()

    # All below is called with the lock held, but for _ended.

    def _count(self, function: _Function, change: int) -> None:
        function.started += change
        self._started += change

    def _make_room(self) -> tuple[Worker | None, bool]:
        if self._started < self._ceiling:
            return None, True
        if not self._oldest_idle:
            return None, False
        worker, _ = self._oldest_idle.popitem(last=False)
        function = self._functions[worker.plan.key]
        function.idle.remove(worker)
        self._count(function, -1)
        return worker, True

    @staticmethod
    def _hand_over(waiting: deque[_Call], worker: Worker | None) -> bool:
        while waiting:
            call = waiting.popleft()
            if not call.granted:
                call.granted, call.worker = True, worker
                call.turn.set()
                return True
        return False

    def _next_without_room(self) -> bool:
        while self._no_room and self._no_room[0][1].granted:
            self._no_room.popleft()
        return bool(self._no_room)

    def _let_in(self) -> None:
        if not self._next_without_room() or self._started >= self._ceiling:
            return
        key, call = self._no_room.popleft()
        call.granted = True
        self._count(self._functions.setdefault(key, _Function()), 1)
        call.turn.set()

    def _ended(self, key: str) -> None:
        with self._lock:
            function = self._functions.get(key)
            if function is None:
                self._started -= 1
            elif self._hand_over(function.waiting, None):
                return  # the one that waited starts a worker in its place
            else:
                self._count(function, -1)
            self._let_in()


class _Loan:
    def __init__(self, pool: Pool, plan: Plan) -> None:
        self._pool = pool
        self._plan = plan
        self._worker: Worker | None = None

    def __enter__(self) -> Worker:
        self._worker = self._pool.take(self._plan)
        return self._worker

    def __exit__(self, *_: object) -> None:
        if self._worker is not None:
            self._pool.give_back(self._worker)
