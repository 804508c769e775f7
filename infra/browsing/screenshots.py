"""Pictures of every page: both languages, a phone and a desk, made on a city of their own.

`python -m infra.browsing.screenshots` (make screenshots): bounded, with progress; the pictures are
in build/screenshots/<language>/<phone|desk>/.
"""

import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize
from rich.console import Console
from rich.progress import track

from infra.assets import ROOT
from infra.browsing.browser import open_browser
from infra.browsing.face import LANGUAGES, Face
from infra.browsing.walks import desks, look_around, my_things, register, sign_in
from infra.local.testing import running_city

FOLDER = ROOT / "build" / "screenshots"
SIZES: dict[str, ViewportSize] = {
    "phone": {"width": 390, "height": 844},
    "desk": {"width": 1280, "height": 800},
}


class Photographer:
    """Takes each stop of a walk in both sizes."""

    def __init__(self, browser: Browser, url: str, language: str) -> None:
        self._context = browser.new_context(reduced_motion="reduce")
        self.face = Face(self._context.new_page(), url, language)
        self.face.speak()
        self._folder = FOLDER / language
        self.taken = 0

    def take(self, stops: Iterator[str], shown: str) -> None:
        """Follow a walk to its end. `shown`: the size in which it is walked."""
        self.face.page.set_viewport_size(SIZES[shown])
        for stop in stops:
            for name, size in SIZES.items():
                file = self._folder / name / f"{stop}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                self.face.page.set_viewport_size(size)
                self.face.page.screenshot(path=file, full_page=True, animations="disabled")
                self.taken += 1
            self.face.page.set_viewport_size(SIZES[shown])

    def close(self) -> None:
        self._context.close()


def main() -> None:
    console = Console()
    console.print("Starting a city for the pictures (about a minute)")
    with tempfile.TemporaryDirectory() as state, running_city(Path(state), pages=True) as city:
        taken = 0
        with open_browser() as browser:
            for language in track(LANGUAGES, "Taking pictures", console=console):
                taken += _walked(browser, city.url, language)
    console.print(f"{taken} pictures are in {FOLDER.relative_to(ROOT)}/")


def _walked(browser: Browser, url: str, language: str) -> int:
    citizen = Photographer(browser, url, language)
    walk = chain(*(each(citizen.face) for each in (look_around, sign_in, register, my_things)))
    citizen.take(walk, "phone")
    staff = Photographer(browser, url, language)
    staff.take(desks(staff.face), "desk")
    for each in (citizen, staff):
        each.close()
    return citizen.taken + staff.taken


if __name__ == "__main__":
    main()
