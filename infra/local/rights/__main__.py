"""`python -m infra.local.rights`: the matrix of roles, tried on a running city and used to the end.

First every cell is tried: each function's role, each action, each resource. Then all scenarios are
played while every call is noted: what is used and not granted, and what is granted and not used.
"""

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local.city import City
from infra.local.rights import matrix, probe, recording, unexercised, used


def main() -> int:
    said = _arguments()
    with TemporaryDirectory(prefix="chepai-rights-") as folder:
        place = Path(folder)
        with recording.watched_cities(place) as cities:
            print(f"Two cities are up; their roles are enforced ({time.strftime('%H:%M:%S')})")
            good = True if said.journeys else _try_all(cities[0])
            if not said.matrix:
                good = _play_all(place, cities, also=said.also) and good
    return 0 if good else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m infra.local.rights")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--matrix", action="store_true", help="only try the cells")
    only.add_argument("--journeys", action="store_true", help="only play and compare")
    parser.add_argument(
        "--also", type=Path, help="a record of the functions' own tests (CHEPAI_RECORD)"
    )
    return parser.parse_args()


def _try_all(city: City) -> bool:
    prober = probe.Prober(city)
    cells = list(probe.cells(matrix.entries(), prober.resources()))
    allowed = sum(cell.allowed for cell in cells)
    print(f"{len(cells)} cells to try, {allowed} of them declared as allowed")
    began = time.monotonic()

    def say(done: int) -> None:
        seconds = time.monotonic() - began
        left = seconds / done * (len(cells) - done)
        print(f"  {done} tried in {seconds:.0f} s, about {left:.0f} s left", flush=True)

    wrong = prober.wrong(cells, say=say)
    for cell in wrong:
        print(f"  {cell.function}: {cell.right} is {'refused' if cell.allowed else 'allowed'}")
    print(f"{len(cells)} cells tried: {len(wrong)} answered otherwise than declared")
    return not wrong


def _play_all(folder: Path, cities: tuple[City, City], *, also: Path | None) -> bool:
    outcomes = recording.play_all(cities)
    for outcome in outcomes:
        print(f"  {outcome.scenario.name}: {'well' if outcome.well else outcome.wrong}")
    played = record = recording.record_of(folder, cities)
    if also:
        record = used.together([record, recording.of_tests(also)])
    found = used.compare(record, matrix.entries())
    # A test may point a function at what it has no right to; a city never does.
    beyond = used.compare(played, matrix.entries()).beyond
    excused = unexercised.of(found.unused)
    for name, rights in sorted(beyond.items()):
        print(f"  used and not granted to {name}: {'; '.join(sorted(map(str, rights)))}")
    for name, rights in sorted(excused.items()):
        print(f"  granted and not used by {name}: {'; '.join(sorted(map(str, rights)))}")
    print(
        f"{record.calls} calls noted; {found.exercised} of {found.granted} rights used, "
        f"{sum(map(len, excused.values()))} neither used nor excused, "
        f"{sum(map(len, beyond.values()))} used without a right"
    )
    return not beyond and not excused and all(each.well for each in outcomes)


if __name__ == "__main__":
    sys.exit(main())
