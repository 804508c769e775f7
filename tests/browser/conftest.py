"""A city with its pages and a real browser before them; what a page complains of fails its test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, ViewportSize

from infra.browsing.browser import axe, open_browser
from infra.browsing.face import LANGUAGES, Face
from infra.local.city import City
from infra.local.testing import last_words, running_city

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}
LATER = (LANGUAGES[0], *(pytest.param(each, marks=pytest.mark.slow) for each in LANGUAGES[1:]))
"""Chinese each time, the other languages by `make faces`."""
SERIOUS = {"serious", "critical"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with running_city(tmp_path_factory.mktemp("city"), pages=True) as running:
        yield running
        print(last_words(running, lines=25))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def open_face(browser: Browser, city: City) -> Iterator[Callable[..., Face]]:
    """Somebody with a device of their own: `open_face(PHONE, "en")`."""
    complaints: list[str] = []
    opened = []

    def told(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(f"{message.location.get('url')}: {message.text}")

    def open_one(size: ViewportSize = PHONE, language: str = LANGUAGES[0]) -> Face:
        context = browser.new_context(viewport=size, reduced_motion="reduce")
        opened.append(context)
        page = context.new_page()
        page.on("console", told)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        face = Face(page, city.url, language)
        face.speak()
        return face

    yield open_one
    for context in opened:
        context.close()
    # A broken script, a refused request and a breach of the content security policy all end here.
    assert complaints == []


@pytest.fixture
def phone(open_face: Callable[..., Face]) -> Face:
    return open_face(PHONE)


@pytest.fixture
def desk(open_face: Callable[..., Face]) -> Face:
    return open_face(DESK)


@pytest.fixture(scope="session")
def checker() -> str:
    return axe()


@pytest.fixture
def accessible(checker: str) -> Callable[[Face, str], None]:
    """Fails on a serious finding of axe or a page wider than its screen."""

    def look(face: Face, stop: str) -> None:
        face.page.evaluate(checker)
        found: list[dict[str, Any]] = face.page.evaluate("async () => (await axe.run()).violations")
        serious = [
            f"{each['id']}: {', '.join(str(node['target']) for node in each['nodes'][:3])}"
            for each in found
            if each["impact"] in SERIOUS
        ]
        assert serious == [], stop
        wide = face.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{stop} is {wide} px wider than the screen"

    return look
