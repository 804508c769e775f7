"""Plate numbers 号牌号码 (GA 36-2018): which are possible, of which kind, and for which car."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from chepai.domain.canonical import canonical

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
DIGITS = "0123456789"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""The serial's letters: neither I nor O stands in one."""

PURE_LETTERS = "DABCE"
NON_PURE_LETTERS = "FGHJK"
"""Energy letters, in the order in which they are opened."""

_ENERGY_SERIAL = re.compile(r"([DABCEFGHJK])[A-HJ-NP-Z0-9][0-9]{4}")
_LARGE_ENERGY_SERIAL = re.compile(r"[0-9]{5}([DABCEFGHJK])")
_ORDINARY_SERIAL = re.compile(r"[A-HJ-NP-Z0-9]{5}")
_SUFFIXED_SERIAL = re.compile(r"[A-HJ-NP-Z0-9]{4}([挂学警领])")
_MOST_LETTERS = 2


class PlateKind(StrEnum):
    """Kinds of plate by their national codes (GA/T 16.7); kind and number together are the key."""

    LARGE = "01"
    SMALL = "02"
    CONSULATE = "04"
    TRAILER = "15"
    COACH = "16"
    TEMPORARY = "22"
    POLICE = "23"
    LARGE_NEW_ENERGY = "51"
    SMALL_NEW_ENERGY = "52"


class Energy(StrEnum):
    """What drives the car, as its certificate says."""

    PETROL = "PETROL"
    DIESEL = "DIESEL"
    GAS = "GAS"
    HYBRID = "HYBRID"
    PURE_ELECTRIC = "PURE_ELECTRIC"
    PLUG_IN_HYBRID = "PLUG_IN_HYBRID"
    RANGE_EXTENDER = "RANGE_EXTENDER"
    FUEL_CELL = "FUEL_CELL"


class VehicleClass(StrEnum):
    """Classes of vehicle, as far as plates tell them apart."""

    MINI_PASSENGER = "MINI_PASSENGER"
    SMALL_PASSENGER = "SMALL_PASSENGER"
    MEDIUM_PASSENGER = "MEDIUM_PASSENGER"
    LARGE_PASSENGER = "LARGE_PASSENGER"


class Colour(StrEnum):
    """Colours of plates."""

    BLUE = "BLUE"
    YELLOW = "YELLOW"
    GREEN = "GREEN"
    YELLOW_GREEN = "YELLOW_GREEN"
    WHITE = "WHITE"
    BLACK = "BLACK"


class PlateFault(StrEnum):
    """Why a number cannot be a plate, or not this car's; stable codes."""

    PREFIX = "PLATE-PREFIX"
    CITY = "PLATE-CITY"
    LETTER = "PLATE-LETTER"
    LETTERS = "PLATE-LETTERS"
    PATTERN = "PLATE-PATTERN"
    KIND = "PLATE-KIND"
    ENERGY = "PLATE-ENERGY"


@dataclass(frozen=True)
class Plate:
    """A possible number: the kinds that it may be of, and the energy its letter stands for."""

    number: str
    kinds: tuple[PlateKind, ...]
    energy_letter: str | None = None


_SUFFIX_KINDS = {
    "挂": PlateKind.TRAILER,
    "学": PlateKind.COACH,
    "警": PlateKind.POLICE,
    "领": PlateKind.CONSULATE,
}

COLOURS = {
    PlateKind.LARGE: Colour.YELLOW,
    PlateKind.SMALL: Colour.BLUE,
    PlateKind.CONSULATE: Colour.BLACK,
    PlateKind.TRAILER: Colour.YELLOW,
    PlateKind.COACH: Colour.YELLOW,
    PlateKind.POLICE: Colour.WHITE,
    PlateKind.LARGE_NEW_ENERGY: Colour.YELLOW_GREEN,
    PlateKind.SMALL_NEW_ENERGY: Colour.GREEN,
}

_NON_PURE = {Energy.PLUG_IN_HYBRID, Energy.RANGE_EXTENDER, Energy.FUEL_CELL}


