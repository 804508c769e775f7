"""Make a car that was built, inspected, sold, taxed and insured, for an invented person."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from chepai.domain.facts import FactKind
from chepai.edge.clock import now, today
from chepai.edge.ids import new_id
from chepai.partners.directory import USUAL
from chepai.partners.police import IdentityVerified
from chepai_sandbox import synthetic
from chepai_sandbox.cast import INSURER, LENDER, SELLER
from chepai_sandbox.keys import KEYS
from chepai_sandbox.story import Story
from chepai_sandbox.worlds import Worlds

TOLD_UNASKED = (
    FactKind.CERTIFICATE,
    FactKind.ANNOUNCEMENT,
    FactKind.PRE_INSPECTION,
    FactKind.INVOICE,
    FactKind.PURCHASE_TAX,
    FactKind.COMPULSORY_INSURANCE,
    FactKind.VESSEL_TAX,
)


class Wanted(BaseModel):
    """What a scenario asks for; everything left out is invented.

    `maker` is a manufacturer's code, `vin_prefix` up to eight characters; `facts` overrides the
    data of messages by type; `script` is the behaviour by kind of partner; `withhold` names types
    that nobody knows until an event tells them. `connected` false leaves the maker out: the
    ministry tells the certificate and nobody a pre-inspection.
    """

    model_config = ConfigDict(extra="forbid")

    vin: str | None = None
    maker: str | None = None
    vin_prefix: str | None = None
    energy: str = "PETROL"
    person: dict[str, str | None] = Field(default_factory=dict)
    facts: dict[str, dict[str, Any]] = Field(default_factory=dict)
    script: dict[str, dict[str, Any]] = Field(default_factory=dict)
    connected: bool = True
    mortgaged: bool = False
    withhold: list[str] = Field(default_factory=list)


class Made(BaseModel):
    """The car and its owner, as a scenario needs them."""

    vin: str
    maker: str
    model: str
    energy: str
    person: dict[str, str]
    certificate_no: str
    invoice_no: str
    price_fen: int


def make(wanted: Wanted, worlds: Worlds) -> Made:
    """Write the story down and let the partners begin to tell it, each in its own time."""
    makers = KEYS.published().makers
    maker = wanted.maker or next(iter(makers), "sandbox")
    vin = wanted.vin or synthetic.vin(wanted.vin_prefix or makers.get(maker, "LSB"))
    person = synthetic.person(wanted.person)
    story = Story(
        {
            "vin": vin,
            "made_at": now().isoformat(),
            "person": person,
            "script": wanted.script,
            "truth": {},
        }
    )
    facts = _facts(vin, maker, person, wanted)
    for partner, kind, message_type, data in facts:
        story.row["truth"][message_type] = [partner, kind, data]
        if message_type not in wanted.withhold:
            story.note(partner, kind, message_type, data | wanted.facts.get(message_type, {}))
    certificate, invoice = facts[0][3], _data(facts, "invoice.issued")
    worlds.write(f"person#{person['person_id']}", {"person": person, "vin": vin})
    worlds.write(f"phone#{person['phone']}", {"vin": vin})
    worlds.write(f"model#{certificate['model']}", {"vin": vin})
    story.keep_in(worlds)
    for fact in TOLD_UNASKED:
        story.tell(fact)
    return Made(
        vin=vin,
        maker=maker,
        model=certificate["model"],
        energy=wanted.energy,
        person=person,
        certificate_no=certificate["certificate_no"],
        invoice_no=invoice["invoice_no"],
        price_fen=invoice["price_fen"],
    )


_Facts = list[tuple[str, str, str, dict[str, Any]]]


def _facts(vin: str, maker: str, person: dict[str, str], wanted: Wanted) -> _Facts:
    day, electric = today(), wanted.energy == "PURE_ELECTRIC"
    owner = {"id_number": person["id_number"], "name": person["name"]}
    model = synthetic.MODELS.get(wanted.energy, "SBX7150Z")
    params = {
        "length_mm": 4650,
        "mass_kg": 1380,
        "seats": 5,
        "displacement_ml": 0 if electric else 1498,
    }
    certificate: dict[str, Any] = {
        "certificate_no": synthetic.certificate_no(),
        "vin": vin,
        "model": model,
        "engine_no": f"SB{synthetic.digits(8)}",
        "colour": "白",
        "origin": "DOMESTIC",
        "vehicle_class": "SMALL_PASSENGER",
        "energy": wanted.energy,
        "issued_on": _ago(20),
        "left_factory_on": _ago(20),
        "params": params,
    }
    price = 12_980_000
    invoice = {
        "invoice_no": f"{day:%y}37{synthetic.digits(16)}",
        "form": "DIGITAL",
        "kind": "NEW_VEHICLE",
        "buyer": owner,
        "vin": vin,
        "certificate_no": certificate["certificate_no"],
        "price_fen": price,
        "seller_uscc": SELLER,
        "issued_on": _ago(3),
    }
    tax = {
        "vin": vin,
        "status": "REDUCED" if electric else "PAID",
        "amount_fen": price * 100 // 113 // (20 if electric else 10),
        "paid_on": _ago(1),
        "taxpayer": owner,
    }
    policy = {
        "vin": vin,
        "policy_no": f"PDZASBX{synthetic.digits(15)}",
        "insured": owner,
        "starts_on": _ago(0),
        "ends_on": _ago(-364),
    }
    by_maker: _Facts = (
        [
            (maker, "manufacturer", "certificate.issued", certificate),
            (
                maker,
                "manufacturer",
                "pre_inspection.recorded",
                {
                    "vin": vin,
                    "result": "PASSED",
                    "inspected_on": _ago(18),
                    "record_no": f"PI{synthetic.digits(10)}",
                    "accident": False,
                },
            ),
        ]
        if wanted.connected
        else [
            (
                USUAL["announcement"],
                "announcement",
                "certificate.registered",
                certificate | {"maker": maker},
            )
        ]
    )
    return [
        *by_maker,
        (
            USUAL["announcement"],
            "announcement",
            "product.announced",
            {"model": model, "params": params},
        ),
        (USUAL["tax"], "tax", "invoice.issued", invoice),
        (USUAL["tax"], "tax", "purchase_tax.settled", tax),
        (
            USUAL["tax"],
            "tax",
            "vessel_tax.settled",
            {"vin": vin, "status": "PAID", "year": day.year},
        ),
        (INSURER, "insurer", "policy.in_force", policy),
        (
            USUAL["police"],
            "police",
            "vehicle_status.answered",
            {"vin": vin, "flags": _flags(wanted)},
        ),
        (
            LENDER if wanted.mortgaged else USUAL["lender"],
            "lender",
            "mortgage.state",
            {"vin": vin, "active": wanted.mortgaged},
        ),
    ]


def _flags(wanted: Wanted) -> list[str]:
    flags: list[str] = wanted.script.get("police", {}).get("flags", ["A"])
    return flags


def _ago(days: int) -> str:
    return (today() - timedelta(days=days)).isoformat()


def _data(facts: _Facts, message_type: str) -> dict[str, Any]:
    return next(data for _, _, each, data in facts if each == message_type)


def identify(person_id: str, method: str, worlds: Worlds, *, reference: str = "") -> bool:
    """Let the police tell the result of a sign-in's identity check; False for an unknown person.

    `reference` is the name of the check; one is made when it is left out.
    """
    known = worlds.read(f"person#{person_id}")
    if known is None:
        return False
    car = worlds.car(known["vin"]) if known.get("vin") else None
    who = known["person"]
    made_at = (car or {"made_at": now().isoformat()})["made_at"]
    story = Story(car or {"vin": "", "made_at": made_at})
    story.speaker(USUAL["police"], "police").say(
        IdentityVerified.model_validate(
            {
                "person_id": person_id,
                "reference": reference or new_id("idr"),
                "result": story.script.get("police", {}).get("identity", "MATCH"),
                "method": method,
                "alive": True,
                "identified": {k: who[k] for k in ("id_number", "name", "phone")},
            }
        )
    )
    return True
