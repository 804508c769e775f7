"""Break a city in every way of the list, and tell whether anything was lost.

python -m infra.local.faults [--minutes N] [--seed N] [--only F2,F12,crash,storms] [--at-once N]
"""

import argparse
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local.faults.city import faulty_city
from infra.local.faults.rules import Choice
from infra.local.faults.run import (
    Run,
    Wanted,
    crash_points,
    of_crashes,
    of_rows,
    of_storms,
    table,
)
from infra.local.faults.table import FAULTS

MINUTES, SEED = 15.0, 1
# More at once only wait for each other.
AT_ONCE = 6 * (os.cpu_count() or 2)
# Of one journey, so many workers die: more only make it longer.
CRASHES_EACH = 8
TIMES, ROUNDS = 2, 30


def main(arguments: list[str] | None = None) -> int:
    """0 when nothing was lost, 1 when something was."""
    said = _parser().parse_args(arguments)
    only = set(said.only.split(",")) if said.only else set()
    print(f"seed {said.seed}, {said.minutes:g} minutes at most, {said.at_once} journeys at once")
    with (
        TemporaryDirectory(prefix="chepai-faults-") as folder,
        faulty_city(Path(folder), Choice(said.seed)) as city,
    ):
        run = Run(city, said.minutes * 60, at_once=said.at_once)
        faults = [each for each in FAULTS if not only or each.number in only]
        points = 0
        calm = [Wanted("calm", play, ()) for play in ("registers", "certificate_anew")]
        run.play([*calm, *of_rows(faults, times=said.times)])
        storms = of_storms(said.rounds) if not only or "storms" in only else []
        for fault in faults:
            if fault.disturbs:
                # What shakes the whole city shakes those in a storm, too.
                beside, storms = storms[: said.at_once // 2], storms[said.at_once // 2 :]
                run.disturbed(fault, beside)
        crashes: list[Wanted] = []
        if not only or "crash" in only:
            found = crash_points(city.proxy.seen.calls)
            points, crashes = len(found), of_crashes(found, CRASHES_EACH)
        run.play([*crashes, *storms])
        run.check()
        print("\n" + "\n".join(table(run, faults, points)))
        return 1 if run.wrong or any(each.wrong for each in run.journeys) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local.faults", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--minutes", type=float, default=MINUTES, help="no journey begins later")
    parser.add_argument("--seed", type=int, default=SEED, help="which calls fail")
    parser.add_argument("--only", default="", help="rows of the table, crash, storms")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="journeys beside each other")
    parser.add_argument("--times", type=int, default=TIMES, help="journeys of each row")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="journeys in each storm")
    return parser


if __name__ == "__main__":
    sys.exit(main())
