"""What is kept of a person, for what, on which ground, how long, and what gives way (PIPL).

Every field of the vault is in this table; what is not cannot be kept. Periods are in days from the
city's profile; the ground is a duty of law (Art. 13 (3)), because registration is a statutory act.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from chepai.domain import resident_id
from chepai.domain.application import Application
from chepai.domain.life_cycle import STAGES, Phase, Status

if TYPE_CHECKING:
    from chepai.domain.profile import Privacy

IDENTITY, CONTACT = "identity", "contact"

KIND_OF: Mapping[str, str] = {
    "name": IDENTITY,
    "id_number": IDENTITY,
    "signature": IDENTITY,
    "phone": CONTACT,
    "address": CONTACT,
}
"""Fields of one kind that are written together are sealed under one data key."""

PURPOSES: Mapping[str, tuple[str, ...]] = {
    "name": ("identity", "registration", "papers", "delivery", "notice"),
    "id_number": ("identity", "registration"),
    "signature": (),
    "phone": ("notice", "delivery"),
    "address": ("registration", "papers", "delivery", "notice"),
}
"""What each field is for: the purposes of the questions to partners that carry it.

What somebody drew on the pad of a counter goes to nobody: it is kept for a dispute about it."""

OWN_COPY = "own_copy"
_WHILE_STORED = frozenset({OWN_COPY, "court_order"})
_DELIVERED = frozenset({Status.CLOSED})
_ID_NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")
_MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
_ULID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Why(StrEnum):
    """Why a field is not erased although its person asks."""

    OPEN_CASE = "OPEN_CASE"
    ARCHIVE = "ARCHIVE"
    BAN = "BAN"


class Rule(StrEnum):
    """By which rule a field goes without being asked for."""

    DRAFT = "draft"
    COURIER = "courier"


@dataclass(frozen=True)
class Kept:
    """A field that stays, and what ends that; `until` is empty where no day is known yet."""

    field: str
    why: Why
    until: str = ""


@dataclass(frozen=True)
class Erasure:
    """What goes now, what is stored and not used otherwise, and why (PIPL Art. 47)."""

    erased: tuple[str, ...]
    stored: tuple[Kept, ...]

    @property
    def whole(self) -> bool:
        return not self.stored


def reads_as_personal(text: str) -> bool:
    """Whether a text that should name a paper holds an identity or a mobile number."""
    numbers = _ID_NUMBER.findall(text)
    return bool(_MOBILE.search(text)) or any(
        number[17].upper() == resident_id.check_character(number) for number in numbers
    )


def is_open(case: Application) -> bool:
    return STAGES[Status(case.status)].phase is not Phase.ENDED


def was_registered(case: Application) -> bool:
    """Whether the case became part of the registration archive (R164 Art. 88)."""
    return Status(case.status) in _DELIVERED or bool(case.certificate_no)


def erasure(fields: Iterable[str], cases: Sequence[Application], *, banned: bool) -> Erasure:
    """What an erasure means for a person with these cases.

    An open case needs its fields; a registered car's owner and what they signed belong to the
    statutory archive; a ban (R164 Arts 80-81) needs to know its person. All else goes at once.
    """
    gone: list[str] = []
    stays: list[Kept] = []
    opened = any(is_open(case) for case in cases)
    archived = any(was_registered(case) for case in cases)
    for field in sorted(fields):
        if opened:
            stays.append(Kept(field, Why.OPEN_CASE))
        elif KIND_OF[field] == IDENTITY and archived:
            stays.append(Kept(field, Why.ARCHIVE))
        elif KIND_OF[field] == IDENTITY and banned:
            stays.append(Kept(field, Why.BAN))
        else:
            gone.append(field)
    return Erasure(tuple(gone), tuple(stays))


def may_read(purpose: str, application_id: str, store_only_since: str) -> bool:
    """Whether data that is only stored may be read: for its person, or a case filed since.

    A new application is the person's own wish to have the data used again.
    """
    if not store_only_since or purpose in _WHILE_STORED:
        return True
    filed = filed_at_ms(application_id)
    return filed is not None and filed >= _ms(datetime.fromisoformat(store_only_since))


def filed_at_ms(application_id: str) -> int | None:
    """The moment in an application's identifier, in milliseconds since 1970; None for others."""
    prefix, _, body = application_id.partition("_")
    if prefix != "app" or len(body) != 26 or not set(body) <= set(_ULID_ALPHABET):
        return None
    number = 0
    for each in body:
        number = number << 5 | _ULID_ALPHABET.index(each)
    return number >> 80


@dataclass(frozen=True)
class Due:
    """What has been kept long enough, by rule; and when to look again."""

    ended: Mapping[str, Rule]
    look_again: datetime | None


def due(
    fields: Iterable[str],
    cases: Sequence[Application],
    *,
    kept_at: datetime,
    now: datetime,
    privacy: Privacy,
    banned: bool,
) -> Due:
    """What of a person's fields has had its time at `now`.

    Whoever signed in and filed nothing, or whose cases all ended before registration, is a draft:
    everything goes `draft_days` after the last of it. Of an owner, telephone and address go
    `courier_days` after the parcel arrived; name and number belong to the archive.
    """
    held = sorted(fields)
    if not held:
        return Due({}, None)
    if any(is_open(case) for case in cases):
        return Due({}, now + timedelta(days=privacy.draft_days))
    last = max([kept_at, *(datetime.fromisoformat(case.since) for case in cases if case.since)])
    if any(was_registered(case) for case in cases):
        contact = [field for field in held if KIND_OF[field] == CONTACT]
        if not contact:
            return Due({}, None)
        end = last + timedelta(days=privacy.courier_days)
        return Due(dict.fromkeys(contact, Rule.COURIER), None) if end <= now else Due({}, end)
    end = last + timedelta(days=privacy.draft_days)
    if end > now:
        return Due({}, end)
    ended = erasure(held, cases, banned=banned).erased
    later = now + timedelta(days=privacy.draft_days) if banned else None
    return Due(dict.fromkeys(ended, Rule.DRAFT), later)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