ORDINARY_PATTERNS = tuple(
    "".join("L" if place in places else "D" for place in range(5))
    for letters in range(_MOST_LETTERS + 1)
    for places in combinations(range(5), letters)
)
"""The 16 patterns of an ordinary serial, D a digit and L a letter."""


def normalise(text: str) -> str:
    """The stored form: seven or eight characters without the dot."""
    return canonical(text)


def shown(number: str) -> str:
    """The form on the plate, with the dot after the issuing letter."""
    plain = normalise(number)
    return f"{plain[:2]}·{plain[2:]}"


def why_invalid(text: str, *, issuing: Collection[str] = ()) -> PlateFault | None:
    """The first fault, or None; `issuing` are the city's prefixes, such as 鲁B and 鲁U."""
    found = _read(normalise(text), issuing)
    return found if isinstance(found, PlateFault) else None


def read(text: str, *, issuing: Collection[str] = ()) -> Plate | None:
    """The number with the kinds that it may be of, or None when it is invalid."""
    found = _read(normalise(text), issuing)
    return found if isinstance(found, Plate) else None


def why_unfit(
    text: str,
    *,
    kind: PlateKind,
    energy: Energy,
    vehicle_class: VehicleClass,
    issuing: Collection[str],
) -> PlateFault | None:
    """Why this car of this city may not bear this number as this kind of plate, or None."""
    found = _read(normalise(text), issuing)
    if isinstance(found, PlateFault):
        return found
    if kind not in found.kinds or kind is not kind_for(energy, vehicle_class):
        return PlateFault.KIND
    if found.energy_letter and found.energy_letter not in energy_letters(energy):
        return PlateFault.ENERGY
    return None


def kind_for(energy: Energy, vehicle_class: VehicleClass) -> PlateKind:
    """The kind of plate a car gets; a hybrid that cannot be plugged in gets an ordinary one."""
    small = vehicle_class in {VehicleClass.MINI_PASSENGER, VehicleClass.SMALL_PASSENGER}
    if energy_letters(energy):
        return PlateKind.SMALL_NEW_ENERGY if small else PlateKind.LARGE_NEW_ENERGY
    return PlateKind.SMALL if small else PlateKind.LARGE


def energy_letters(energy: Energy) -> str:
    """The letters that a car of this energy may bear; none for ordinary plates."""
    if energy is Energy.PURE_ELECTRIC:
        return PURE_LETTERS
    return NON_PURE_LETTERS if energy in _NON_PURE else ""


def ordinary_pattern(serial: str) -> str:
    """Which of the patterns a serial follows, such as LDDDD."""
    return "".join("D" if each in DIGITS else "L" for each in serial)


def _read(number: str, issuing: Collection[str]) -> Plate | PlateFault:
    prefix, serial = number[:2], number[2:]
    if len(prefix) < 2 or prefix[0] not in PROVINCES or prefix[1] not in LETTERS + "O":
        return PlateFault.PREFIX
    if issuing and prefix not in issuing:
        return PlateFault.CITY
    # O as an issuing letter is reserved, and belongs to no city unless a profile says so.
    if prefix[1] == "O" and not issuing:
        return PlateFault.PREFIX
    if "I" in serial or "O" in serial:
        return PlateFault.LETTER
    return _of_serial(number, serial)


def _of_serial(number: str, serial: str) -> Plate | PlateFault:
    if small := _ENERGY_SERIAL.fullmatch(serial):
        return Plate(number, (PlateKind.SMALL_NEW_ENERGY,), small[1])
    if large := _LARGE_ENERGY_SERIAL.fullmatch(serial):
        return Plate(number, (PlateKind.LARGE_NEW_ENERGY,), large[1])
    if suffixed := _SUFFIXED_SERIAL.fullmatch(serial):
        return Plate(number, (_SUFFIX_KINDS[suffixed[1]],))
    if not _ORDINARY_SERIAL.fullmatch(serial):
        return PlateFault.PATTERN
    if ordinary_pattern(serial).count("L") > _MOST_LETTERS:
        return PlateFault.LETTERS
    return Plate(number, (PlateKind.SMALL, PlateKind.LARGE))
