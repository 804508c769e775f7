"""Fifty citizens at once and sixty numbers: nobody shares one, and every refusal is clear."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from infra.local.city import City
from infra.local.scenarios.owner import Owner
from infra.local.scenarios.stage import Stage
from infra.local.scenarios.wire import Refused
from infra.local.testing import running_city
from infra.profile_check import CITIES, check

CITIZENS = 50
# Of each of the two segments that the simulated register opens, thirty numbers are left:
# 0010A … 0039A and 001L0 … 003L9.
RESERVED = ["^[1-9]", "^.[1-9]", "^..[04-9]", "[B-Z]$", r"[M-Z]\d$"]
CLEAR = {"VR-401", "VR-402", "VR-403", "VR-404", "VR-405"}


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city with sixty numbers left; all others are reserved by its profile."""
    document = tomllib.loads((CITIES / "qingdao.toml").read_text("utf-8"))
    document["version"] = "crowded-2026.1"
    document["plate"]["reserved_patterns"] = RESERVED
    document["numsel"] |= {"batch_size": 5, "batch_seconds": 30}
    body, faults = check(document)
    assert not faults
    with running_city(tmp_path_factory.mktemp("crowded"), profile=body) as running:
        yield running


def test_fifty_citizens_share_sixty_numbers_and_none_of_them_twice(crowded: City) -> None:
    start = Barrier(CITIZENS)
    refusals: Counter[str] = Counter()

    def one(nth: int) -> tuple[str, str]:
        stage = Stage(crowded.url, f"citizen-{nth}")
        owner = Owner(stage, stage.sandbox.car())
        owner.registers()
        owner.reaches("awaiting_owner", going_on=False, patience=240)
        owner.signs()
        first = owner.offered()[0]
        # Everybody looks at an offer before anybody chooses: 250 offered out of 60.
        start.wait(240)
        try:
            return owner.application_id, owner.chooses(first)
        except Refused as no:
            refusals[no.code] += 1
        chosen = stage.until("a number is held", lambda: _try(owner, refusals), patience=150)
        return owner.application_id, chosen

    with ThreadPoolExecutor(CITIZENS) as pool:
        held = dict(pool.map(one, range(CITIZENS)))
    numbers = list(held.values())
    assert len(set(numbers)) == CITIZENS, Counter(numbers).most_common(3)
    assert set(refusals) <= CLEAR, refusals
    print(f"refusals on the way: {dict(refusals)}")


def _try(owner: Owner, refusals: Counter[str]) -> str | None:
    """Take the first number of the batch that nobody else took, if there is one."""
    try:
        for number in owner.wire.post(f"/v1/applications/{owner.application_id}/offers")["numbers"]:
            try:
                return owner.chooses(number)
            except Refused as no:
                refusals[no.code] += 1
                if no.code != "VR-401":
                    return None
    except Refused as no:
        refusals[no.code] += 1
    return None
