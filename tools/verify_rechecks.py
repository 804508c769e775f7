"""Repeat a weekly draw of the supervision centre from what it published.

    python tools/verify_rechecks.py draw.json

`draw.json` is the answer of GET /v1/staff/rechecks/{period}: the bound and then shown seed, the
beacon (a root of the sealed ledger from after the period), every decided case with its stratum,
the quota and the cases that were drawn.

Exit status 0: the draw is as it must be. 1: it is not, and each fault is printed. 2: unreadable.

It stands alone: standard library only, no code of the system.
"""

import hashlib
import hmac
import json
import sys
from pathlib import Path
from typing import Any

WHOLE = ("override", "concern")
SAMPLED = ("reissued", "refused", "registered")


def main(arguments: list[str]) -> int:
    """Check the file that the command line names; the exit status."""
    if len(arguments) != 1:
        print(__doc__)
        return 2
    try:
        published = json.loads(Path(arguments[0]).read_text("utf-8"))
        found = faults(published)
    except (OSError, ValueError, KeyError, TypeError) as trouble:
        print(f"UNREADABLE  {type(trouble).__name__}: {trouble}")
        return 2
    for fault in found:
        print(f"WRONG  {fault}")
    if not found:
        drawn, of = len(published["cases"]), len(published["population"])
        print(f"RIGHT  {drawn} of {of} decided cases of {published['period']} are as drawn")
    return 1 if found else 0


def faults(published: dict[str, Any]) -> list[str]:
    """Everything that is not as the seed, the beacon and the population make it."""
    seed, population = bytes.fromhex(published["seed"]), published["population"]
    found: list[str] = []
    if hashlib.sha256(seed).hexdigest() != published["commitment"]:
        found.append("the seed is not the one that was bound before the period")
    lines = "".join(f"{case} {population[case]}\n" for case in sorted(population))
    if hashlib.sha256(lines.encode()).hexdigest() != published["population_digest"]:
        found.append("the population is not the one whose digest is in the ledger")
    key = hashlib.sha256(seed + published["beacon"].encode()).digest()
    expected: set[str] = set()
    for stratum in (*WHOLE, *SAMPLED):
        cases = [case for case, of in population.items() if of == stratum]
        ranks = {case: rank(key, published["period"], case) for case in cases}
        count = len(cases)
        if stratum not in WHOLE:
            share = -(-count * int(published["quota"].get(stratum, 0)) // 10_000)
            count = min(count, max(int(published["at_least"]), share))
        expected |= set(sorted(cases, key=ranks.__getitem__)[:count])
    listed = {each["application_id"] for each in published["cases"]}
    found += [f"{case} was drawn and is not listed" for case in sorted(expected - listed)]
    found += [f"{case} is listed and was not drawn" for case in sorted(listed - expected)]
    return found


def rank(key: bytes, period: str, case: str) -> bytes:
    """Where a case stands in the draw: the smallest come first."""
    return hmac.new(key, f"{period}|{case}".encode(), hashlib.sha256).digest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
