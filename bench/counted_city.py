"""A city of its own on free ports, whose embedded AWS counts; forgotten afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.counting import log_of
from infra.local.city import City
from infra.local.emulator import Emulator

# Every function stays warm: what a cold one reads (the profile, its secrets) it reads once.
WORKERS = 200


class CountingEmulator(Emulator):
    """The emulator with counters round it."""

    module = "bench.counting"

    def __init__(self, state: Path, **settings: Any) -> None:
        super().__init__(state, **{"workers": WORKERS, **settings})


class CountedCity(City):
    """`log` is where every call is noted."""

    emulator = CountingEmulator

    @property
    def log(self) -> Path:
        return log_of(self.aws.state)


@contextmanager
def counted_city() -> Iterator[CountedCity]:
    """A started one on 127.0.0.1."""
    with TemporaryDirectory(prefix="chepai-bench-") as folder:
        city = CountedCity(Path(folder), port=0, say=lambda line: print(f"   {line}", flush=True))
        with city:
            yield city
