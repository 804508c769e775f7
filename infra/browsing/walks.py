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
ADDRESS = "青岛市市南区示例路 1 号"
_CASE = re.compile(r"/applications/app_\w+$")
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
    yield from _choose_and_pay(face)
    yield from _ended(face)


def _choose_and_pay(face: Face) -> Iterator[str]:
    expect(face.button("number.open")).to_be_visible(timeout=PATIENCE)
    yield "number-before"
    face.press("number.open")
    expect(face.page.locator(".numbers label").first).to_be_visible(timeout=PATIENCE)
    face.page.locator(".numbers label").nth(2).click()
    yield "number"
    face.press("number.chooseThis")
    expect(face.link("act.give_address")).to_be_visible(timeout=PATIENCE)
    yield "case-to-pay"
    face.follow("act.give_address")
    face.page.locator("#address").fill(ADDRESS)
    yield "address"
    face.press("pay.next")
    expect(face.page.locator("table.money")).to_be_visible(timeout=PATIENCE)
    yield "pay"
    face.press("pay.pay")
    face.page.wait_for_url(_CASE, timeout=PATIENCE)
    face.settled()
    yield "case-paid"


def _ended(face: Face) -> Iterator[str]:
    expect(face.page.locator(_ENDED)).to_be_visible(timeout=2 * PATIENCE)
    yield "case-closed"


def register_by_keyboard(face: Face) -> Iterator[str]:
    """Large type, one decision a page, no pointer: six decisions, from home to the plates."""
    face.page.add_init_script("localStorage.setItem('chepai.elder', 'on')")
    face.go("/cars")
    face.decide(face.button("signIn.invent"))
    person = face.page.locator("ul.cards button").first
    expect(person).to_be_visible(timeout=PATIENCE)
    face.decide(person)
    yield "elder-cars"
    face.decide(face.button("cars.register"))
    expect(face.link("act.sign")).to_be_visible(timeout=PATIENCE)
    yield "elder-case"
    face.decide(face.link("act.sign"))
    face.settled()
    yield "elder-sign"
    face.decide(face.button("sign.signElder"))
    face.decide(face.button("number.openAll"))
    first = face.page.locator(".numbers input").first
    face.tab_to(first)
    face.page.keyboard.press("Space")
    yield "elder-number"
    face.decide(face.button("number.chooseThis"))
    face.tab_to(face.page.locator("#address"))
    face.page.keyboard.insert_text(ADDRESS)
    yield "elder-address"
    face.decide(face.button("pay.next"))
    expect(face.page.locator("table.money")).to_be_visible(timeout=PATIENCE)
    yield "elder-pay"
    face.decide(face.button("pay.pay"))
    face.page.wait_for_url(_CASE, timeout=PATIENCE)
    face.settled()
    yield from _ended(face)


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


def served_at_a_counter(face: Face) -> Iterator[str]:
    """A clerk registers a car for somebody old who has no telephone, up to the printed slip."""
    sign_in_as(face, "clerk")
    face.go("/desk/counter")
    face.press("served.start.inventElder")
    face.page.locator("button.card").first.click(timeout=PATIENCE)
    face.page.locator("input[type='checkbox'][required]").check(timeout=PATIENCE)
    yield "counter-start"
    face.press("served.start.begin")
    expect(face.page.locator(".hero .who")).to_be_visible(timeout=PATIENCE)
    expect(face.link("served.person.vehicles")).to_be_visible(timeout=PATIENCE)
    yield "counter-person"
    face.go("/cars")
    face.press("cars.register")
    face.page.wait_for_url(_CASE, timeout=PATIENCE)
    expect(face.link("act.sign")).to_be_visible(timeout=PATIENCE)
    yield "counter-case"
    face.follow("act.sign")
    _sign_on_the_pad(face)
    face.page.locator("form input[type='checkbox']").check()
    yield "counter-read-back"
    face.press("served.read.sign")
    face.press("number.open")
    face.page.locator(".numbers label").first.click(timeout=PATIENCE)
    face.press("number.chooseThis")
    face.follow("act.give_address")
    face.page.locator("#address").fill(ADDRESS)
    face.press("pay.next")
    expect(face.page.locator("table.money")).to_be_visible(timeout=PATIENCE)
    face.page.get_by_label(face.said("served.cash.handed")).fill("200")
    yield "counter-cash"
    face.press("served.cash.take")
    expect(face.link("served.slip.title")).to_be_visible(timeout=PATIENCE)
    yield "counter-paid"
    face.follow("served.slip.title")
    expect(face.page.locator(".slip")).to_be_visible(timeout=PATIENCE)
    yield "counter-slip"
    face.go("/desk/till")
    yield "counter-till"
    face.go("/desk/counter")
    face.press("served.person.close")
    face.press("served.person.closeNow")
    expect(face.button("served.start.inventElder")).to_be_visible(timeout=PATIENCE)
    yield "counter-closed"


def _sign_on_the_pad(face: Face) -> None:
    pad = face.page.locator("canvas")
    pad.scroll_into_view_if_needed(timeout=PATIENCE)
    box = pad.bounding_box() or {"x": 0, "y": 0}
    face.page.mouse.move(box["x"] + 40, box["y"] + 60)
    face.page.mouse.down()
    for nth in range(12):
        face.page.mouse.move(box["x"] + 40 + nth * 12, box["y"] + 60 + nth % 3 * 10)
    face.page.mouse.up()


def review(face: Face, application_id: str) -> Iterator[str]:
    """A reviewer claims a case, sees what was found and decides."""
    sign_in_as(face, "reviewer")
    face.go("/desk/reviews")
    yield "reviews"
    face.go(f"/desk/reviews/{application_id}")
    expect(face.button("served.review.enter")).to_be_visible(timeout=PATIENCE)
    yield "review"
    face.page.locator("input[value='APPROVED']").check()
    for each in face.page.locator("fieldset input[type='checkbox']").all():
        each.check()
    face.page.locator("label.check input[required]").check()
    yield "review-deciding"
    face.press("served.review.enter")
    expect(face.page.locator(".note[role='status'] .button")).to_be_visible(timeout=PATIENCE)
    yield "review-decided"


def operate(face: Face, application_id: str) -> Iterator[str]:
    """An operator finds a stuck case, sees where it failed and lets it go on."""
    sign_in_as(face, "operator")
    face.go("/desk/queues?only=stuck")
    expect(face.page.locator(f"a[href$='{application_id}']")).to_be_visible(timeout=PATIENCE)
    yield "stuck"
    face.page.locator(f"a[href$='{application_id}']").click()
    face.settled()
    expect(face.page.locator(".went[data-went='failed']").first).to_be_visible(timeout=PATIENCE)
    yield "stuck-case"
    box = face.page.locator(".act-box")
    box.locator("select").first.select_option("resume")
    box.locator("select").nth(1).select_option("cause_mended")
    face.press("operate.act.go")
    yield "stuck-sure"
    face.press("operate.yes")
    expect(face.page.locator(".results [data-outcome]")).to_be_visible(timeout=PATIENCE)
    yield "stuck-resumed"


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
