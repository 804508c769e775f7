"""`python -m bench [part …]`: measure and print one table against the budgets.

Parts: cold_start, one_application, numbers, throughput. Ends with 1 when a budget is missed.
"""

import sys
import time
from importlib import import_module

from bench.measure import Measure, table

PARTS = ("cold_start", "one_application", "numbers", "throughput")


def main(wanted: list[str]) -> int:
    """The exit code; unknown parts are an error of the caller."""
    measures: list[Measure] = []
    for part in wanted or PARTS:
        if part not in PARTS:
            print(f"There is no part {part}. There are: {', '.join(PARTS)}.", file=sys.stderr)
            return 2
        began = time.monotonic()
        print(f"── {part.replace('_', ' ')}", flush=True)
        measures += import_module(f"bench.{part}").measure()
        print(f"   {time.monotonic() - began:.0f} s", flush=True)
    print("\n" + table(measures))
    return int(any(each.missed for each in measures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
