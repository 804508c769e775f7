"""The embedded AWS whose functions reach it through the fault proxy.

Runs in the emulator's own process, in the place of `infra.local.emulator_process`. Functions are
told another address and the name by which the SDK speaks of them; nothing of theirs is changed.
"""

import sys
import threading
from collections.abc import Mapping
from functools import partialmethod
from pathlib import Path
from typing import Any

from infra.local import emulator_process, workers
from infra.local.emulator import Emulator
from infra.local.gaps import lambda_workers
from infra.local.patching import put

PROXY_FILE = "proxy"
# What hangs holds its worker: others of the same function are not to wait for it.
WORKERS, PER_FUNCTION = 160, 8


class FaultyEmulator(Emulator):
    """The emulator with its functions behind the proxy that `PROXY_FILE` of its state names."""

    module = "infra.local.faults.emulator"

    def __init__(self, state: Path, **settings: Any) -> None:
        super().__init__(state, **{"workers": WORKERS, **settings})

    def behind(self, proxy: str) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        (self.state / PROXY_FILE).write_text(proxy)


# Of messages of one queue at work at once, and how long a queue rests after one that failed.
QUEUE_AT_ONCE, QUEUE_RESTS_SECONDS = 16, 0.1


def _let_others_pass() -> None:
    """One failing message of a queue, or one slow reader of a stream, holds up nobody else.

    Upstream one thread serves all queues and streams in turn, waits for each reader of a stream,
    and lets a whole queue rest after each failure; on AWS they know nothing of each other.
    """
    from ministack.services import lambda_svc

    put(lambda_svc, "_ESM_BACKOFF_SECONDS", QUEUE_RESTS_SECONDS)
    put(lambda_svc, "_ESM_SQS_DEFAULT_CONCURRENCY", QUEUE_AT_ONCE)
    upstream, busy = lambda_svc._poll_dynamodb_streams, threading.Lock()

    def poll() -> None:
        try:
            while upstream():
                pass
        finally:
            busy.release()

    def poll_apart() -> bool:
        if busy.acquire(blocking=False):
            threading.Thread(target=poll, daemon=True, name="streams").start()
        return False

    put(lambda_svc, "_poll_dynamodb_streams", poll_apart)


def _state() -> Path:
    return Path(sys.argv[sys.argv.index("--state") + 1])


def main() -> None:
    """The emulator's process."""
    proxy = (_state() / PROXY_FILE).read_text()
    upstream = lambda_workers.Executor._environment

    def environment(
        self: Any, config: Mapping[str, Any], region: str, code: Path
    ) -> dict[str, str]:
        name = str(config["FunctionName"]).rpartition("-")[2]
        known = upstream(self, config, region, code)
        return known | {"AWS_ENDPOINT_URL": proxy, "AWS_SDK_UA_APP_ID": name}

    close_gaps = emulator_process._close_gaps

    def close_more_gaps(*given: Any) -> None:
        close_gaps(*given)
        _let_others_pass()

    put(emulator_process, "_close_gaps", close_more_gaps)
    put(lambda_workers.Executor, "_environment", environment)
    put(workers.Pool, "__init__", partialmethod(workers.Pool.__init__, per_function=PER_FUNCTION))
    put(workers.Launcher, "script", Path(__file__).with_name("mortal_workers.py"))
    sys.argv[0] = emulator_process.__file__
    emulator_process.main()


if __name__ == "__main__":
    main()
