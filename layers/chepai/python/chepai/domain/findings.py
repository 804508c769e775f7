"""What a judge concludes from a fact, and the ground each conclusion stands on."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import wraps
from typing import Any, NamedTuple, Protocol

from chepai.domain.case import Case
from chepai.domain.facts import AGENCIES, Agency, Fact, FactKind, has_expired
from chepai.domain.profile import CityProfile


class Outcome(StrEnum):
    """What a fact is worth to the case."""

    MATCHED = "matched"
    MISMATCHED = "mismatched"
    MISSING = "missing"
    UNAVAILABLE = "unavailable"


class Consequence(StrEnum):
    """What follows for the case, from the lightest to the gravest."""

    VERIFIED = "verified"
    AWAITING_SOURCE = "awaiting_source"
    NEEDS_CORRECTION = "needs_correction"
    ON_SITE = "on_site"
    REFUSED = "refused"
    SUSPICIOUS = "suspicious"


GRAVITY: Mapping[Consequence, int] = {word: place for place, word in enumerate(Consequence)}


class Remedy(StrEnum):
    """The one thing that mends a reason; the catalogue says it in a sentence."""

    NOTHING = "nothing"
    WAIT = "wait"
    ASK_AGENCY_TO_CORRECT = "ask_agency_to_correct"
    REISSUE_INVOICE = "reissue_invoice"
    PAY_TAX = "pay_tax"
    BUY_POLICY = "buy_policy"
    CORRECT_ENTRY = "correct_entry"
    IDENTIFY_AGAIN = "identify_again"
    BRING_CAR = "bring_car"
    COME_IN_PERSON = "come_in_person"
    ASK_LENDER = "ask_lender"
    CLEAR_STATUS = "clear_status"
    SIGN = "sign"
    CHOOSE_AGAIN = "choose_again"
    PAY_FEE = "pay_fee"
    RECEIVE_PARCEL = "receive_parcel"
    PICK_UP = "pick_up"
    APPLY_AT_COUNTER = "apply_at_counter"
    WAIT_OUT_BAN = "wait_out_ban"
    APPLY_AGAIN = "apply_again"


class Limit(StrEnum):
    """Which limit of the city profile runs for a reason."""

    SOURCE = "source"
    DATA_ERROR = "data_error"
    CORRECTION = "correction"
    INSPECTION = "inspection"
    OFFICER = "officer"
    APPEAL = "appeal"


class Appeal(StrEnum):
    """What the person can do who disagrees."""

    DISPUTE = "dispute"
    REVIEW = "review"
    OFFICER = "officer"
    RECONSIDERATION = "reconsideration"


class Ground(NamedTuple):
    """One thing a judge can conclude, with its law, its consequence and who has to act on it.

    `agency` answers for the value that was judged; `who_acts` has to move next. `overrulable`
    says whether an officer or reviewer may set it aside on evidence; `cured_on_site` whether
    an inspection that the car passed does.
    """

    code: str
    kind: FactKind
    outcome: Outcome
    consequence: Consequence
    rule: str
    agency: Agency
    who_acts: Agency
    remedy: Remedy
    limit: Limit
    appeal: Appeal
    field: str | None = None
    overrulable: bool = True
    cured_on_site: bool = False

    def found(
        self, fact: Fact | None = None, *, field: str | None = None, seen: object = None
    ) -> "Finding":
        """The finding that this ground holds for a fact; `seen` must be masked already."""
        return Finding(
            kind=self.kind,
            outcome=self.outcome,
            code=self.code,
            field=field or self.field,
            seen=None if seen is None else str(seen),
            fact_version=fact.version if fact else None,
            digest=fact.digest if fact else None,
        )


class Finding(NamedTuple):
    """Our judgement of one fact (核查结论).

    `code` names the gravest conclusion and `also` holds the others about the same fact, so
    that everything wrong can be told at once. `seen` is masked text.
    """

    kind: FactKind
    outcome: Outcome
    code: str
    field: str | None = None
    seen: str | None = None
    fact_version: int | None = None
    digest: str | None = None
    also: tuple["Finding", ...] = ()

    def each(self) -> tuple["Finding", ...]:
        """This conclusion and the others, each on its own."""
        return (self._replace(also=()), *self.also)

    def record(self) -> dict[str, Any]:
        """The plain form that is stored with the application."""
        plain: dict[str, Any] = {
            "kind": str(self.kind),
            "outcome": str(self.outcome),
            "code": self.code,
            "field": self.field,
            "seen": self.seen,
            "fact_version": self.fact_version,
            "digest": self.digest,
        }
        return plain | ({"also": [other.record() for other in self.also]} if self.also else {})

    @classmethod
    def from_record(cls, plain: Mapping[str, Any]) -> "Finding":
        """The finding that `record` made; a number may come back as any integral type."""
        version = plain.get("fact_version")
        return cls(
            kind=FactKind(plain["kind"]),
            outcome=Outcome(plain["outcome"]),
            code=str(plain["code"]),
            field=plain.get("field"),
            seen=plain.get("seen"),
            fact_version=None if version is None else int(version),
            digest=plain.get("digest"),
            also=tuple(cls.from_record(other) for other in plain.get("also", ())),
        )


class Judge(Protocol):
    """Judges one kind of fact; pure, total, and never matched without a fact that says so."""

    def __call__(
        self, fact: Fact | None, case: Case, *, now: datetime, profile: CityProfile
    ) -> Finding: ...


class UnreadableFactError(Exception):
    """A fact lacks a value its kind must have, or has one of another type."""


def text(fact: Fact, name: str) -> str:
    """A value that must be non-empty text. Raises UnreadableFactError."""
    value = fact.says.get(name)
    if not isinstance(value, str) or not value:
        raise UnreadableFactError(name)
    return value


def word(fact: Fact, name: str, *allowed: str) -> str:
    """A value that must be one of the allowed words. Raises UnreadableFactError."""
    value = text(fact, name)
    if value not in allowed:
        raise UnreadableFactError(name)
    return value


def day(fact: Fact, name: str) -> date:
    """A value that must be an ISO date. Raises UnreadableFactError."""
    try:
        return date.fromisoformat(text(fact, name))
    except ValueError as broken:
        raise UnreadableFactError(name) from broken


def whole(values: Mapping[str, Any], name: str) -> int:
    """A value that must be an integer; a number kept as another integral type is converted.

    Raises UnreadableFactError.
    """
    value = values.get(name)
    if isinstance(value, bool | str):
        raise UnreadableFactError(name)
    try:
        number = int(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError) as broken:
        raise UnreadableFactError(name) from broken
    if number != value:
        raise UnreadableFactError(name)
    return number


def yes(fact: Fact, name: str) -> bool:
    """A value that must be true or false. Raises UnreadableFactError."""
    value = fact.says.get(name)
    if not isinstance(value, bool):
        raise UnreadableFactError(name)
    return value


class Usual(NamedTuple):
    """The grounds every kind of fact shares: it is there or not, and can be used or not."""

    matched: Ground
    missing: Ground
    not_found: Ground
    unavailable: Ground
    unreadable: Ground
    stale: Ground
    silent: Ground


def matched_ground(kind: FactKind, name: str, rule: str, field: str | None = None) -> Ground:
    """A ground on which the fact lets the case go on."""
    agency = AGENCIES[kind].agency
    return Ground(
        code=f"{kind}-{name}",
        kind=kind,
        outcome=Outcome.MATCHED,
        consequence=Consequence.VERIFIED,
        rule=rule,
        agency=agency,
        who_acts=Agency.OFFICE,
        remedy=Remedy.NOTHING,
        limit=Limit.SOURCE,
        appeal=Appeal.DISPUTE,
        field=field,
    )


def waiting_ground(
    kind: FactKind,
    name: str,
    rule: str,
    outcome: Outcome,
    *,
    remedy: Remedy = Remedy.WAIT,
    who_acts: Agency | None = None,
    consequence: Consequence = Consequence.AWAITING_SOURCE,
    limit: Limit = Limit.SOURCE,
    field: str | None = None,
    cured_on_site: bool = False,
) -> Ground:
    """A ground on which the case waits: nobody has said anything wrong yet."""
    agency = AGENCIES[kind].agency
    return Ground(
        code=f"{kind}-{name}",
        kind=kind,
        outcome=outcome,
        consequence=consequence,
        rule=rule,
        agency=agency,
        who_acts=who_acts or agency,
        remedy=remedy,
        limit=limit,
        appeal=Appeal.DISPUTE,
        field=field,
        # Waiting is not a judgement, so there is nothing that a person could set aside.
        overrulable=False,
        cured_on_site=cured_on_site,
    )


def fault_ground(
    kind: FactKind,
    name: str,
    rule: str,
    field: str,
    *,
    consequence: Consequence = Consequence.NEEDS_CORRECTION,
    agency: Agency | None = None,
    who_acts: Agency | None = None,
    remedy: Remedy = Remedy.ASK_AGENCY_TO_CORRECT,
    limit: Limit = Limit.DATA_ERROR,
    appeal: Appeal = Appeal.DISPUTE,
    overrulable: bool = True,
    cured_on_site: bool = False,
) -> Ground:
    """A ground on which a value is wrong; unless told otherwise its agency has to correct it."""
    answerable = agency or AGENCIES[kind].agency
    return Ground(
        code=f"{kind}-{name}",
        kind=kind,
        outcome=Outcome.MISMATCHED,
        consequence=consequence,
        rule=rule,
        agency=answerable,
        who_acts=who_acts or answerable,
        remedy=remedy,
        limit=limit,
        appeal=appeal,
        field=field,
        overrulable=overrulable,
        cured_on_site=cured_on_site,
    )


def refusing_ground(
    kind: FactKind,
    name: str,
    rule: str,
    field: str,
    *,
    who_acts: Agency = Agency.OWNER,
    agency: Agency | None = None,
    remedy: Remedy = Remedy.APPLY_AGAIN,
    overrulable: bool = True,
) -> Ground:
    """A ground on which the office must say no; the owner can ask a person to look again."""
    return fault_ground(
        kind,
        name,
        rule,
        field,
        consequence=Consequence.REFUSED,
        agency=agency,
        who_acts=who_acts,
        remedy=remedy,
        limit=Limit.APPEAL,
        appeal=Appeal.REVIEW,
        overrulable=overrulable,
    )


def suspicious_ground(kind: FactKind, name: str, rule: str, field: str) -> Ground:
    """A ground of suspicion: an officer has to see owner and car (R164 Art. 74)."""
    return fault_ground(
        kind,
        name,
        rule,
        field,
        consequence=Consequence.SUSPICIOUS,
        who_acts=Agency.OFFICE,
        remedy=Remedy.COME_IN_PERSON,
        limit=Limit.OFFICER,
        appeal=Appeal.OFFICER,
    )


def usual(
    kind: FactKind,
    rule: str,
    *,
    not_found: Ground | None = None,
    silent: Ground | None = None,
) -> Usual:
    """The shared grounds of one kind, with its own answer to "not found" or to silence if any."""
    return Usual(
        matched=matched_ground(kind, "MATCHED", rule),
        missing=waiting_ground(kind, "MISSING", rule, Outcome.MISSING),
        not_found=not_found
        or waiting_ground(
            kind,
            "NOT-FOUND",
            rule,
            Outcome.MISSING,
            remedy=Remedy.ASK_AGENCY_TO_CORRECT,
            limit=Limit.DATA_ERROR,
        ),
        unavailable=waiting_ground(kind, "UNAVAILABLE", rule, Outcome.UNAVAILABLE),
        unreadable=waiting_ground(
            kind,
            "UNREADABLE",
            rule,
            Outcome.UNAVAILABLE,
            remedy=Remedy.ASK_AGENCY_TO_CORRECT,
            limit=Limit.DATA_ERROR,
        ),
        stale=waiting_ground(kind, "STALE", rule, Outcome.MISSING),
        silent=silent or waiting_ground(kind, "SILENT", rule, Outcome.UNAVAILABLE),
    )


def gravest_first(found: Iterable[Finding], grounds: Mapping[str, Ground]) -> tuple[Finding, ...]:
    """Findings by falling gravity; those of equal gravity keep the judge's order."""
    return tuple(sorted(found, key=lambda one: -GRAVITY[grounds[one.code].consequence]))


