"""One value of one fact wrong at a time: the cards name that field and its agency, and no other.

Every field of every kind of fact that a judge reads, each with every way in which it can be wrong:
another word of its list, another person, another car, a day that has not come, a number that cannot
be, no value, an empty one, one of another type.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from chepai.domain.facts import AGENCIES, FactKind
from chepai.domain.periods import city_day
from chepai.domain.reasons import ReasonCard, cards
from chepai.domain.verification import GROUNDS, USUALS
from tests.unit.domain.cases import (
    LENDER,
    NOW,
    OTHER_VIN,
    SAYS,
    case,
    fact,
    profile,
    reissue_case,
    weighed,
)

K = FactKind
PARAMS = tuple(SAYS[K.CERTIFICATE]["params"])

WORDS: Mapping[str, tuple[str, ...]] = {
    "result": ("MATCH", "MISMATCH", "PASSED", "FAILED", "UNAVAILABLE", "NOT_FOUND"),
    "status": (
        *("VALID", "VOID", "LISTED", "REVOKED", "NORMAL", "REVERSED", "PAID", "EXEMPT", "REDUCED"),
        *("UNPAID", "IN_FORCE", "BOUND", "CANCELLED", "UNAVAILABLE", "NOT_FOUND"),
    ),
    "method": ("FACE", "NET_ID", "ID_CHIP", "COUNTER"),
    "origin": ("DOMESTIC", "IMPORTED"),
    "vehicle_class": ("SMALL_PASSENGER", "MINI_PASSENGER", "BUS", "HEAVY_TRUCK"),
    "energy": ("PETROL", "DIESEL", "HYBRID", "PURE_ELECTRIC", "FUEL_CELL"),
    "form": ("LEGACY", "DIGITAL"),
    "kind": ("NEW_VEHICLE", "USED_VEHICLE"),
}
DAYS = ("2019-01-01", "2023-01-01", "2026-06-10", "2026-07-01", "2031-01-01", "2026-02-30", "today")
NUMBERS = (0, -1, 1, 2025, 2027, 10**9)
WRONG: tuple[Any, ...] = (None, "", 7, True, [], "nonsense")
FLAGS: tuple[list[str], ...] = (["J"], ["K"], ["C", "L"], ["D"], ["B"], ["Z"], [], ["A", "H"])

# What is kept of a person is a blind index and a masked form: a card names what it stands for.
SHOWN_AS = {
    "id_blind": "id_masked",
    "name_blind": "name_masked",
    "buyer_blind": "buyer",
    "buyer_name_blind": "buyer_name",
    "taxpayer_blind": "taxpayer",
    "insured_blind": "insured",
}
# Two values that belong together are named by one of them.
TOGETHER = {
    "ends_on": {"starts_on", "ends_on"},
    "form": {"form", "invoice_no"},
    "invoice_no": {"invoice_no", "form"},
    "lender": {"lender", "active"},
    "active": {"lender", "active"},
    "status": {"status", "starts_on"},
}
# Where two agencies say different things about one car, nobody knows from that alone which of
# them is wrong: the card stands at the fact that was compared, and names the same field there.
COMPARED: Mapping[tuple[FactKind, str], tuple[str, str]] = {
    (K.CERTIFICATE, "certificate_no"): ("F06-CERTIFICATE", "certificate_no"),
    (K.CERTIFICATE, "model"): ("F04-MODEL", "model"),
    **{(K.CERTIFICATE, f"params.{name}"): ("F04-PARAMETER", f"params.{name}") for name in PARAMS},
}
SERVICES = {
    **dict.fromkeys(SAYS, "new_car"),
    K.MORTGAGE: "certificate_reissue",
}
del SERVICES[K.COSIGNATURE]


def wrongs(kind: FactKind, name: str) -> Iterator[Any]:
    """Every way in which one field can be wrong."""
    value = SAYS[kind][name]
    if name == "params":
        yield from ({**value, inner: wrong} for inner in PARAMS for wrong in (*NUMBERS, *WRONG))
        yield {}
    else:
        yield from _others(name, value)
    yield from WRONG


def _others(name: str, value: Any) -> tuple[Any, ...]:
    """Values of the field's own kind that are not the right one."""
    by_name = {"flags": FLAGS, "vin": (OTHER_VIN,), "lender": (LENDER,), **WORDS}
    if name in by_name:
        return by_name[name]
    if name.endswith("_on"):
        return DAYS
    if isinstance(value, bool):
        return (not value,)
    return NUMBERS if isinstance(value, int) else ("another",)


def mutants() -> list[tuple[FactKind, str, Any]]:
    return [
        (kind, name, wrong)
        for kind in SERVICES
        for name in SAYS[kind]
        for wrong in wrongs(kind, name)
        if wrong != SAYS[kind][name] or type(wrong) is not type(SAYS[kind][name])
    ]


def told(kind: FactKind, name: str, wrong: Any) -> tuple[ReasonCard, ...]:
    """The cards that staff see, of whom no ground is kept, when one value of one fact is wrong."""
    mortgaged = {"active": True, "lender": LENDER} if name == "lender" else {}
    about = reissue_case() if SERVICES[kind] == "certificate_reissue" else case()
    changed = fact(kind, **mortgaged | {name: wrong})
    if kind is K.INSPECTION:
        about = case(inspection=changed)
        result = weighed(of=about)
    else:
        rules = profile(emission_check=True) if kind is K.EMISSION else None
        result = weighed(changed, of=about, city=rules)
    held = [each for each in result.findings if each.outcome != "matched"]
    return cards(held, GROUNDS, today=city_day(NOW), profile=profile(), for_staff=True)


def named(card: ReasonCard) -> tuple[str, str | None]:
    return str(GROUNDS[card.code].kind), card.field


def allowed(kind: FactKind, name: str, wrong: Any) -> set[str | None]:
    fields: set[str | None] = {SHOWN_AS.get(name, name), name, *TOGETHER.get(name, ())}
    if name == "params":
        fields |= {f"params.{inner}" for inner in differing(wrong)}
        fields |= {*differing(wrong), "params"}
    return fields


def differing(params: Any) -> list[str]:
    right = SAYS[K.CERTIFICATE]["params"]
    if not isinstance(params, dict):
        return []
    return [name for name in right if params.get(name) != right[name]]


# Grounds about a whole fact, which no single field carries: it is not there, or is too old.
WITHOUT_FIELD = {
    ground.code
    for usual in USUALS.values()
    for ground in (usual.missing, usual.unavailable, usual.not_found, usual.stale, usual.silent)
}


@pytest.mark.parametrize("kind", SERVICES)
def test_a_wrong_value_is_named_with_its_agency_and_no_other(kind: FactKind) -> None:
    faults, tried, seen = [], 0, 0
    for this, name, wrong in mutants():
        if this is not kind:
            continue
        tried += 1
        made = told(kind, name, wrong)
        seen += bool(made)
        faults += [
            (name, wrong, card.code, card.field, card.agency)
            for card in made
            if not _right(card, kind, name, wrong)
        ]
    print(f"{kind}: {tried} mutants, {seen} told")
    assert not faults, "\n".join(map(str, faults))
    assert seen


def _right(card: ReasonCard, kind: FactKind, name: str, wrong: Any) -> bool:
    if card.agency == AGENCIES[kind].agency and GROUNDS[card.code].kind is kind:
        return card.code in WITHOUT_FIELD or card.field in allowed(kind, name, wrong)
    for inner in (differing(wrong) if name == "params" else []) or [""]:
        path = f"params.{inner}" if inner else name
        if COMPARED.get((kind, path)) == (card.code, card.field):
            return True
    return False
