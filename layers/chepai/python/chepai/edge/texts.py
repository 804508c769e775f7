"""All text that people read, from the message catalogues; Chinese first, English beside it."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("zh-CN", "en")
_CATALOGUE = Path(__file__).parent.parent / "catalogue"


def say(area: str, code: str, language: str, **values: Any) -> dict[str, str]:
    """The parts of one text (title, detail, …) with its placeholders filled."""
    parts = _area(area, language)[code]
    return {name: text.format_map(_Blank(values)) for name, text in parts.items()}


def say_in_both(area: str, code: str, **values: Any) -> dict[str, dict[str, str]]:
    """The same text in every language, by language tag."""
    return {language: say(area, code, language, **values) for language in LANGUAGES}


def codes(area: str) -> frozenset[str]:
    return frozenset(_area(area, LANGUAGES[0]))


class _Blank(dict[str, Any]):
    """A value that is not known is left open rather than breaking the sentence."""

    def __missing__(self, key: str) -> str:
        return "—"


@cache
def _area(area: str, language: str) -> Mapping[str, Mapping[str, str]]:
    text = (_CATALOGUE / language / f"{area}.json").read_text(encoding="utf-8")
    read: Mapping[str, Mapping[str, str]] = json.loads(text)
    return read
