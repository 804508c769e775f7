"""Ways of people through the pages, told stop by stop: each yields the name of where it is."""

import re
from collections.abc import Iterator

from playwright.sync_api import expect

from infra.browsing.face import PATIENCE, Face

STAFF = (
    "clerk",
    "reviewer",
    "officer",
    "inspector",
    "hotline",
    "operator",
    "supervisor",
    "system_admin",
    "security_admin",
    "audit_admin",
)
_ENDED = ".status[data-ended='true']"


def look_around(face: Face) -> Iterator[str]:
    """What anybody sees before signing in."""
    face.go("/")
    yield "home"
    face.go("/services/new_car")
    yield "service"
    face.go("/check")
    yield "check"
    face.go("/no-such-page")
    yield "not-found"


def sign_in(face: Face) -> Iterator[str]:
    """An invented owner of a new car signs in and sees their invoices."""
    face.go("/cars")
    yield "sign-in"
    face.press("signIn.invent")
    face.page.locator("ul.cards button").first.click(timeout=PATIENCE)
    expect(face.button("cars.register")).to_be_visible(timeout=PATIENCE)
    yield "cars"


def register(face: Face) -> Iterator[str]:
    """A new car from its invoice to the delivered plates; begins where `sign_in` ended."""
    face.press("cars.register")
    expect(face.page.locator(".checks").first).to_be_visible(timeout=PATIENCE)
    yield "case-checking"
    expect(face.link("act.sign")).to_be_visible(timeout=PATIENCE)
    yield "case-to-sign"
    face.follow("act.sign")
    yield "sign"
    face.page.locator("main input[type='checkbox']").last.check()
    face.press("sign.sign")
    expect(face.button("number.open")).to_be_visible(timeout=PATIENCE)
    yield "number-before"
    face.press("number.open")
    expect(face.page.locator(".numbers label").first).to_be_visible(timeout=PATIENCE)
    face.page.locator(".numbers label").nth(2).click()
    yield "number"
    face.press("number.choose")
    expect(face.link("act.pay")).to_be_visible(timeout=PATIENCE)
    yield "case-to-pay"
    face.follow("act.pay")
    face.page.locator("#address").fill("青岛市市南区示例路 1 号")
    yield "address"
    face.press("pay.next")
    expect(face.page.locator("table.money")).to_be_visible(timeout=PATIENCE)
    yield "pay"
    face.press("pay.pay")
    face.page.wait_for_url(re.compile(r"/applications/app_\w+$"), timeout=PATIENCE)
    face.settled()
    yield "case-paid"
    expect(face.page.locator(_ENDED)).to_be_visible(timeout=2 * PATIENCE)
    yield "case-closed"


def my_things(face: Face) -> Iterator[str]:
    """What is kept for a citizen who has registered a car."""
    for name in ("applications", "vehicles", "messages"):
        face.go(f"/{name}")
        yield name
    yield from complain(face)
    face.go("/")
    yield "home-signed-in"


def complain(face: Face) -> Iterator[str]:
    """A citizen complains about their own case, and takes it back."""
    face.go("/ask/new")
    face.page.locator("input[value='complaint']").check()
    face.page.locator("#about").select_option("waiting")
    face.page.locator("#text").fill("等了三天没有人理。")
    yield "ask-new"
    face.press("tickets.new.send")
    face.page.wait_for_url(re.compile(r"/ask/tkt_\w+$"), timeout=PATIENCE)
    face.settled()
    yield "ask-one"
    face.press("tickets.withdraw")
    face.press("tickets.withdrawYes")
    expect(face.page.locator(_ENDED)).to_be_visible(timeout=PATIENCE)
    face.go("/ask")
    yield "ask"


def sign_in_as(face: Face, role: str) -> None:
    """An invented member of staff with one role signs in with both factors."""
    face.go("/desk/sign-in")
    face.page.locator("#role").select_option(role)
    face.press("desk.signIn.add")
    face.page.wait_for_url(re.compile(r"/desk$"), timeout=PATIENCE)
    face.settled()


def desk_pages(face: Face) -> list[str]:
    """The paths that the side navigation offers to whoever is signed in."""
    links = face.page.locator(".desk-nav a").all()
    return [str(each.get_attribute("href")) for each in links]


def desks(face: Face) -> Iterator[str]:
    """Every page in the navigation of every role of staff, once each."""
    face.go("/desk/sign-in")
    yield "desk-sign-in"
    known: set[str] = set()
    for role in STAFF:
        sign_in_as(face, role)
        yield f"desk-{role}"
        for path in desk_pages(face):
            if path not in known:
                known.add(path)
                face.go(path)
                yield path.removeprefix("/").replace("/", "-")
