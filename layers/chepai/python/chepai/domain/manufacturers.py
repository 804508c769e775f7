"""Makers of cars: whose key may speak for which VIN, and whose records reach the office."""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from chepai.domain.vin import normalise


class MakerStatus(StrEnum):
    """Whether a maker's pre-inspection records reach the office."""

    CONNECTED = "connected"
    NOT_CONNECTED = "not_connected"
    SUSPENDED = "suspended"


class Maker(NamedTuple):
    """One maker of the registry; `prefixes` are the first three or more characters of its VINs."""

    code: str
    name: str
    brands: tuple[str, ...]
    prefixes: tuple[str, ...]
    go_live: date
    status: MakerStatus = MakerStatus.CONNECTED

    def connected_on(self, day: date) -> bool:
        """Whether its records are taken on a day."""
        return self.status is MakerStatus.CONNECTED and self.go_live <= day


class Manufacturers:
    """The registry: a VIN belongs to the maker with the longest prefix that it starts with."""

    def __init__(self, makers: Iterable[Maker]) -> None:
        self._makers = tuple(makers)
        self._by_prefix = {prefix: maker for maker in self._makers for prefix in maker.prefixes}
        self._lengths = sorted({len(prefix) for prefix in self._by_prefix}, reverse=True)

    def __iter__(self) -> Iterator[Maker]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def named(self, code: str) -> Maker | None:
        """The maker with this code."""
        return next((maker for maker in self._makers if maker.code == code), None)

    def maker_of(self, vin: str) -> Maker | None:
        """The maker that a VIN belongs to, connected or not; None for one not in the registry."""
        text = normalise(vin)
        for length in self._lengths:
            maker = self._by_prefix.get(text[:length])
            if maker is not None:
                return maker
        return None

    def speaks_for(self, code: str, vin: str) -> bool:
        """Whether a maker's key may make statements about a VIN: its own, and not suspended."""
        maker = self.maker_of(vin)
        if maker is None or maker.code != code:
            return False
        return maker.status is not MakerStatus.SUSPENDED

    def connected(self, vin: str, on: date) -> bool:
        """Whether records about this VIN can reach the office on a day."""
        maker = self.maker_of(vin)
        return maker is not None and maker.connected_on(on)
