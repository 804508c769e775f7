"""A citizen's whole way on a phone, page by page: axe finds nothing serious on any of them."""

from collections.abc import Callable
from itertools import chain

import pytest

from infra.browsing.face import Face
from infra.browsing.walks import look_around, my_things, register, register_by_keyboard, sign_in
from tests.browser.conftest import LATER

Look = Callable[[Face, str], None]


@pytest.mark.parametrize("language", LATER)
def test_what_anybody_sees(open_face: Callable[..., Face], accessible: Look, language: str):
    face = open_face(language=language)
    for stop in look_around(face):
        accessible(face, stop)


def test_from_the_invoice_to_the_delivered_plates(phone: Face, accessible: Look):
    stops = []
    for stop in chain(sign_in(phone), register(phone), my_things(phone)):
        accessible(phone, stop)
        stops.append(stop)
    assert "case-closed" in stops


@pytest.mark.slow
def test_large_type_and_the_keyboard_alone(phone: Face, accessible: Look):
    stops = []
    for stop in register_by_keyboard(phone):
        accessible(phone, stop)
        stops.append(stop)
    # To register, to sign, to see the numbers, which of them, where to, and to pay.
    assert stops[-1] == "case-closed"
