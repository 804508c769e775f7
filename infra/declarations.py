"""What the handlers declare of themselves, found by importing them as they will be started.

Each is imported with exactly the settings that its access entry gives it, so a handler that
reads a setting it is not granted fails here and not in its first night in service.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra import rights
from infra.access import GROUPS, Access, of_group
from infra.assets import LAYER, ROOT, SANDBOX_LAYER, function_folders

if TYPE_CHECKING:
    from chepai.edge.api import Declaration


def handlers(group: str) -> dict[str, Any]:
    """The entry point of every function of a group."""
    _importable()
    entries = of_group(group)
    folders = function_folders(group)
    if unlike := folders.keys() ^ entries.keys():
        raise LookupError(
            f"functions/{group} and infra/access/{group}.py differ in: {', '.join(sorted(unlike))}"
        )
    return {name: _handler(group, name, entries[name]) for name in folders}


def of(group: str) -> dict[str, "Declaration"]:
    """The routes of a group, by function name; functions without a route are left out."""
    return {
        name: handler.declaration
        for name, handler in handlers(group).items()
        if hasattr(handler, "declaration")
    }


def everywhere() -> dict[str, "Declaration"]:
    return {name: each for group in GROUPS for name, each in of(group).items()}


def placeholders(name: str, access: Access) -> dict[str, str]:
    """The settings of one function with the right names and invented values."""
    return {
        **dict.fromkeys(rights.settings(access), "placeholder"),
        **access.environment,
        "CHEPAI_STAGE": "sandbox",
        "CHEPAI_CITY": "qingdao",
        "POWERTOOLS_SERVICE_NAME": name,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "placeholder",
        "AWS_SECRET_ACCESS_KEY": "placeholder",
    }


def _handler(group: str, name: str, access: Access) -> Any:
    with _environment(placeholders(name, access)):
        try:
            return import_module(f"functions.{group}.{name}.handler").handler
        except KeyError as missing:
            raise LookupError(
                f"functions/{group}/{name} reads {missing}, which its access entry does not give"
            ) from missing


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(settings)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _importable() -> None:
    for folder in (str(LAYER), str(SANDBOX_LAYER), str(ROOT)):
        if folder not in sys.path:
            sys.path.insert(0, folder)


def source(group: str, name: str) -> Path:
    return ROOT / "functions" / group / name / "handler.py"
