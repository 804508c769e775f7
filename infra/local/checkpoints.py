"""The emulator's state on disk, written while it runs.

ministack saves on a graceful stop only; a killed emulator would lose everything since its start.
Here what has changed is written every few seconds, each service's file as a whole and in one move.
"""

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ministack.core import persistence

log = logging.getLogger(__name__)

# Writing may take a tenth of the time at most, however much state there is.
SHARE = 10
ATTEMPTS = 5


class Checkpoints:
    """Writes the services' state to `folder` every `seconds`, or less often when it takes long."""

    def __init__(
        self,
        folder: Path,
        services: Callable[[], Mapping[str, Callable[[], Any]]],
        seconds: float,
    ) -> None:
        self._folder = folder
        self._services = services
        self._seconds = seconds
        self._written: dict[str, str] = {}
        self._stop = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True, name="checkpoints").start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        pause = self._seconds
        while not self._stop.wait(pause):
            started = time.thread_time()
            try:
                self.write()
            except Exception:
                log.exception("checkpoint failed; the next one tries again")
            pause = max(self._seconds, SHARE * (time.thread_time() - started))

    def write(self) -> list[str]:
        """Write every service whose state differs from its file; the names written."""
        written = []
        for name, read in self._services().items():
            text = _as_text(name, read)
            if text is None:
                continue
            digest = hashlib.sha256(text.encode()).hexdigest()
            if self._written.get(name) == digest:
                continue
            half = self._folder / f"{name}.json.half"
            half.write_text(text)
            half.replace(self._folder / f"{name}.json")
            self._written[name] = digest
            written.append(name)
        return written


def _as_text(name: str, read: Callable[[], Any]) -> str | None:
    # The services go on while this thread reads; a dictionary that grows meanwhile is read again.
    for _ in range(ATTEMPTS):
        try:
            state = read()
            if state is None:
                return None
            return json.dumps(
                {
                    "__ministack_format__": persistence._state_format_version(name),
                    "payload": state,
                },
                default=persistence._json_default,
            )
        except RuntimeError:
            time.sleep(0.01)
    log.warning("%s changed too fast to be written", name)
    return None
