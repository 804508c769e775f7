"""The embedded AWS of the local city: start it, stop it, talk to it.

with Emulator(state) as aws:
    aws.client("dynamodb").list_tables()
"""

import contextlib
import functools
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
import botocore.session
from botocore.config import Config

from infra.local.emulator_process import ACCOUNT, CHECKPOINT_PATH, REGION
from infra.local.workers import CEILING

ROOT = Path(__file__).parents[2]
CHECKPOINT_SECONDS = 2.0
START_SECONDS = 60.0
PORTS = range(20_000, 30_000)
STOP_SECONDS = 15.0
# All else of this shell would reach the emulator, and through it perhaps a real account.
KEPT_VARIABLES = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "VIRTUAL_ENV")


class EmulatorFailed(RuntimeError):
    """The emulator did not come up; the message ends with what it last wrote."""


class Emulator:
    """One emulator process on 127.0.0.1, with its state in `state`.

    `port`: 0 takes a free one. `enforce_roles`: let IAM refuse what a function's role does not
    allow. `workers`: how many function workers there may be in all. `close_gaps`: False leaves
    ministack as it comes, for the tests that show a gap is still there. `record`: a file in which
    every call of a function to AWS is noted.
    """

    account = ACCOUNT
    region = REGION
    # What runs: a benchmark puts its counters round it.
    module = "infra.local.emulator_process"

    def __init__(
        self,
        state: Path,
        *,
        port: int = 0,
        enforce_roles: bool = False,
        workers: int = CEILING,
        checkpoint_seconds: float = CHECKPOINT_SECONDS,
        close_gaps: bool = True,
        record: Path | None = None,
    ) -> None:
        self.state = state.resolve()
        self.port = port or free_port()
        self._enforce_roles = enforce_roles
        self._workers = workers
        self._checkpoint_seconds = checkpoint_seconds
        self._close_gaps = close_gaps
        self._record = record
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Raises EmulatorFailed when it is not running."""
        if self._process is None:
            raise EmulatorFailed("the emulator was not started")
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def log_file(self) -> Path:
        return self.state / "emulator.log"

    def start(self) -> Self:
        """Start and wait till it answers. Raises EmulatorFailed."""
        self.state.mkdir(parents=True, exist_ok=True)
        command = [
            *(sys.executable, "-m", self.module),
            *("--port", str(self.port), "--state", str(self.state)),
            *("--checkpoint-seconds", str(self._checkpoint_seconds)),
            *("--workers", str(self._workers)),
            *(("--enforce-roles",) if self._enforce_roles else ()),
            *(() if self._close_gaps else ("--leave-gaps",)),
            *(("--record", str(self._record)) if self._record else ()),
        ]
        clean = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        with self.log_file.open("ab") as log:
            # A session of its own: Ctrl-C in the terminal is ours to hear first.
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**clean, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_till_it_answers(self._process)
        return self

    def _wait_till_it_answers(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise EmulatorFailed(f"the emulator did not start:\n{self._last_words()}")

    def _last_words(self) -> str:
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-15:])

    def save(self) -> None:
        """Write the state now, so that a kill from here on loses nothing of what was done."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("POST", CHECKPOINT_PATH)
        status = connection.getresponse().status
        connection.close()
        if status != HTTPStatus.NO_CONTENT:
            raise EmulatorFailed(f"the state could not be written (status {status})")

    def stop(self) -> None:
        """Let it write its state and end; kill it when it does not."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin:
            process.stdin.close()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def client(self, service: str) -> Any:
        """A boto3 client of this city, made once a service."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = client(service, self.endpoint)
            return self._clients[service]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def client(service: str, endpoint: str) -> Any:
    """A boto3 client that can reach nothing but this endpoint."""
    return _session().client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="local",  # noqa: S106  (the emulator takes any)
        config=Config(
            retries={"total_max_attempts": 2},
            max_pool_connections=64,
            read_timeout=60,
            inject_host_prefix=False,
            s3={"addressing_style": "path"},
        ),
    )


@functools.cache
def _session() -> boto3.Session:
    # A profile or a configuration file of this machine is none of the city's.
    nowhere = (None, None, os.devnull, None)
    return boto3.Session(
        botocore_session=botocore.session.Session(
            session_vars={
                "profile": (None, None, None, None),
                "config_file": nowhere,
                "credentials_file": nowhere,
            }
        )
    )


def free_port() -> int:
    """A port of 127.0.0.1 nobody listens on, and that no outgoing connection takes by chance.

    Systems hand out the ports from 32768 on to connections; one of those could be gone when a city
    starts again and wants the port that its functions know.
    """
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise EmulatorFailed("no port is free")
