"""Whether the new-vehicle invoice proves that this person bought this car (F06)."""

from collections.abc import Iterator
from datetime import datetime

from chepai.domain import gate, invoice_number, uscc
from chepai.domain.case import Case
from chepai.domain.facts import Agency, Fact, FactKind
from chepai.domain.findings import (
    Finding,
    Ground,
    Outcome,
    Remedy,
    by_code,
    day,
    fault_ground,
    judged,
    refusing_ground,
    text,
    usual,
    waiting_ground,
    whole,
    word,
)
from chepai.domain.masking import mask_vin
from chepai.domain.people_compared import compare
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile

KIND = FactKind.INVOICE


def _dealer_reissues(name: str, rule: str, field: str) -> Ground:
    # Tax holds the invoice, but only the seller can reverse it and issue a right one.
    return fault_ground(
        KIND, name, rule, field, who_acts=Agency.DEALER, remedy=Remedy.REISSUE_INVOICE
    )


USUAL = usual(KIND, "R164-15-1")
BUYER = _dealer_reissues("BUYER", "R164-15-2", "buyer")
NAME = _dealer_reissues("NAME", "R164-15-2", "buyer_name")
OTHER_VIN = _dealer_reissues("VIN", "R164-15-3", "vin")
CERTIFICATE = _dealer_reissues("CERTIFICATE", "R164-15-3", "certificate_no")
FUTURE = _dealer_reissues("DATE", "R164-15-1", "issued_on")
PRICE = _dealer_reissues("PRICE", "R164-15-1", "price_fen")
SELLER = _dealer_reissues("SELLER", "R164-15-1", "seller_uscc")
NUMBER = _dealer_reissues("NUMBER", "R164-15-1", "invoice_no")
REVERSED = refusing_ground(
    KIND, "REVERSED", "R164-15-1", "status", who_acts=Agency.DEALER, remedy=Remedy.REISSUE_INVOICE
)
NO_IDENTITY = waiting_ground(
    KIND, "NO-IDENTITY", "R164-15-2", Outcome.MISSING, who_acts=Agency.POLICE
)
GROUNDS = by_code(
    USUAL,
    (BUYER, NAME, OTHER_VIN, CERTIFICATE, FUTURE, PRICE, SELLER, NUMBER, REVERSED, NO_IDENTITY),
    (gate.OTHER_PROOF,),
)


@judged(USUAL, GROUNDS)
def judge(fact: Fact, case: Case, now: datetime, _profile: CityProfile) -> Iterator[Finding]:
    if word(fact, "status", "NORMAL", "REVERSED") == "REVERSED":
        yield REVERSED.found(fact, seen=fact.says["status"])
    if word(fact, "kind", "NEW_VEHICLE", "USED_VEHICLE") != "NEW_VEHICLE":
        yield gate.OTHER_PROOF.found(fact, seen=fact.says["kind"])
    yield from compare(fact, case, "buyer", differs=BUYER, unknown=NO_IDENTITY)
    yield from compare(fact, case, "buyer_name", differs=NAME, unknown=NO_IDENTITY)
    yield from _car(fact, case)
    yield from _paper(fact, now)


def _car(fact: Fact, case: Case) -> Iterator[Finding]:
    if text(fact, "vin") != case.vin:
        yield OTHER_VIN.found(fact, seen=mask_vin(text(fact, "vin")))
    number = text(fact, "certificate_no")
    known = case.certificate.says.get("certificate_no") if case.certificate else None
    if known and known != number:
        yield CERTIFICATE.found(fact, seen=number)


def _paper(fact: Fact, now: datetime) -> Iterator[Finding]:
    number, form = text(fact, "invoice_no"), word(fact, "form", "LEGACY", "DIGITAL")
    read = invoice_number.read(number)
    if read is None or read.form != form:
        yield NUMBER.found(fact, seen=number)
    if day(fact, "issued_on") > city_day(now):
        yield FUTURE.found(fact, seen=fact.says["issued_on"])
    if whole(fact.says, "price_fen") <= 0:
        yield PRICE.found(fact, seen=fact.says["price_fen"])
    if uscc.why_invalid(text(fact, "seller_uscc")) is not None:
        yield SELLER.found(fact, seen=fact.says["seller_uscc"])
