"""Who I am here, and the cars invoiced to me with the very gate of the decision put to each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from chepai.domain import gate
from chepai.domain.facts import Fact, FactKind, about_vin
from chepai.domain.gate import Known
from chepai.domain.periods import city_day
from chepai.domain.refusals import IdentityUnknown
from chepai.edge.api import Answer
from chepai.edge.clock import today
from chepai.edge.eligibility import Assessed, told
from chepai.records.cities import Cities
from chepai.records.facts import Facts
from chepai.records.people import People
from chepai.records.table import Row

CARS_AT_MOST = 20


class Invoiced(Answer):
    """A car invoiced to me, and how I may register it. The price is in fen."""

    vin: str
    invoice_no: str
    issued_on: str
    status: str
    price_fen: int
    seller_uscc: str | None = None
    model: str | None = None
    colour: str | None = None
    check: Assessed


class Invoices(Answer):
    """All cars invoiced to me."""

    invoices: list[Invoiced]


class Me(Answer):
    """What is known of the person who is signed in, masked."""

    person_id: str
    name_masked: str | None = None
    id_masked: str | None = None
    identified: bool
    method: str | None = None
    banned_until: str | None = None


@dataclass(frozen=True)
class Knowing:
    """The adapters that knowing a person takes."""

    cities: Cities
    facts: Facts
    people: People

    @classmethod
    def from_env(cls) -> Self:
        return cls(Cities.from_env(), Facts.from_env(), People.from_env())

    def me(self, person_id: str) -> Me:
        person = self.people.open_row(person_id) or {}
        identity = self.facts.newest(f"person#{person_id}", FactKind.IDENTITY)
        said: Mapping[str, Any] = identity.says if identity else {}
        until = _banned_until(person)
        return Me(
            person_id=person_id,
            name_masked=said.get("name_masked"),
            id_masked=said.get("id_masked"),
            identified=said.get("result") == "MATCH",
            method=said.get("method"),
            banned_until=until.isoformat() if until else None,
        )

    def invoices(self, person_id: str) -> Invoices:
        """The cars whose newest invoice names me. Raises IdentityUnknown."""
        person = self.people.open_row(person_id)
        if not person or not person.get("blind_id"):
            raise IdentityUnknown
        mine = str(person["blind_id"])
        rows = [self._invoiced(vin, mine, person) for vin in self.facts.cars_of(mine)]
        found = [row for row in rows if row is not None]
        newest_first = sorted(found, key=lambda row: row.issued_on, reverse=True)
        return Invoices(invoices=newest_first[:CARS_AT_MOST])

    def _invoiced(self, vin: str, mine: str, person: Row) -> Invoiced | None:
        known = self.facts.of_subject(about_vin(vin))
        invoice = known[FactKind.INVOICE].says
        if invoice.get("buyer_blind") != mine:
            # It was invoiced to me once, and is another buyer's now.
            return None
        certificate: Mapping[str, Any] = (
            known[FactKind.CERTIFICATE].says if FactKind.CERTIFICATE in known else {}
        )
        about = _known(vin, known, _banned_until(person))
        return Invoiced(
            vin=vin,
            invoice_no=str(invoice["invoice_no"]),
            issued_on=str(invoice["issued_on"]),
            status=str(invoice["status"]),
            price_fen=int(str(invoice["price_fen"])),
            seller_uscc=str(invoice.get("seller_uscc") or "") or None,
            model=certificate.get("model"),
            colour=certificate.get("colour"),
            check=told(about, self.cities.current(), today()),
        )


def _known(vin: str, facts: Mapping[FactKind, Fact], banned_until: date | None) -> Known:
    certificate = facts[FactKind.CERTIFICATE].says if FactKind.CERTIFICATE in facts else {}
    inspected = facts.get(FactKind.PRE_INSPECTION)
    left = certificate.get("left_factory_on")
    return Known(
        origin=_text(certificate.get("origin")),
        vehicle_class=_text(certificate.get("vehicle_class")),
        energy=_text(certificate.get("energy")),
        use_character=gate.NON_OPERATING,
        vin=vin,
        pre_inspected=inspected.says["result"] == "PASSED" if inspected else None,
        accident=bool(inspected.says.get("accident")) if inspected else None,
        left_factory_on=date.fromisoformat(str(left)) if left else None,
        invoice_kind=_text(facts[FactKind.INVOICE].says.get("kind")),
        banned_until=banned_until,
    )


def _banned_until(person: Row) -> date | None:
    until = person.get("banned_until")
    return city_day(datetime.fromisoformat(until)) if until else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
