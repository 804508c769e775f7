"""Facts, a case and a profile in perfect order, for tests that say only what differs."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from chepai.domain.case import Case
from chepai.domain.facts import (
    AGENCIES,
    Fact,
    FactKind,
    about_application,
    about_model,
    about_person,
    about_vin,
)
from chepai.domain.findings import Finding
from chepai.domain.profile import CityProfile
from chepai.domain.verification import JUDGES, Weighing, required, weigh
from infra.profile_check import load

NOW = datetime(2026, 6, 10, 2, 30, tzinfo=UTC)
VIN = "LZWADAGA1SB000123"
OTHER_VIN = "LZWJDAGA1SB000123"
"""Passes the check digit too: letters of equal value exchange unseen."""
ME = {"id_blind": "b1d", "name_blind": "b2n"}
LENDER = "91370200MA3TXK003T"
_PARAMS = {"length_mm": 4490, "mass_kg": 1320, "seats": 5, "displacement_ml": 1485}

SAYS: dict[FactKind, dict[str, Any]] = {
    FactKind.IDENTITY: {
        "result": "MATCH",
        **ME,
        "id_masked": "370***********0019",
        "name_masked": "*三",
        "alive": True,
        "method": "NET_ID",
        "reference": "ref-1",
        "born": 1990,
    },
    FactKind.CERTIFICATE: {
        "certificate_no": "WAA1234567890AB",
        "vin": VIN,
        "maker": "sgmw",
        "model": "LZW6450",
        "engine_no": "E123456",
        "colour": "WHITE",
        "origin": "DOMESTIC",
        "vehicle_class": "SMALL_PASSENGER",
        "energy": "PETROL",
        "issued_on": "2026-05-02",
        "left_factory_on": "2026-05-01",
        "status": "VALID",
        "params": _PARAMS,
    },
    FactKind.ANNOUNCEMENT: {"model": "LZW6450", "status": "LISTED", "params": _PARAMS},
    FactKind.PRE_INSPECTION: {
        "vin": VIN,
        "result": "PASSED",
        "inspected_on": "2026-05-02",
        "record_no": "P-1",
        "accident": False,
    },
    FactKind.INVOICE: {
        "invoice_no": "26952000000012345678",
        "form": "DIGITAL",
        "status": "NORMAL",
        "buyer_blind": ME["id_blind"],
        "buyer_name_blind": ME["name_blind"],
        "buyer_masked": "370***********0019",
        "buyer_name_masked": "*三",
        "vin": VIN,
        "certificate_no": "WAA1234567890AB",
        "price_fen": 8_980_000,
        "seller_uscc": LENDER,
        "issued_on": "2026-06-08",
        "kind": "NEW_VEHICLE",
    },
    FactKind.PURCHASE_TAX: {
        "vin": VIN,
        "status": "PAID",
        "amount_fen": 794_000,
        "paid_on": "2026-06-09",
        "taxpayer_blind": ME["id_blind"],
        "taxpayer_masked": "370***********0019",
    },
    FactKind.COMPULSORY_INSURANCE: {
        "vin": VIN,
        "insurer": "PICC",
        "policy_no": "PDZA202637020000123456",
        "insured_blind": ME["id_blind"],
        "insured_masked": "370***********0019",
        "starts_on": "2026-06-10",
        "ends_on": "2027-06-09",
        "status": "IN_FORCE",
    },
    FactKind.VESSEL_TAX: {"vin": VIN, "status": "PAID", "year": 2026},
    FactKind.VEHICLE_STATUS: {"vin": VIN, "flags": ["A"]},
    FactKind.MORTGAGE: {
        "vin": VIN,
        "active": False,
        "lender": None,
        "cosigned_application": None,
    },
    FactKind.EMISSION: {"vin": VIN, "listed": True},
    FactKind.INSPECTION: {
        "vin": VIN,
        "result": "PASSED",
        "inspected_on": "2026-06-10",
        "inspector": "staff-7",
        "recording_no": "REC-1",
        "site": "vmo-main",
    },
    FactKind.COSIGNATURE: {"result": "SIGNED", "lender": LENDER},
}


def fact(kind: FactKind, /, *, version: Any = 1, occurred_at: Any = NOW, **differs: Any) -> Fact:
    """A fact in perfect order but for what differs; `params_*` reach into the parameters."""
    says = {**SAYS[kind], **{k: v for k, v in differs.items() if not k.startswith("params_")}}
    inner = {k.removeprefix("params_"): v for k, v in differs.items() if k.startswith("params_")}
    if inner:
        says["params"] = {**says["params"], **inner}
    subjects = {
        FactKind.IDENTITY: about_person("per_1"),
        FactKind.ANNOUNCEMENT: about_model("LZW6450"),
        FactKind.INSPECTION: about_application("app_1"),
        FactKind.COSIGNATURE: about_application("app_1"),
    }
    return Fact(
        subject=subjects.get(kind, about_vin(VIN)),
        kind=kind,
        version=version,
        says=says,
        occurred_at=occurred_at,
        received_at=occurred_at,
        partner=AGENCIES[kind].partner_kind or "office",
        message_id=f"msg-{kind}-{version}",
        kid="k1",
        digest=f"digest-{kind}-{version}",
    )


def case(**differs: Any) -> Case:
    """A new car's case, with identity and certificate in order."""
    given: dict[str, Any] = {
        "application_id": "app_1",
        "service": "new_car",
        "vin": VIN,
        "person_id": "per_1",
        **ME,
        "identity": fact(FactKind.IDENTITY),
        "certificate": fact(FactKind.CERTIFICATE),
    }
    return Case(**{**given, **differs})


def reissue_case(**differs: Any) -> Case:
    """A reissue's case: the owner in person, the certificate lost."""
    return case(**{"service": "certificate_reissue", "entries": {"reason": "LOST"}, **differs})


def judge(kind: FactKind, /, *, of: Case | None = None, **differs: Any) -> Finding:
    """The finding on a fact in order but for what differs."""
    return JUDGES[kind](fact(kind, **differs), of or case(), now=NOW, profile=profile())


def weighed(*facts: Fact, of: Case | None = None, city: CityProfile | None = None) -> Weighing:
    """The weighing of a case whose facts are in order but for those given."""
    given = {each.kind: each for each in facts}
    about = of or case()
    about = replace(
        about,
        identity=given.get(FactKind.IDENTITY, about.identity),
        certificate=given.get(FactKind.CERTIFICATE, about.certificate),
    )
    rules = city or profile()
    found = [
        JUDGES[kind](given.get(kind) or fact(kind), about, now=NOW, profile=rules)
        for kind in required(about, rules)
    ]
    return weigh(found, about, rules, NOW)


def codes(found: Weighing) -> tuple[str, ...]:
    """The codes of the cards a person would read."""
    return tuple(card.code for card in found.reasons)


@cache
def profile(**newcar: Any) -> CityProfile:
    """The city's profile; keyword arguments change its section on new cars."""
    city = load(Path(__file__).parents[3] / "cities" / "qingdao.toml")
    city.newcar = city.newcar.but(**newcar)
    return city
