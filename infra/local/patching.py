"""How a gap is closed: swap one upstream function, everywhere it was imported, or fail loudly."""

import sys
from importlib.metadata import version
from typing import Any

PINNED = {"ministack": "1.5.33", "moto": "5.2.5"}


class GapMoved(RuntimeError):
    """An upstream package is not the one a gap was written for: look at the gap again."""


def require_pinned(*packages: str) -> None:
    """Refuse to patch a version nobody has looked at.

    Raises GapMoved when an installed version differs from `PINNED`.
    """
    for package in packages or PINNED:
        found = version(package)
        if found != PINNED[package]:
            raise GapMoved(
                f"{package} is {found}, the gaps in infra/local/gaps were checked against "
                f"{PINNED[package]}: run tests/local, then move the pin"
            )


def swap(package: str, name: str, upstream: Any, ours: Any) -> None:
    """Replace a module-level function in every loaded module of `package` that holds it.

    `from x import f` copies the reference, so replacing it where it is defined is not enough.
    Raises GapMoved when no module holds it.
    """
    holders = [
        module
        for module_name, module in list(sys.modules.items())
        if (module_name == package or module_name.startswith(package + "."))
        and getattr(module, name, None) is upstream
    ]
    if not holders:
        raise GapMoved(f"no module of {package} holds the {name} that was to be replaced")
    for module in holders:
        setattr(module, name, ours)


def put(owner: Any, name: str, ours: Any) -> None:
    """Set one attribute of an upstream class or module.

    Raises GapMoved when upstream has no such attribute.
    """
    if not hasattr(owner, name):
        raise GapMoved(f"{owner!r} has no {name} that could be replaced")
    setattr(owner, name, ours)


def replace_once(text: str, old: str, new: str) -> str:
    """Replace the one place in an upstream script that a gap is about.

    Raises GapMoved when the place is not there exactly once.
    """
    if text.count(old) != 1:
        raise GapMoved(f"expected one {old!r} upstream, found {text.count(old)}")
    return text.replace(old, new)
