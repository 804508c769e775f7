"""What everyone may know before signing in: services, links, makers, the city's own values.

All of it is read from the published profile and the rules themselves, so that no page promises
what a decision then denies.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from chepai.domain import fees
from chepai.domain.fees import FeeItem, FeeLine
from chepai.domain.manufacturers import Maker, MakerStatus
from chepai.domain.profile import Basis, CityProfile, Grounded, Link, Links, Section
from chepai.domain.refusals import RouteUnknown
from chepai.domain.services import NEW_CAR, SERVICES
from chepai.edge.api import Answer
from chepai.edge.texts import say_in_both
from chepai.edge.views import Texts

CHECK_AGAIN = "/v1/eligibility-checks"
PUBLISHED = (
    "city", "plate", "temporary_plate", "numsel", "newcar", "inspection", "fees", "limits",
    "calendar", "contact", "counter", "tickets", "links", "courier", "identity", "privacy",
    "features",
)  # fmt: skip
"""Sections for everyone. What counts as unusual (R164 Art. 74) is not among them: who knows the
threshold stays below it."""


class Ground(Answer):
    """What a value rests on; an assumed one is still to be confirmed by the office."""

    basis: str
    basis_text: Texts
    source: str


class FeeOf(Answer):
    """One line of the published list; a waived one stays visible. Amounts in fen."""

    item: str
    text: Texts
    pieces: int
    each_fen: int
    waived: bool
    amount_fen: int
    ground: Ground | None = None


class Limit(Answer):
    """How long the office may take, counted from acceptance; the day itself does not count."""

    n: int
    unit: str
    counted_from: str = "acceptance"
    ground: Ground | None = None


class Offered(Answer):
    """One service: conditions and materials are in its texts, fee and limit in figures."""

    service: str
    text: Texts
    offered: bool
    fee_fen: int
    fees: list[FeeOf]
    limit: Limit


class Services(Answer):
    """The services that a citizen can do from the phone."""

    services: list[Offered]


class LinkOut(Answer):
    """A page of somebody else; the order is no ranking."""

    title: Texts
    url: str


class Purpose(Answer):
    """What must be done elsewhere first, where that can be done, and where to check again."""

    purpose: str
    text: Texts
    links: list[LinkOut]
    check_again: str = CHECK_AGAIN


class LinksOut(Answer):
    """Pages of others by purpose."""

    purposes: list[Purpose]


class MakerOf(Answer):
    """One maker: connected, not_connected or suspended on this day, and since or from when."""

    code: str
    name: str
    brands: list[str]
    vin_prefixes: list[str]
    status: str
    status_text: Texts
    go_live: str


class Makers(Answer):
    """All makers of the registry, those that are not connected included."""

    connected: int
    makers: list[MakerOf]


class Value(Answer):
    """One value of the profile with its ground."""

    value: Any
    ground: Ground | None = None


class CityPage(Answer):
    """The city's own values by section and key, and which of them are to be confirmed."""

    version: str
    valid_from: str
    digest: str
    sections: dict[str, dict[str, Value]]
    to_be_confirmed: list[str]


def services(profile: CityProfile) -> Services:
    return Services(services=[offered(each, profile) for each in SERVICES])


def offered(service: str, profile: CityProfile) -> Offered:
    """One service. Raises RouteUnknown when there is none of this name."""
    if service not in SERVICES:
        raise RouteUnknown
    name = SERVICES[service].limit
    span = getattr(profile.limits, name)
    bill = fees.price(service, profile.fees, parcels=profile.courier.parcels)
    return Offered(
        service=service,
        text=say_in_both("services", service),
        offered=_is_offered(service, profile),
        fee_fen=bill.total_fen,
        fees=[_fee(line, profile) for line in bill.lines],
        limit=Limit(n=span.n, unit=span.unit.value, ground=ground(profile, f"limits.{name}")),
    )


def links(profile: CityProfile) -> LinksOut:
    return LinksOut(
        purposes=[
            Purpose(
                purpose=purpose,
                text=say_in_both("services", f"link.{purpose}"),
                links=[_link(each) for each in getattr(profile.links, purpose)],
            )
            for purpose in Links.__annotations__
        ]
    )


def makers(profile: CityProfile, today: date) -> Makers:
    known = [_maker(each, today) for each in profile.manufacturers]
    connected = sum(each.status == MakerStatus.CONNECTED for each in known)
    return Makers(connected=connected, makers=known)


def city_page(profile: CityProfile) -> CityPage:
    sections = {name: _values(profile, name, getattr(profile, name).__dict__) for name in PUBLISHED}
    shown = {f"{section}.{key}" for section, keys in sections.items() for key in keys}
    return CityPage(
        version=profile.version,
        valid_from=profile.valid_from.isoformat(),
        digest=profile.digest(),
        sections=sections,
        to_be_confirmed=[key for key in profile.to_be_confirmed() if key in shown],
    )


def ground(profile: CityProfile, key: str) -> Ground | None:
    found = profile.bases.get(key)
    return None if found is None else _ground(found)


def _ground(found: Grounded) -> Ground:
    text = say_in_both("services", f"basis.{found.basis}")
    return Ground(basis=Basis(found.basis).value, basis_text=text, source=found.source)


def _is_offered(service: str, profile: CityProfile) -> bool:
    return profile.newcar.enabled if service == NEW_CAR else profile.reissue.cert_online


_PRICED_BY: Mapping[FeeItem, str] = {
    FeeItem.PLATE_PAIR: "fees.plate_pair_fen",
    FeeItem.REGISTRATION_CERTIFICATE: "fees.registration_certificate_fen",
    FeeItem.VEHICLE_LICENCE: "fees.vehicle_licence_fen",
    FeeItem.TEMPORARY_PLATE: "fees.temporary_plate_fen",
    FeeItem.COURIER: "fees.courier_fen",
}


def _fee(line: FeeLine, profile: CityProfile) -> FeeOf:
    return FeeOf(
        item=line.item.value,
        text=say_in_both("services", f"fee.{line.item}"),
        pieces=line.pieces,
        each_fen=line.each_fen,
        waived=line.waived,
        amount_fen=line.amount_fen,
        ground=ground(profile, _PRICED_BY[line.item]),
    )


def _link(link: Link) -> LinkOut:
    title = {"zh-CN": {"title": link.title}, "en": {"title": link.title_en}}
    return LinkOut(title=title, url=link.url)


def _maker(maker: Maker, today: date) -> MakerOf:
    """Who goes live later is not connected yet."""
    status = maker.status
    if status is MakerStatus.CONNECTED and not maker.connected_on(today):
        status = MakerStatus.NOT_CONNECTED
    return MakerOf(
        code=maker.code,
        name=maker.name,
        brands=list(maker.brands),
        vin_prefixes=list(maker.prefixes),
        status=status.value,
        status_text=say_in_both("services", f"maker.{status}"),
        go_live=maker.go_live.isoformat(),
    )


def _values(profile: CityProfile, path: str, values: Mapping[str, Any]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, value in values.items():
        key = f"{path}.{name}"
        inner = value.__dict__ if isinstance(value, Section) else value
        if key not in profile.bases and isinstance(inner, Mapping):
            # A table within a section has a ground for each of its values.
            deeper = _values(profile, key, inner)
            found |= {f"{name}.{own}": each for own, each in deeper.items()}
        else:
            found[name] = Value(value=_plain(value), ground=ground(profile, key))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Section):
        return {name: _plain(each) for name, each in value.__dict__.items()}
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
