"""A stream wakes a function for the rows that mean something to it, and for no other."""

from collections.abc import Mapping
from typing import Any

import pytest

from chepai.domain.facts import FactKind
from infra.access.background import ACCESS, WAKES

ALLOWED_BY_AWS = 5
LONGEST_PATTERN = 4096


def record(kind: FactKind, result: str) -> dict[str, Any]:
    """A new row of the facts as the stream hands it over."""
    key = {"subject": {"S": "message#m"}, "version_key": {"S": f"{kind}#000001"}}
    image = {**key, "says": {"M": {"result": {"S": result}}}}
    return {"dynamodb": {"Keys": key, "NewImage": image}}


def fits(seen: Any, pattern: Any) -> bool:
    """Event filtering as far as our patterns go: words and prefixes."""
    if isinstance(pattern, Mapping):
        return isinstance(seen, Mapping) and all(
            fits(seen.get(name), each) for name, each in pattern.items()
        )
    return any(
        seen.startswith(each["prefix"]) if isinstance(each, Mapping) else seen == each
        for each in pattern
    )


def wakes(kind: FactKind, result: str = "MATCH") -> bool:
    return any(fits(record(kind, result), pattern) for pattern in WAKES)


@pytest.mark.parametrize("kind", [each for each in FactKind if each is not FactKind.MESSAGE])
def test_every_fact_wakes_whoever_waits_for_it(kind):
    assert wakes(kind)


def test_of_text_messages_only_one_that_failed_wakes_somebody():
    assert wakes(FactKind.MESSAGE, "FAILED")
    assert not wakes(FactKind.MESSAGE, "DELIVERED")
    assert not wakes(FactKind.MESSAGE, "ACCEPTED")


def test_the_patterns_are_few_and_short_enough_for_aws():
    assert ACCESS["resume"].on.only == WAKES
    assert len(WAKES) <= ALLOWED_BY_AWS
    assert all(len(str(each)) < LONGEST_PATTERN for each in WAKES)
