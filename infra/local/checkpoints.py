"""The emulator's state on disk, written while it runs.

ministack saves on a graceful stop only; a killed emulator would lose everything since its start.
Here what has changed is written every few seconds. Tables, queues and executions are read in one go
on the event loop, between two requests, so that a message is never on disk without the row it
speaks of; their files are put in place together.
"""

import asyncio
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

Readers = Mapping[str, Callable[[], Any]]

# Megabytes of templates and code, which change with a deployment only: read beside the loop, and
# seldom, for a deployment asks for its own checkpoint.
BULKY = frozenset({"cloudformation", "lambda"})
BULKY_SECONDS = 60.0
# Reading and writing may take a quarter of the time at most, however much state there is.
SHARE = 4
ATTEMPTS = 5


class Checkpoints:
    """Writes the services' state to `folder` every `seconds`, or less often when it takes long."""

    def __init__(self, folder: Path, services: Callable[[], Readers], seconds: float) -> None:
        self._folder = folder
        self._services = services
        self._seconds = seconds
        self._written: dict[str, str] = {}
        self._writing = threading.Lock()
        self._stopped = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin; `loop` is the one that serves the requests."""
        self._loop = loop
        threading.Thread(target=self._run, daemon=True, name="checkpoints").start()

    def stop(self) -> None:
        """No checkpoint is under way or begins after this."""
        self._stopped.set()
        with self._writing:
            pass

    def _run(self) -> None:
        pause, bulky_at = self._seconds, time.monotonic() + BULKY_SECONDS
        while not self._stopped.wait(pause):
            started = time.monotonic()
            everything = started > bulky_at
            if everything:
                bulky_at = started + BULKY_SECONDS
            try:
                self.write(everything=everything)
            except Exception:
                log.exception("checkpoint failed; the next one tries again")
            pause = max(self._seconds, SHARE * (time.monotonic() - started))

    def write(self, *, everything: bool = True) -> list[str]:
        """Write every service whose state differs from its file; the names written.

        `everything`: the bulky ones too. To be called on any thread but the loop's.
        """
        with self._writing:
            if self._stopped.is_set():
                return []
            return self._write(everything=everything)

    def _write(self, *, everything: bool) -> list[str]:
        readers = self._services()
        texts = self._read_between_requests(
            {name: read for name, read in readers.items() if name not in BULKY}
        )
        if everything:
            texts |= _texts({name: read for name, read in readers.items() if name in BULKY})
        changed = {}
        for name, text in texts.items():
            digest = hashlib.sha256(text.encode()).hexdigest()
            if self._written.get(name) != digest:
                changed[name] = digest
                (self._folder / f"{name}.json.half").write_text(text)
        for name in changed:
            (self._folder / f"{name}.json.half").replace(self._folder / f"{name}.json")
        self._written |= changed
        return list(changed)

    def _read_between_requests(self, readers: Readers) -> dict[str, str]:
        async def read() -> dict[str, str]:
            return _texts(readers)

        if self._loop is None:
            return _texts(readers)
        return asyncio.run_coroutine_threadsafe(read(), self._loop).result()


def _texts(readers: Readers) -> dict[str, str]:
    found = {name: _as_text(name, read) for name, read in readers.items()}
    return {name: text for name, text in found.items() if text is not None}


def _as_text(name: str, read: Callable[[], Any]) -> str | None:
    # Pollers and executions go on in their threads: what grows meanwhile is read again.
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
            continue
    log.warning("%s changed too fast to be written", name)
    return None
