"""What a scenario says to a person: Chinese beside English, from this folder's texts."""

import json
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from rich.console import Console

LANGUAGES = ("zh-CN", "en")
WIDE = 120
_TEXTS = Path(__file__).with_name("texts")


def say(code: str, language: str, **values: object) -> str:
    """One text with its placeholders filled. KeyError for a code that has none."""
    return texts(language)[code].format(**values)


def say_in_both(code: str, **values: object) -> str:
    """The Chinese text with the English one beside it."""
    return "  ".join(say(code, language, **values) for language in LANGUAGES)


@cache
def texts(language: str) -> Mapping[str, str]:
    """All texts of a language by code."""
    file = _TEXTS / f"{language}.json"
    read: Mapping[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return read


def console() -> Console:
    """The terminal; where there is none, lines are wide and plain."""
    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)
