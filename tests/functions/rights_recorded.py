"""Notes what functions call while these tests run, where CHEPAI_RECORD names a file for it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from chepai.records import cities
from infra.local import recorder

_FILE = os.environ.get("CHEPAI_RECORD", "")
if _FILE:
    recorder.install(Path(_FILE))
    os.environ[recorder.WHO] = ""


@contextmanager
def recorded(function: str) -> Iterator[None]:
    """In here a call is one of this function; what a test prepares and looks up is nobody's."""
    if not _FILE:
        yield
        return
    # A function has a process of its own where it is deployed: what another has read is not there.
    cities._profile.cache_clear()
    cities._current.cache_clear()
    with patch.dict(os.environ, {recorder.WHO: function}):
        yield
