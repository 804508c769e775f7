"""Names of people: kept exactly as the agency wrote them, compared in a form of their own."""

import re
import unicodedata
from enum import StrEnum

LONGEST = 200
"""Characters of the longest name taken; the longest in public records have some fifty."""

_MIDDLE_DOTS = re.compile(r"\s*[·•‧∙⋅・●.]\s*")
_SPACES = re.compile(r"\s+")
# They choose a glyph and change no character: variation selectors, and joiners.
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u200b-\u200f\u2060\ufeff]")

# Rare characters that older systems hold in the private use area; GB 18030-2022 gave them their
# place in Unicode. Two records of one person may have been written before and after.
_MOVED = {
    0xE816: 0x20087,
    0xE817: 0x20089,
    0xE818: 0x200CC,
    0xE81E: 0x9FB4,
    0xE826: 0x9FB5,
    0xE82B: 0x9FB6,
    0xE82C: 0x9FB7,
    0xE831: 0x215D7,
    0xE832: 0x9FB8,
    0xE83B: 0x2298F,
    0xE843: 0x9FB9,
    0xE854: 0x9FBA,
    0xE855: 0x241FE,
    0xE863: 0x4DAE,
    0xE864: 0x9FBB,
}


class NameFault(StrEnum):
    """Why a text cannot be a name; stable codes."""

    EMPTY = "NAME-EMPTY"
    LONG = "NAME-LONG"
    CHARACTERS = "NAME-CHARACTERS"


def normalise(text: str) -> str:
    """The stored form: as given, without space around it.

    No Unicode form is applied: even NFC turns rare characters such as U+FA19 神 into others, and
    a person's name is what the population register says it is.
    """
    return text.strip()


def why_invalid(text: str) -> NameFault | None:
    """The first fault, or None. Any script, length up to `LONGEST`, rare and private characters."""
    name = normalise(text)
    if not name:
        return NameFault.EMPTY
    if len(name) > LONGEST:
        return NameFault.LONG
    categories = {unicodedata.category(each) for each in name}
    # Control characters, lone surrogates and line breaks come from broken transfers.
    broken = categories & {"Cc", "Cs", "Zl", "Zp"}
    # Co is the private use area, where older systems keep rare characters.
    letters = any(kind[0] == "L" or kind == "Co" for kind in categories)
    return NameFault.CHARACTERS if broken or not letters else None


def comparable(text: str) -> str:
    """The form in which two records of one name agree; never stored or shown as the name.

    Compatibility forms, the many middle dots, spaces, case and invisible selectors vary between
    agencies; rare characters may stand at their old or new place.
    """
    name = unicodedata.normalize("NFKC", _SELECTORS.sub("", text).translate(_MOVED))
    return _SPACES.sub(" ", _MIDDLE_DOTS.sub("·", name)).strip().casefold()


def same(one: str, other: str) -> bool:
    """Whether two agencies' records give the same name."""
    return comparable(one) == comparable(other)
