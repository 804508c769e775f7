"""Invented people and cars, visibly synthetic: region 370200 is no place of birth of anyone."""

import secrets

from chepai.domain.resident_id import check_character
from chepai.domain.vin import check_digit
from chepai.edge.ids import derived_id

FAMILY = "王李张刘陈杨黄赵周吴"
GIVEN = ("沙盒", "试样", "样本", "演示", "虚构", "示例")
MODELS = {
    "PETROL": "SBX7150A",
    "HYBRID": "SBX7150H",
    "PURE_ELECTRIC": "SBX7000BEV",
    "PLUG_IN_HYBRID": "SBX6480PHEV",
}


def id_number(born: str) -> str:
    """An identity number for a date of birth (yyyymmdd) with a random sequence."""
    body = f"370200{born}{secrets.randbelow(1000):03d}"
    return body + check_character(body + "0")


def person(given: dict[str, str | None]) -> dict[str, str]:
    """A whole person from what is given; the same identity number is always the same person."""
    number = given.get("id_number") or id_number(f"19{60 + secrets.randbelow(40)}0315")
    return {
        "person_id": given.get("person_id") or derived_id("per", number),
        "name": given.get("name") or secrets.choice(FAMILY) + secrets.choice(GIVEN),
        "id_number": number,
        "phone": given.get("phone") or f"199{secrets.randbelow(10**8):08d}",
    }


def vin(prefix: str) -> str:
    """A VIN of model year 2026 that starts with a manufacturer's prefix."""
    front = (prefix + "AAAAAAAA")[:8]
    body = f"{front}0TA{secrets.randbelow(10**6):06d}"
    return body[:8] + check_digit(body) + body[9:]


def certificate_no() -> str:
    return f"SBX0{secrets.randbelow(10**11):011d}"


def digits(count: int) -> str:
    return f"{secrets.randbelow(10**count):0{count}d}"