def _faults_or_else_match(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    faults = tuple(one for one in found if one.outcome is not Outcome.MATCHED)
    return tuple(dict.fromkeys(faults)) or found[:1]


Examine = Callable[[Fact, Case, datetime, CityProfile], Iterable[Finding]]


def judged(common: Usual, grounds: Mapping[str, Ground]) -> Callable[[Examine], Judge]:
    """Make a judge of a function that yields what is wrong with a fact that can be used.

    What all kinds share is decided here, so that no judge can forget it: no fact, a source
    that could not answer, an answer past its validity or without its values never match.
    """

    def wrap(examine: Examine) -> Judge:
        @wraps(examine)
        def judge(fact: Fact | None, case: Case, *, now: datetime, profile: CityProfile) -> Finding:
            unusable = _unusable(fact, common, now)
            if unusable or fact is None:
                return (unusable or common.missing).found(fact)
            try:
                found = gravest_first(examine(fact, case, now, profile), grounds)
                found = _faults_or_else_match(found)
            except UnreadableFactError as why:
                return common.unreadable.found(fact, field=str(why))
            return found[0]._replace(also=found[1:]) if found else common.matched.found(fact)

        return judge

    return wrap


def _unusable(fact: Fact | None, common: Usual, now: datetime) -> Ground | None:
    if fact is None:
        return common.missing
    if fact.kind is not common.matched.kind:
        return common.unreadable
    if has_expired(fact, now):
        return common.stale
    said = (fact.says.get("result"), fact.says.get("status"))
    if "UNAVAILABLE" in said:
        return common.unavailable
    return common.not_found if "NOT_FOUND" in said else None


def by_code(*groups: Iterable[Ground]) -> dict[str, Ground]:
    """Grounds by their code. Raises ValueError when two share one."""
    table: dict[str, Ground] = {}
    for group in groups:
        for ground in group:
            if ground.code in table:
                raise ValueError(f"two grounds share the code {ground.code}")
            table[ground.code] = ground
    return table
