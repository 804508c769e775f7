"""Plate numbers: the published vectors, the sixteen patterns, and which car may bear which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chepai.domain import plates
from chepai.domain.plates import Energy, PlateFault, PlateKind, VehicleClass

QINGDAO = ("鲁B", "鲁U")
ORDINARY = (PlateKind.SMALL, PlateKind.LARGE)
SMALL_NEV = (PlateKind.SMALL_NEW_ENERGY,)
LARGE_NEV = (PlateKind.LARGE_NEW_ENERGY,)


@pytest.mark.parametrize(
    ("text", "number", "kinds"),
    [
        ("鲁B12345", "鲁B12345", ORDINARY),
        ("鲁B·12345", "鲁B12345", ORDINARY),
        ("鲁BA1234", "鲁BA1234", ORDINARY),
        ("鲁B AB123", "鲁BAB123", ORDINARY),
        ("鲁U７Ｎ６０Ｊ", "鲁U7N60J", ORDINARY),
        # The letter D in the third of seven places is an ordinary plate.
        ("鲁BD1234", "鲁BD1234", ORDINARY),
        ("鲁B·D12345", "鲁BD12345", SMALL_NEV),
        ("鲁BDF1234", "鲁BDF1234", SMALL_NEV),
        ("鲁BF12345", "鲁BF12345", SMALL_NEV),
        ("鲁BA12345", "鲁BA12345", SMALL_NEV),
        ("鲁U12345D", "鲁U12345D", LARGE_NEV),
        ("鲁B12345F", "鲁B12345F", LARGE_NEV),
        ("鲁B1234挂", "鲁B1234挂", (PlateKind.TRAILER,)),
        ("鲁B1234学", "鲁B1234学", (PlateKind.COACH,)),
        ("鲁B1234警", "鲁B1234警", (PlateKind.POLICE,)),
    ],
)
def test_a_possible_number_and_its_kinds(text, number, kinds):
    assert plates.why_invalid(text, issuing=QINGDAO) is None
    plate = plates.read(text, issuing=QINGDAO)
    assert plate is not None
    assert (plate.number, plate.kinds) == (number, kinds)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("鲁BABC12", PlateFault.LETTERS),
        ("鲁B1O234", PlateFault.LETTER),
        ("鲁BI1234", PlateFault.LETTER),
        ("鲁BG0A123", PlateFault.PATTERN),
        ("鲁BAD12345", PlateFault.PATTERN),
        ("鲁BL12345", PlateFault.PATTERN),
        ("鲁BE12C45", PlateFault.PATTERN),
        ("鲁B", PlateFault.PATTERN),
        ("鲁A12345", PlateFault.CITY),
        ("鲁I12345", PlateFault.PREFIX),
        ("鲁112345", PlateFault.PREFIX),
        ("B12345", PlateFault.PREFIX),
        ("", PlateFault.PREFIX),
        ("鲁B1234５６７", PlateFault.PATTERN),
        ("鲁B1234٥", PlateFault.PATTERN),
    ],
)
def test_an_impossible_number_says_why(text, fault):
    assert plates.why_invalid(text, issuing=QINGDAO) is fault
    assert plates.read(text, issuing=QINGDAO) is None


def test_the_reserved_issuing_letter_belongs_to_no_city():
    assert plates.why_invalid("鲁O12345") is PlateFault.PREFIX
    assert plates.why_invalid("鲁O12345", issuing=("鲁O",)) is None


def test_sixteen_patterns():
    assert len(plates.ORDINARY_PATTERNS) == len(set(plates.ORDINARY_PATTERNS)) == 16
    assert plates.ORDINARY_PATTERNS[:3] == ("DDDDD", "LDDDD", "DLDDD")


@pytest.mark.parametrize(
    ("energy", "letters", "kind"),
    [
        (Energy.PETROL, "", PlateKind.SMALL),
        (Energy.DIESEL, "", PlateKind.SMALL),
        (Energy.HYBRID, "", PlateKind.SMALL),
        (Energy.PURE_ELECTRIC, "DABCE", PlateKind.SMALL_NEW_ENERGY),
        (Energy.PLUG_IN_HYBRID, "FGHJK", PlateKind.SMALL_NEW_ENERGY),
        (Energy.RANGE_EXTENDER, "FGHJK", PlateKind.SMALL_NEW_ENERGY),
        (Energy.FUEL_CELL, "FGHJK", PlateKind.SMALL_NEW_ENERGY),
    ],
)
def test_what_drives_the_car_decides_the_plate(energy, letters, kind):
    assert plates.energy_letters(energy) == letters
    assert plates.kind_for(energy, VehicleClass.MINI_PASSENGER) is kind


def test_a_large_vehicle_gets_a_large_plate():
    assert plates.kind_for(Energy.DIESEL, VehicleClass.LARGE_PASSENGER) is PlateKind.LARGE
    large = plates.kind_for(Energy.PURE_ELECTRIC, VehicleClass.LARGE_PASSENGER)
    assert large is PlateKind.LARGE_NEW_ENERGY


@pytest.mark.parametrize(
    ("number", "energy", "kind", "fault"),
    [
        ("鲁BD12345", Energy.PURE_ELECTRIC, "52", None),
        ("鲁UF12345", Energy.PLUG_IN_HYBRID, "52", None),
        ("鲁B7N60J", Energy.HYBRID, "02", None),
        ("鲁BD12345", Energy.PLUG_IN_HYBRID, "52", PlateFault.ENERGY),
        ("鲁BF12345", Energy.PURE_ELECTRIC, "52", PlateFault.ENERGY),
        ("鲁BD12345", Energy.PETROL, "52", PlateFault.KIND),
        ("鲁B12345", Energy.PURE_ELECTRIC, "02", PlateFault.KIND),
        ("鲁B12345", Energy.PETROL, "01", PlateFault.KIND),
        ("鲁B12345D", Energy.PURE_ELECTRIC, "51", PlateFault.KIND),
        ("鲁A12345", Energy.PETROL, "02", PlateFault.CITY),
    ],
)
def test_number_kind_energy_and_city_must_agree(number, energy, kind, fault):
    judged = plates.why_unfit(
        number,
        kind=PlateKind(kind),
        energy=energy,
        vehicle_class=VehicleClass.SMALL_PASSENGER,
        issuing=QINGDAO,
    )
    assert judged is fault


def test_every_kind_on_the_road_has_its_colour():
    assert plates.COLOURS[PlateKind.SMALL] == "BLUE"
    assert plates.COLOURS[PlateKind.SMALL_NEW_ENERGY] == "GREEN"
    assert plates.shown("鲁b12345") == "鲁B·12345"


@given(
    st.sampled_from(QINGDAO),
    st.sampled_from(plates.ORDINARY_PATTERNS),
    st.data(),
)
def test_every_serial_of_the_sixteen_patterns_is_possible(prefix, pattern, data):
    serial = "".join(
        data.draw(st.sampled_from(plates.DIGITS if slot == "D" else plates.LETTERS))
        for slot in pattern
    )
    number = prefix + serial
    assert plates.ordinary_pattern(serial) == pattern
    plate = plates.read(plates.shown(number).lower(), issuing=QINGDAO)
    assert plate is not None
    assert plate.number == number


@given(st.text(alphabet=plates.LETTERS, min_size=3, max_size=5), st.integers(0, 99))
def test_more_than_two_letters_are_never_ordinary(letters, digits):
    serial = (letters + f"{digits:02d}")[:5]
    assert plates.why_invalid("鲁B" + serial) is PlateFault.LETTERS


@given(st.text(max_size=12))
def test_any_text_gets_an_answer(text):
    assert (plates.why_invalid(text) is None) == (plates.read(text) is not None)
