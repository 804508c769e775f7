"""Rights put together from parts."""

from collections.abc import Mapping


def union(*several: Mapping[str, str]) -> dict[str, str]:
    """The union of several rights, verb by verb."""
    verbs: dict[str, set[str]] = {}
    for one in several:
        for thing, words in one.items():
            verbs.setdefault(thing, set()).update(words.split())
    return {thing: " ".join(sorted(words)) for thing, words in verbs.items()}
