"""The fees of a service, item by item, from the published list; nothing else is ever charged."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from chepai.domain.facts import Fact
    from chepai.domain.profile import Fees


class FeeItem(StrEnum):
    """Items of the published list, as catalogue codes."""

    PLATE_PAIR = "PLATE_PAIR"
    REGISTRATION_CERTIFICATE = "REGISTRATION_CERTIFICATE"
    VEHICLE_LICENCE = "VEHICLE_LICENCE"
    TEMPORARY_PLATE = "TEMPORARY_PLATE"
    COURIER = "COURIER"


def captured_in(facts: "Sequence[Fact]") -> "list[Fact]":
    """What was captured: neither a later decline nor a closing of the order undoes it."""
    return [fact for fact in facts if fact.says["status"] == "PAID"]


class FeeLine(NamedTuple):
    """One line of a bill; a waived one stays visible with nothing to pay. Amounts in fen."""

    item: FeeItem
    pieces: int
    each_fen: int
    waived: bool

    @property
    def amount_fen(self) -> int:
        """What this line adds to the sum."""
        return 0 if self.waived else self.pieces * self.each_fen


class Bill(NamedTuple):
    """What the owner is asked to pay, and for what."""

    lines: tuple[FeeLine, ...]

    @property
    def total_fen(self) -> int:
        """The sum of what is not waived, in fen."""
        return sum(line.amount_fen for line in self.lines)


ITEMS = {
    "new_car": (
        FeeItem.PLATE_PAIR,
        FeeItem.REGISTRATION_CERTIFICATE,
        FeeItem.VEHICLE_LICENCE,
        FeeItem.COURIER,
    ),
    "certificate_reissue": (FeeItem.REGISTRATION_CERTIFICATE, FeeItem.COURIER),
}
"""What each service charges when the owner drives nowhere."""


def price(
    service: str,
    fees: "Fees",
    *,
    temporary_plates: int = 0,
    parcels: int = 1,
    picked_up: bool = False,
    waived: Sequence[FeeItem] = (),
) -> Bill:
    """The bill of a service. KeyError for a service without a published list.

    `waived` are items let off in this case, beside those that the city waives for all. The
    courier is charged by parcel and only where the owner pays it and does not pick up.
    """
    counts = dict.fromkeys(ITEMS[service], 1)
    if temporary_plates:
        counts[FeeItem.TEMPORARY_PLATE] = temporary_plates
    if picked_up or not fees.courier_paid_by_owner:
        counts.pop(FeeItem.COURIER, None)
    elif FeeItem.COURIER in counts:
        counts[FeeItem.COURIER] = parcels
    let_off = {*fees.waived, *waived}
    return Bill(
        tuple(
            FeeLine(item, count, _price_of(item, fees), item in let_off)
            for item, count in counts.items()
        )
    )


def _price_of(item: FeeItem, fees: "Fees") -> int:
    return {
        FeeItem.PLATE_PAIR: fees.plate_pair_fen,
        FeeItem.REGISTRATION_CERTIFICATE: fees.registration_certificate_fen,
        FeeItem.VEHICLE_LICENCE: fees.vehicle_licence_fen,
        FeeItem.TEMPORARY_PLATE: fees.temporary_plate_fen,
        FeeItem.COURIER: fees.courier_fen,
    }[item]
