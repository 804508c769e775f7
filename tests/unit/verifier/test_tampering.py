"""Whatever is done to a ledger is found, and the first bad entry is named.

CHEPAI_TAMPERINGS places for each way (`make tamper` tries many more than `make test`).
"""

import os
import random

import pytest

from tests.unit.verifier.making import OFFICE, key_of, make
from tests.unit.verifier.tampering import WAYS, Expected
from verifier import log as checked
from verifier.checkpoint import keys_in
from verifier.words import Tampered

PLACES = int(os.environ.get("CHEPAI_TAMPERINGS", "10"))
PINNED = keys_in([key_of(OFFICE)])
LOGS = [make(seed=seed, entries=60 + 40 * seed, chains=8 + 5 * seed) for seed in range(4)]


@pytest.mark.parametrize("log", LOGS, ids=lambda log: f"{len(log.rows)} entries")
def test_an_untouched_log_is_good(log, tmp_path):
    told = checked.check(log.write(tmp_path), PINNED)
    assert told.startswith(f"{len(log.rows)} entries in ")
    assert told.endswith(f"{len(log.rows) - len(log.sealed)} not sealed yet")
    for kept in log.notes.values():
        checked.check(tmp_path, PINNED, kept)


@pytest.mark.parametrize("way", WAYS)
def test_every_tampering_is_found_and_the_first_bad_entry_named(way, tmp_path):
    for place in range(PLACES):
        rnd = random.Random(f"{way} {place}")
        log = rnd.choice(LOGS).copy()
        expected: Expected = WAYS[way](log, rnd)
        folder = log.write(tmp_path / str(place))
        with pytest.raises(Tampered) as found:
            checked.check(folder, PINNED if expected.pinned else None, expected.since)
        for name in expected.names:
            assert name in str(found.value), (way, place, expected.names)
