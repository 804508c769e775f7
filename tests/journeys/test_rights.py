"""What a role may do, tried on a running city: the emulator answers as the entries say.

A part of the matrix, the same part for the same commit; `make rights` tries all of it.
"""

from hashlib import sha256

import pytest

from infra.local.city import City
from infra.local.rights import matrix
from infra.local.rights.matrix import Right
from infra.local.rights.probe import Cell, Prober, cells

ONE_IN_ALLOWED, ONE_IN_REFUSED = 4, 60


@pytest.fixture(scope="module")
def prober(city: City) -> Prober:
    return Prober(city)


def drawn(cell: Cell) -> bool:
    """Whether a cell belongs to the part that is tried."""
    one_in = ONE_IN_ALLOWED if cell.allowed else ONE_IN_REFUSED
    lot = sha256(f"{cell.function}|{cell.right}".encode()).digest()
    return int.from_bytes(lot[:4], "big") % one_in == 0


def test_a_role_may_do_what_its_entry_says_and_nothing_else(prober: Prober) -> None:
    whole = list(cells(matrix.entries(), prober.resources()))
    tried = [cell for cell in whole if drawn(cell)]
    assert {cell.allowed for cell in tried} == {True, False}
    assert prober.wrong(tried) == []
    print(f"{len(tried)} of {len(whole)} cells tried")


def test_every_declared_right_is_a_cell(prober: Prober) -> None:
    """What can be asked for at all is in the matrix; the rest has its reason here."""
    asked = {(each.function, each.right) for each in cells(matrix.entries(), prober.resources())}
    for name, entry in matrix.entries().items():
        for right in matrix.granted(name, entry):
            # A key that opens through the storage service alone is no right to ask for directly.
            assert right.only or (name, right) in asked, (name, right)


def test_a_wrong_expectation_is_noticed(prober: Prober) -> None:
    read, write = (Right(f"dynamodb:{verb}", "table/ledger") for verb in ("Query", "DeleteItem"))
    honest = [Cell("read_case", read, True), Cell("read_case", write, False)]
    assert prober.wrong(honest) == []
    assert prober.wrong([Cell("read_case", read, False), Cell("read_case", write, True)]) != []


@pytest.mark.parametrize("function", ["ask_partner", "keep_delivery_address"])
def test_the_vaults_key_opens_for_nobody_who_does_not_say_for_whom(
    prober: Prober, function: str
) -> None:
    for verb in ("Decrypt", "GenerateDataKey"):
        cell = Cell(function, Right(f"kms:{verb}", "key/people"), False)
        assert not prober.may(cell, context={})
        assert not prober.may(cell, context={"person": "per_1"})
