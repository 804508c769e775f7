"""Applications per minute on the embedded city, with citizens in parallel.

`python -m bench.throughput [citizens]`: everyone starts at once and is followed to the parcel; it
stops by itself when all have theirs, or after some minutes with those who have. The figure is of
this machine and its emulator; beside it stands what one citizen alone takes, from the same run.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

from bench.counted_city import counted_city
from bench.measure import Measure, table
from infra.local.scenarios.owner import Owner
from infra.local.scenarios.stage import EndedWrongly, Stage

CITIZENS = 12
MOST = 200
LONGEST_SECONDS = 240.0


def one(url: str, nth: int) -> float:
    """One citizen from an invented car to the parcel, in seconds."""
    began = time.monotonic()
    stage = Stage(url, f"citizen {nth}")
    owner = Owner(stage, stage.sandbox.car())
    owner.registers()
    owner.reaches("closed", patience=LONGEST_SECONDS)
    return time.monotonic() - began


def measure(citizens: int = CITIZENS) -> list[Measure]:
    """All figures of this module."""
    with counted_city() as city:
        one(city.url, 0)
        alone = one(city.url, 0)
        began = time.monotonic()
        took, failed = [], 0
        with ThreadPoolExecutor(min(citizens, MOST)) as crowd:
            ways = [crowd.submit(one, city.url, nth) for nth in range(min(citizens, MOST))]
            for way in as_completed(ways):
                try:
                    took.append(way.result())
                except EndedWrongly as late:
                    failed += 1
                    print(f"   {late}")
        minutes = (time.monotonic() - began) / 60
    took.sort()
    middle = took[len(took) // 2] if took else float("nan")
    return [
        Measure(f"{citizens} citizens at once: applications per minute", len(took) / minutes),
        Measure("one citizen alone", alone, "s"),
        Measure(f"{citizens} at once: the middle one, × one alone", middle / alone, "×"),
        Measure(f"{citizens} at once: who came nowhere", failed, "", 0),
    ]


if __name__ == "__main__":
    print(table(measure(*(int(each) for each in sys.argv[1:2]))))
