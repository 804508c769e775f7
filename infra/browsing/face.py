"""A person before the pages: finds what is written there, in either language, and acts on it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from playwright.sync_api import Locator, Page, expect

from infra.pages import WEB

SECONDS = 1000
PATIENCE = 60 * SECONDS
"""How long a person waits for a partner of the sandbox, in milliseconds."""

_FIELDS = 120
"""No page has more to tab through."""

LANGUAGES = ("zh-CN", "en")


@cache
def texts(language: str) -> Mapping[str, Any]:
    """All that the pages say in a language, the desks' words too."""
    said: dict[str, Any] = {}
    folder = WEB / "src" / "texts"
    for file in (folder / f"{language}.json", *sorted(folder.glob(f"*/{language}.json"))):
        said |= json.loads(file.read_text(encoding="utf-8"))
    return said


@dataclass(frozen=True)
class Face:
    """One tab of one person, with the city's address and the language they read."""

    page: Page
    url: str
    language: str = "zh-CN"

    def said(self, key: str) -> re.Pattern[str]:
        """What the pages say under a key, whatever stands in its places."""
        words: Any = texts(self.language)
        for part in key.split("."):
            words = words[part]
        parts = re.split(r"\{\w+\}", str(words).partition(" | ")[0])
        return re.compile("^\\s*" + ".*".join(re.escape(each) for each in parts) + "\\s*$")

    def go(self, path: str) -> None:
        """Open a page and wait until its words are there."""
        self.page.goto(self.url + path)
        self.settled()

    def settled(self) -> None:
        """Nothing on the page is still being read."""
        expect(self.page.locator("main h1").first).to_be_visible(timeout=PATIENCE)
        expect(self.page.locator(".loading")).to_have_count(0, timeout=PATIENCE)

    def button(self, key: str) -> Locator:
        return self.page.get_by_role("button", name=self.said(key)).first

    def link(self, key: str) -> Locator:
        return self.page.get_by_role("link", name=self.said(key)).first

    def press(self, key: str) -> None:
        """Press the button under a key, as soon as it is there."""
        self.button(key).click(timeout=PATIENCE)

    def follow(self, key: str) -> None:
        """Follow the link under a key, as soon as it is there."""
        self.link(key).click(timeout=PATIENCE)
        self.settled()

    def sees(self, key: str) -> None:
        """Wait until the page says it. Raises AssertionError."""
        expect(self.page.get_by_text(self.said(key)).first).to_be_visible(timeout=PATIENCE)

    def speak(self) -> None:
        """Read the pages in the face's own language from the first page on."""
        self.page.add_init_script(f"localStorage.setItem('chepai.language', '{self.language}')")

    def tab_to(self, wanted: Locator) -> None:
        """Go there by the tabulator alone. Raises AssertionError when it is never reached."""
        expect(wanted).to_be_visible(timeout=PATIENCE)
        for _ in range(_FIELDS):
            if wanted.evaluate("each => each === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the tabulator never reaches {wanted}")

    def decide(self, wanted: Locator) -> None:
        """Press a button or follow a link by keyboard."""
        self.tab_to(wanted)
        self.page.keyboard.press("Enter")
