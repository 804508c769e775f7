"""Staff find what is theirs, and nothing else: every page of every desk, tried by every role."""

from collections.abc import Callable

import pytest

from infra.browsing.face import Face
from infra.browsing.walks import STAFF, desk_pages, desks, sign_in_as
from tests.browser.conftest import DESK, LATER


@pytest.mark.parametrize("language", LATER)
def test_every_page_of_every_desk(
    open_face: Callable[..., Face], accessible: Callable[[Face, str], None], language: str
):
    face = open_face(DESK, language)
    for stop in desks(face):
        accessible(face, stop)


@pytest.mark.slow
def test_a_role_is_refused_where_it_has_no_business(desk: Face):
    theirs: dict[str, list[str]] = {}
    for role in STAFF:
        sign_in_as(desk, role)
        theirs[role] = desk_pages(desk)
    everything = {path for paths in theirs.values() for path in paths}
    for role in STAFF:
        sign_in_as(desk, role)
        for path in sorted(everything - set(theirs[role])):
            desk.go(path)
            assert desk.page.url.startswith(f"{desk.url}/desk/sign-in"), (role, path)
            desk.sees("desk.signIn.notYours")
    sign_in_as(desk, STAFF[0])
    for path in ("/applications", "/vehicles", "/messages"):
        desk.go(path)
        assert desk.page.url.startswith(f"{desk.url}/sign-in"), path
