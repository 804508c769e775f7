"""`python -m bench [part …]`: measure and print one table against the budgets.

Parts: cold_start, one_application, numbers, sealing, throughput. Ends with 1 when a budget is
missed.
"""

import os
import sys
import time
import traceback
from importlib import import_module

from bench.measure import Measure, table

PARTS = ("cold_start", "one_application", "numbers", "sealing", "throughput")


def main(wanted: list[str]) -> int:
    """The exit code; unknown parts are an error of the caller."""
    measures: list[Measure] = []
    broken: list[str] = []
    settings = dict(os.environ)
    for part in wanted or PARTS:
        if part not in PARTS:
            print(f"There is no part {part}. There are: {', '.join(PARTS)}.", file=sys.stderr)
            return 2
        began = time.monotonic()
        print(f"── {part.replace('_', ' ')}", flush=True)
        try:
            measures += import_module(f"bench.{part}").measure()
        except Exception:  # noqa: BLE001 (the other parts still have figures to show)
            traceback.print_exc()
            broken.append(part)
        finally:
            # Each part points this process's AWS clients to an AWS of its own.
            os.environ.clear()
            os.environ.update(settings)
        print(f"   {time.monotonic() - began:.0f} s", flush=True)
    print("\n" + table(measures))
    for part in broken:
        print(f"{part} did not come to an end: see above", file=sys.stderr)
    return int(bool(broken) or any(each.missed for each in measures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
