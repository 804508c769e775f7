"""What of a person or a car is shown to those who must recognise it but not learn it.

The forms follow the office's announcements (PIPL Art. 6; V157 Art. 56): enough to know one's own
again. A text that does not have the expected form is hidden whole.
"""

import unicodedata

_STAR = "*"


def mask_name(name: str) -> str:
    """All but the last character: 张三丰 becomes **丰; a name of one character is hidden."""
    shown = name.strip()
    last = len(shown) - 1
    # Signs above and below letters belong to the letter before them.
    while last > 0 and unicodedata.category(shown[last])[0] == "M":
        last -= 1
    return _STAR * last + shown[last:] if last > 0 else _STAR


def mask_id(number: str) -> str:
    """First three and last four of an identity number; of other documents the last two."""
    if len(number) == 18:
        return number[:3] + _STAR * 11 + number[-4:]
    return _hidden_but(number, 2)


def mask_phone(number: str) -> str:
    """138****8000."""
    if len(number) == 11:
        return number[:3] + _STAR * 4 + number[-4:]
    return _hidden_but(number, 2)


def mask_vin(vin: str) -> str:
    """The last six characters: the serial, without maker and model."""
    return _hidden_but(vin, 6)


def mask_plate(number: str) -> str:
    """鲁B***45, and 鲁B****45 for eight characters."""
    if len(number) in {7, 8}:
        return number[:2] + _STAR * (len(number) - 4) + number[-2:]
    return _hidden_but(number, 0)


def mask_address(address: str) -> str:
    """The first six characters, as a rule province and city; the street is hidden."""
    return address[:6] + _STAR * 6 if len(address) > 12 else _STAR * 6


def _hidden_but(text: str, last: int) -> str:
    if len(text) < last + 4:
        return _STAR * len(text)
    return _STAR * (len(text) - last) + text[len(text) - last :]
