"""What a container has told whom a moment ago: a page that stays open asks again and again.

As long as the very same is told to the very same session it is one reading, for a quarter of an
hour; whatever is new in it is another one, with a line of its own in the owner's book.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from pydantic import BaseModel

from chepai.edge.api import Call
from chepai.edge.clock import now

ONE_READING = timedelta(minutes=15)
_REMEMBERED = 20_000

Key = tuple[str, str, str]


@dataclass
class Told:
    """Remembers digests alone, by session and by what was asked for."""

    _known: dict[Key, tuple[str, datetime]] = field(default_factory=dict)

    def is_known(self, call: Call[Any], thing: str, said: BaseModel) -> bool:
        """Whether exactly this was told to this session within the time of one reading."""
        digest, at = self._known.get(_key(call, thing), ("", None))
        fresh = at is not None and now() - at < ONE_READING
        return fresh and bool(call.caller.session) and digest == _digest(said)

    def was_asked(self, call: Call[Any], thing: str) -> bool:
        """Whether something was told of a thing to this session, in this way, before."""
        return bool(call.caller.session) and _key(call, thing) in self._known

    def note(self, call: Call[Any], thing: str, said: BaseModel) -> None:
        """Remember what is being told, once its line is written."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        key = _key(call, thing)
        if not self.is_known(call, thing, said):
            self._known[key] = (_digest(said), now())


def _key(call: Call[Any], thing: str) -> Key:
    return f"{call.caller.id}|{call.caller.session}", thing, _asked(call.query)


def _asked(query: Mapping[str, str]) -> str:
    """For what it was asked: another purpose or another matter is another reading."""
    return "|".join(query.get(name, "") for name in ("purpose", "reference", "hold", "run"))


def _digest(said: BaseModel) -> str:
    return sha256(said.model_dump_json().encode()).hexdigest()
