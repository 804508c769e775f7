"""The city profile 城市配置: everything that differs between cities, immutable once published.

A profile is written in `cities/<city>.toml` and checked key by key when it is published
(`infra/profile_check.py`, which alone evaluates the constraints below); at run time it is only
taken over. A data class costs 1 ms to define, and every step of every workflow would pay for thirty
of them when it starts; `Section` makes frozen ones for nothing, and mypy sees no difference.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Self, dataclass_transform

from chepai.domain import periods
from chepai.domain.calendar import WorkCalendar, published
from chepai.domain.fees import FeeItem
from chepai.domain.manufacturers import Maker, MakerStatus, Manufacturers
from chepai.domain.periods import Deadline, LegalPeriod, Unit

if TYPE_CHECKING:
    from annotated_types import Ge, Interval, MinLen

FORMAT = 1
"""The version of this schema; a profile of another one is refused."""


class Basis(StrEnum):
    """What a value rests on; assumed ones are shown as "to be confirmed"."""

    LAW = "law"
    NOTICE = "notice"
    ASSUMED = "assumed"


class Grounded(NamedTuple):
    """The basis of a value, with the article or notice it is from."""

    basis: Basis
    source: str


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Section:
    """A part of the profile: its annotations are its fields, all are given, none changes."""

    def __init__(self, **values: Any) -> None:
        if values.keys() != type(self).__annotations__.keys():
            odd = sorted(values.keys() ^ type(self).__annotations__.keys())
            raise TypeError(f"{type(self).__name__}: missing or unknown: {', '.join(odd)}")
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a published profile does not change: {name}")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__.values()))

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({said})"

    def but(self, **changes: Any) -> Self:
        """The same section with some values changed."""
        return type(self)(**{**self.__dict__, **changes})


class Matching(NamedTuple):
    """A constraint: the whole text has this form."""

    pattern: str


class Span(Section):
    """A length of time, counted in days of the kind that the rule says."""

    n: Annotated[int, Ge(1)]
    unit: Unit


class City(Section):
    """Which city and office this is; `code` is the administrative division."""

    code: Annotated[str, Matching(r"[0-9]{6}")]
    name: Annotated[str, MinLen(1)]
    name_en: Annotated[str, MinLen(1)]
    province: Annotated[str, MinLen(1)]
    office: Annotated[str, MinLen(1)]
    office_address: Annotated[str, MinLen(1)]


class Tax(Section):
    """The area codes by which invoices of this city's tax office are known."""

    digital_region_codes: Annotated[tuple[Annotated[str, Matching(r"[0-9]{2}")], ...], MinLen(1)]
    legacy_area: Annotated[str, Matching(r"[0-9]{4}")]


class Plate(Section):
    """The numbers of this city: issuing prefixes, what is opened, and what is never dealt.

    Patterns are written D for a digit and L for a letter, in the order of opening;
    `reserved_patterns` are regular expressions searched for in the serial.
    """

    issuing: Annotated[tuple[Annotated[str, Matching(r".[A-HJ-Z]")], ...], MinLen(1)]
    ordinary_patterns: Annotated[tuple[Annotated[str, Matching(r"[DL]{5}")], ...], MinLen(1)]
    pure_letters: Annotated[str, Matching(r"[DABCE]+")]
    non_pure_letters: Annotated[str, Matching(r"[FGHJK]+")]
    reserved_patterns: tuple[str, ...]


class TemporaryPlate(Section):
    """Temporary plates: how long they are good and how often one is issued before registration."""

    unregistered: Span
    waiting: Span
    times_max: Annotated[int, Interval(ge=1, le=3)]


class NumberSelection(Section):
    """How numbers are offered, held and lost; holds are counted in the city's own days."""

    modes: Annotated[
        tuple[Literal["RANDOM_50", "SELF_COMPOSED", "ORIGINAL", "SWAP"], ...], MinLen(1)
    ]
    batches: Annotated[int, Interval(ge=1, le=10)]
    batch_size: Annotated[int, Interval(ge=1, le=50)]
    batch_seconds: Annotated[int, Interval(ge=30, le=3600)]
    at_once: bool
    at_once_seconds: Annotated[int, Interval(ge=30, le=3600)]
    choose_again_max: Annotated[int, Interval(ge=0, le=10)]
    self_composed_tries: Annotated[int, Interval(ge=0, le=100)]
    self_composed_forbidden: tuple[str, ...]
    new_segment_random_only_days: Annotated[int, Interval(ge=0, le=365)]
    hold: Span
    lapse_ban_months: Annotated[int, Interval(ge=0, le=24)]


class AutoReview(Section):
    """Whether the rules may approve alone, and how many of 10 000 a reviewer sees all the same."""

    enabled: bool
    sample_basis_points: Annotated[int, Interval(ge=0, le=10_000)]


class NewCar(Section):
    """Who may register a new car from the phone."""

    enabled: bool
    allow_org: bool
    allow_nev: bool
    max_age_months_without_test: Annotated[int, Interval(ge=1, le=24)]
    quota_enabled: bool
    emission_check: bool
    auto_review: AutoReview


class InspectionSite(Section):
    """A place where an inspector sees the car; `bays` cars are taken at a time."""

    site_id: Annotated[str, Matching(r"[a-z0-9-]{2,32}")]
    name: Annotated[str, MinLen(1)]
    kind: Literal["VMO", "STATION", "DEALER"]
    address: Annotated[str, MinLen(1)]
    bays: Annotated[int, Interval(ge=1, le=50)]


class Inspection(Section):
    """Appointments: length, how far ahead they open, and how often one may be moved."""

    slot_minutes: Annotated[int, Interval(ge=5, le=120)]
    days_ahead: Annotated[int, Interval(ge=1, le=60)]
    opens: Annotated[str, Matching(r"[0-2][0-9]:[0-5][0-9]")]
    closes: Annotated[str, Matching(r"[0-2][0-9]:[0-5][0-9]")]
    moves_max: Annotated[int, Interval(ge=0, le=10)]
    sites: Annotated[tuple[InspectionSite, ...], MinLen(1)]


class Fees(Section):
    """The published list in fen; `waived` are items that the city lets everyone off."""

    plate_pair_fen: Annotated[int, Interval(ge=0, le=10_000)]
    registration_certificate_fen: Annotated[int, Interval(ge=0, le=1_000)]
    vehicle_licence_fen: Annotated[int, Interval(ge=0, le=1_000)]
    temporary_plate_fen: Annotated[int, Interval(ge=0, le=500)]
    courier_fen: Annotated[int, Interval(ge=0, le=10_000)]
    courier_paid_by_owner: bool
    waived: tuple[FeeItem, ...]


class Limits(Section):
    """The time that an act or an answer may take; what the law fixes may only be shortened."""

    tell_once: Span
    first_registration: Span
    certificate_reissue: Span
    void_temporary_plate: Span
    correct_record: Span
    source: Span
    data_error: Span
    correction: Span
    inspection: Span
    officer: Span
    appeal: Span


class Promise(Section):
    """By when the office promises to decide: never later than `limits` of the same name."""

    first_registration: Span
    certificate_reissue: Span


class Chain(Section):
    """Who has to act for a party that is late: `within` is the party's own limit.

    `party` is a holder of cases, or "office" and "agency" for those that are not named.
    """

    party: Annotated[str, Matching(r"[a-z_]+(:[a-z_]+)?")]
    within: Span
    supervisor: Annotated[str, MinLen(1)]
    supervisor_en: Annotated[str, MinLen(1)]
    head: Annotated[str, MinLen(1)]
    head_en: Annotated[str, MinLen(1)]


class Escalation(Section):
    """When whoever is late is reminded, and who hears of it next, in per cent of the time.

    With the last step the owner has an apology and a new date, `new_date` after the old one.
    """

    remind_percent: Annotated[int, Interval(ge=1, le=97)]
    supervisor_percent: Annotated[int, Interval(ge=2, le=98)]
    head_percent: Annotated[int, Interval(ge=3, le=99)]
    new_date: Span
    chains: Annotated[tuple[Chain, ...], MinLen(2)]


class HolidayNotice(Section):
    """One yearly notice of the State Council: names to "first/last" or single days."""

    notice: Annotated[str, MinLen(1)]
    off: Mapping[str, str]
    worked: Mapping[str, str]


class Calendar(Section):
    """Holidays by year, and when the office is open. Years not named here are the library's."""

    opens: Annotated[str, Matching(r"[0-2][0-9]:[0-5][0-9]")]
    closes: Annotated[str, Matching(r"[0-2][0-9]:[0-5][0-9]")]
    weekend_service: bool
    years: Mapping[str, HolidayNotice]


class Reissue(Section):
    """Reissue of a registration certificate: online or not, and what counts as unusual."""

    cert_online: bool
    max_per_year: Annotated[int, Interval(ge=1, le=10)]
    cooloff_days: Annotated[int, Interval(ge=0, le=365)]


class Contact(Section):
    """Whom to call and when somebody answers."""

    hotlines: Annotated[tuple[Annotated[str, Matching(r"[0-9-]{5,15}")], ...], MinLen(1)]
    staffed_hours: Annotated[str, MinLen(1)]


class Tickets(Section):
    """By when what people ask and complain about is answered; what a law fixes goes before it.

    `extension` is added once, for a reason; `rating` is how long an answer may be rated, and a
    score of at most `bad_score` of five is called back within `call_back`.
    """

    first_answer_hours: Annotated[int, Interval(ge=1, le=72)]
    consult: Span
    ordinary: Span
    complex: Span
    extension: Span
    call_back: Span
    rating: Span
    bad_score: Annotated[int, Interval(ge=1, le=3)]


class Counter(Section):
    """One-to-one service: from which age it is offered unasked, how long a session may run and a
    reading of a card opens one, and how long a reviewer's claim holds."""

    elder_age: Annotated[int, Interval(ge=50, le=80)]
    session_minutes: Annotated[int, Interval(ge=5, le=120)]
    reading_seconds: Annotated[int, Interval(ge=30, le=900)]
    claim_minutes: Annotated[int, Interval(ge=5, le=480)]


class Link(Section):
    """A page elsewhere."""

    title: Annotated[str, MinLen(1)]
    title_en: Annotated[str, MinLen(1)]
    url: Annotated[str, Matching(r"https://[a-z0-9.-]+(/[A-Za-z0-9._~/-]*)?")]


class Links(Section):
    """Where owners choose a car, insure it and pay the tax; neutral lists, no ranking."""

    cars: tuple[Link, ...]
    insurance: Annotated[tuple[Link, ...], MinLen(1)]
    tax: Annotated[tuple[Link, ...], MinLen(1)]


class Courier(Section):
    """Who brings plates and papers, in how many parcels, and what happens if nobody is in."""

    code: Annotated[str, Matching(r"[A-Z]{2,10}")]
    name: Annotated[str, MinLen(1)]
    parcels: Annotated[int, Interval(ge=1, le=2)]
    attempts: Annotated[int, Interval(ge=1, le=5)]
    identity_shown: bool
    keep_days: Annotated[int, Interval(ge=1, le=180)]


class Identity(Section):
    """How owners prove who they are; the face is never the only way."""

    methods: Annotated[tuple[Literal["FACE", "NET_ID", "ID_CHIP", "COUNTER"], ...], MinLen(2)]
    face_only: Literal[False]


class Privacy(Section):
    """How long personal data is kept, in days; logs no shorter than the law says."""

    verification_days: Annotated[int, Interval(ge=1, le=730)]
    face_days: Annotated[int, Interval(ge=0, le=7)]
    draft_days: Annotated[int, Interval(ge=1, le=30)]
    conversation_days: Annotated[int, Interval(ge=1, le=1096)]
    log_days: Annotated[int, Ge(180)]
    impact_report_days: Annotated[int, Ge(1095)]
    courier_days: Annotated[int, Interval(ge=1, le=90)]
    archive_days: Annotated[int, Ge(400)]
    delay_days: Annotated[int, Interval(ge=1, le=180)]
    answer_working_days: Annotated[int, Interval(ge=1, le=15)]


class PartnerTerms(Section):
    """How a kind of partner is asked: rate, patience with one reply, attempts and their spacing."""

    per_second: Annotated[int, Interval(ge=1, le=1000)]
    reply_seconds: Annotated[int, Interval(ge=1, le=30)]
    attempts: Annotated[int, Interval(ge=1, le=20)]
    first_retry_seconds: Annotated[int, Interval(ge=1, le=86_400)]
    last_retry_seconds: Annotated[int, Interval(ge=1, le=86_400)]


class Verification(Section):
    """How long a fact may be used again before its source is asked anew, by kind of fact.

    Zero: ask every time. A kind that is not named has no limit but the source's own.
    """

    ttl_seconds: Mapping[
        Annotated[str, Matching(r"F[0-9]{2}")], Annotated[int, Interval(ge=0, le=2_592_000)]
    ]


class Risk(Section):
    """From when on repetition is unusual (R164 Art. 74), by windows in days."""

    reissue_window_days: Annotated[int, Interval(ge=30, le=1096)]
    transfer_window_days: Annotated[int, Interval(ge=30, le=1096)]
    transfers_max: Annotated[int, Interval(ge=1, le=20)]
    device_principals_max: Annotated[int, Interval(ge=1, le=50)]
    device_window_days: Annotated[int, Interval(ge=1, le=366)]
    agent_window_days: Annotated[int, Interval(ge=1, le=366)]
    agent_principals_max: Annotated[int, Interval(ge=1, le=1000)]
    override_window_days: Annotated[int, Interval(ge=1, le=366)]
    overrides_max: Annotated[int, Interval(ge=1, le=1000)]
    owner_reissues_max: Annotated[int, Interval(ge=1, le=20)]


class Supervision(Section):
    """What the supervision centre looks at again (R164 Art. 67: at least weekly in a city).

    Of each kind of decision a share of 10 000 is drawn, `at_least` so many of each; what a person
    decided against the rules is looked at without exception. `recheck` is the time for looking,
    `answer` that of the party whom a finding names.
    """

    period_minutes: Annotated[int, Interval(ge=1, le=10_080)]
    settle_minutes: Annotated[int, Interval(ge=0, le=1_440)]
    registered_basis_points: Annotated[int, Interval(ge=0, le=10_000)]
    reissued_basis_points: Annotated[int, Interval(ge=0, le=10_000)]
    refused_basis_points: Annotated[int, Interval(ge=0, le=10_000)]
    at_least: Annotated[int, Interval(ge=1, le=1_000)]
    claim_minutes: Annotated[int, Interval(ge=1, le=1_440)]
    recheck: Span
    answer: Span


class Sealing(Section):
    """After how many minutes without a sealed ledger nothing is registered any more."""

    stop_after_minutes: Annotated[int, Interval(ge=2, le=1_440)]


class Grid(Section):
    """A part of the city that is looked after together: its stations, by the unit of their staff.

    网格化: grids are for sharing work and outside service points, never for ranking people.
    """

    grid_id: Annotated[str, Matching(r"[a-z0-9-]{2,32}")]
    name: Annotated[str, MinLen(1)]
    name_en: Annotated[str, MinLen(1)]
    stations: tuple[Annotated[str, Matching(r"[A-Za-z0-9_-]{1,64}")], ...]


class FiguresOf(Section):
    """What the city's figures assume, and which of them are too small to be shown.

    `small_number`: public figures of fewer cases are left out. `compare_at_least`: channels with
    fewer decided cases are not compared. `trips_before_…`: errands that the same act took before
    it was online, of `minutes_a_trip` each. `public_days`: what the public page looks back on.
    """

    small_number: Annotated[int, Interval(ge=3, le=50)]
    compare_at_least: Annotated[int, Interval(ge=10, le=1000)]
    trips_before_new_car: Annotated[int, Interval(ge=0, le=20)]
    trips_before_certificate_reissue: Annotated[int, Interval(ge=0, le=20)]
    minutes_a_trip: Annotated[int, Interval(ge=0, le=1440)]
    public_days: Annotated[int, Interval(ge=1, le=92)]
    grids: tuple[Grid, ...]

    def trips_before(self, service: str) -> int:
        """How many errands an act of a service took before it was online."""
        return int(self.__dict__[f"trips_before_{service}"])


class Security(Section):
    """How staff are signed in, and how often one person may file, pay, be dealt numbers, look
    another's case up, or name a car that is not theirs; for how many people an agent may act in a
    year, and how long a power of attorney may run."""

    sign_in_failures: Annotated[int, Interval(ge=1, le=10)]
    lockout_minutes: Annotated[int, Interval(ge=1, le=1440)]
    session_hours: Annotated[int, Interval(ge=1, le=8)]
    session_idle_minutes: Annotated[int, Interval(ge=1, le=60)]
    token_minutes: Annotated[int, Interval(ge=1, le=15)]
    creates_per_hour: Annotated[int, Interval(ge=1, le=1000)]
    pays_per_hour: Annotated[int, Interval(ge=1, le=1000)]
    deals_per_hour: Annotated[int, Interval(ge=1, le=1000)]
    lookups_per_hour: Annotated[int, Interval(ge=1, le=1000)]
    guesses_per_day: Annotated[int, Interval(ge=1, le=1000)]
    agent_principals_per_year: Annotated[int, Interval(ge=1, le=1000)]
    power_days: Annotated[int, Interval(ge=1, le=1096)]


class Makers(Section):
    """The registry of manufacturers, those that are not connected included."""

    makers: Annotated[tuple[MakerEntry, ...], MinLen(1)]


class MakerEntry(Section):
    """One manufacturer: its VINs by their first characters, and since when its records come."""

    code: Annotated[str, Matching(r"[a-z0-9-]{2,32}")]
    name: Annotated[str, MinLen(1)]
    brands: Annotated[tuple[Annotated[str, MinLen(1)], ...], MinLen(1)]
    prefixes: Annotated[tuple[Annotated[str, Matching(r"[A-HJ-NPR-Z0-9]{3,11}")], ...], MinLen(1)]
    go_live: date
    status: MakerStatus


class Features(Section):
    """Extras that a city switches on; off is always lawful."""

    temporary_plate_online: bool
    insurance_push: bool
    photo_inspection_assist: bool


class Patience(Section):
    """How many seconds each waiting step of the workflows waits before its named way out."""

    check_identity: Annotated[int, Interval(ge=10, le=86_400)]
    check_certificate: Annotated[int, Interval(ge=10, le=86_400)]
    check_announcement: Annotated[int, Interval(ge=10, le=86_400)]
    check_pre_inspection: Annotated[int, Interval(ge=10, le=86_400)]
    check_invoice: Annotated[int, Interval(ge=10, le=86_400)]
    check_purchase_tax: Annotated[int, Interval(ge=10, le=86_400)]
    check_compulsory_insurance: Annotated[int, Interval(ge=10, le=86_400)]
    check_vessel_tax: Annotated[int, Interval(ge=10, le=86_400)]
    check_vehicle_status: Annotated[int, Interval(ge=10, le=86_400)]
    check_mortgage: Annotated[int, Interval(ge=10, le=86_400)]
    wait_for_correction: Annotated[int, Interval(ge=3_600, le=7_776_000)]
    wait_for_agency: Annotated[int, Interval(ge=600, le=2_592_000)]
    wait_for_cosignature: Annotated[int, Interval(ge=600, le=2_592_000)]
    wait_for_inspection: Annotated[int, Interval(ge=3_600, le=7_776_000)]
    wait_for_officer: Annotated[int, Interval(ge=3_600, le=2_592_000)]
    wait_for_owner: Annotated[int, Interval(ge=600, le=2_592_000)]
    wait_for_fee: Annotated[int, Interval(ge=600, le=2_592_000)]
    review_application: Annotated[int, Interval(ge=600, le=172_800)]
    recheck_facts: Annotated[int, Interval(ge=10, le=172_800)]
    ask_the_register: Annotated[int, Interval(ge=10, le=86_400)]
    replace_at_the_register: Annotated[int, Interval(ge=10, le=86_400)]
    make_plates_and_papers: Annotated[int, Interval(ge=600, le=1_296_000)]
    print_certificate: Annotated[int, Interval(ge=600, le=1_296_000)]
    send_parcel: Annotated[int, Interval(ge=3_600, le=2_592_000)]
    keep_for_pick_up: Annotated[int, Interval(ge=86_400, le=15_552_000)]
    refund_fee: Annotated[int, Interval(ge=10, le=2_592_000)]

    def of_steps(self) -> dict[str, int]:
        """Seconds by the folder name of the waiting step."""
        return dict(self.__dict__)


SECTIONS: Mapping[str, type[Section]] = {
    "city": City,
    "tax": Tax,
    "plate": Plate,
    "temporary_plate": TemporaryPlate,
    "numsel": NumberSelection,
    "newcar": NewCar,
    "inspection": Inspection,
    "fees": Fees,
    "limits": Limits,
    "promise": Promise,
    "escalation": Escalation,
    "calendar": Calendar,
    "reissue": Reissue,
    "contact": Contact,
    "counter": Counter,
    "tickets": Tickets,
    "links": Links,
    "courier": Courier,
    "identity": Identity,
    "privacy": Privacy,
    "verification": Verification,
    "risk": Risk,
    "supervision": Supervision,
    "sealing": Sealing,
    "security": Security,
    "figures": FiguresOf,
    "features": Features,
    "patience": Patience,
    "manufacturers": Makers,
}
"""The sections of a profile, beside `format`, `version`, `valid_from` and `partners`: the terms of
each kind of partner by its name."""

LAW_CEILINGS: Mapping[str, str] = {
    "limits.tell_once": periods.TELL_ONCE,
    "limits.first_registration": periods.FIRST_REGISTRATION,
    "limits.certificate_reissue": periods.REISSUE_CERTIFICATE,
    "limits.void_temporary_plate": periods.VOID_TEMPORARY_PLATE,
    "limits.correct_record": periods.CORRECT_RECORD,
    "promise.first_registration": periods.FIRST_REGISTRATION,
    "promise.certificate_reissue": periods.REISSUE_CERTIFICATE,
    "temporary_plate.unregistered": periods.DRIVE_UNREGISTERED,
    "temporary_plate.waiting": periods.WAIT_FOR_PLATES,
}
"""Keys whose value may not be longer than a rule of law allows."""

LAW_FLOORS: Mapping[str, str] = {"limits.appeal": periods.ASK_RECONSIDERATION}
"""Keys whose value may not be shorter: the time is the citizen's."""


class CityProfile:
    """One published version of a city's profile, with a value object for each section."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body
        self.version: str = body["version"]
        self.valid_from = date.fromisoformat(body["valid_from"])
        self.city: City = _taken(City, body["city"])
        self.tax: Tax = _taken(Tax, body["tax"])
        self.plate: Plate = _taken(Plate, body["plate"])
        self.temporary_plate: TemporaryPlate = _taken(TemporaryPlate, body["temporary_plate"])
        self.numsel: NumberSelection = _taken(NumberSelection, body["numsel"])
        self.newcar: NewCar = _taken(NewCar, body["newcar"])
        self.inspection: Inspection = _taken(Inspection, body["inspection"])
        self.fees: Fees = _taken(Fees, body["fees"])
        self.limits: Limits = _taken(Limits, body["limits"])
        self.promise: Promise = _taken(Promise, body["promise"])
        self.escalation: Escalation = _taken(Escalation, body["escalation"])
        self.calendar: Calendar = _taken(Calendar, body["calendar"])
        self.reissue: Reissue = _taken(Reissue, body["reissue"])
        self.contact: Contact = _taken(Contact, body["contact"])
        self.counter: Counter = _taken(Counter, body["counter"])
        self.tickets: Tickets = _taken(Tickets, body["tickets"])
        self.links: Links = _taken(Links, body["links"])
        self.courier: Courier = _taken(Courier, body["courier"])
        self.identity: Identity = _taken(Identity, body["identity"])
        self.privacy: Privacy = _taken(Privacy, body["privacy"])
        self.verification: Verification = _taken(Verification, body["verification"])
        self.risk: Risk = _taken(Risk, body["risk"])
        self.supervision: Supervision = _taken(Supervision, body["supervision"])
        self.sealing: Sealing = _taken(Sealing, body["sealing"])
        self.security: Security = _taken(Security, body["security"])
        self.features: Features = _taken(Features, body["features"])
        self.patience: Patience = _taken(Patience, body["patience"])

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> CityProfile:
        """The profile from its published body, which was checked when it was published."""
        return cls(body)

    def digest(self) -> str:
        """SHA-256 of the published body, in hex: what a case's rule version stands for."""
        return digest(self._body)

    @cached_property
    def partners(self) -> Mapping[str, PartnerTerms]:
        """How each kind of partner is asked."""
        return {kind: PartnerTerms(**terms) for kind, terms in self._body["partners"].items()}

    @cached_property
    def manufacturers(self) -> Manufacturers:
        """The registry of makers."""
        return Manufacturers(
            Maker(
                code=each["code"],
                name=each["name"],
                brands=tuple(each["brands"]),
                prefixes=tuple(each["prefixes"]),
                go_live=date.fromisoformat(each["go_live"]),
                status=MakerStatus(each["status"]),
            )
            for each in self._body["manufacturers"]["makers"]
        )

    @cached_property
    def figures(self) -> FiguresOf:
        """What the city's figures assume; read of the current profile, by no case."""
        taken: FiguresOf = _taken(FiguresOf, self._body["figures"])
        return taken

    @cached_property
    def work_calendar(self) -> WorkCalendar:
        """Working days by this profile's notices, other years by the library."""
        return WorkCalendar(
            {
                int(year): published(notice.off, notice.worked)
                for year, notice in self.calendar.years.items()
            }
        )

    @cached_property
    def bases(self) -> Mapping[str, Grounded]:
        """What each value rests on, by its key."""
        return {
            key: Grounded(Basis(basis), source)
            for key, (basis, source) in self._body["bases"].items()
        }

    def to_be_confirmed(self) -> tuple[str, ...]:
        """The keys whose value is assumed."""
        return tuple(key for key, each in self.bases.items() if each.basis is Basis.ASSUMED)

    def chain_of(self, holder: str) -> Chain:
        """Who is told, and when, while this holder keeps a case too long."""
        chains = {each.party: each for each in self.escalation.chains}
        kind = "agency" if holder.startswith("agency:") else "office"
        return chains.get(holder) or chains[kind]

    def maker_of(self, vin: str) -> Maker | None:
        """The maker that a VIN belongs to."""
        return self.manufacturers.maker_of(vin)

    def ttl(self, kind: str) -> timedelta | None:
        """How long a fact of a kind may be used again; None sets no limit."""
        seconds = self.verification.ttl_seconds.get(str(kind))
        return None if seconds is None else timedelta(seconds=seconds)

    def deadline(self, limit: str, start: date) -> Deadline:
        """The last day of one of this profile's limits; the starting day does not count."""
        return self.end_of(getattr(self.limits, limit), start, rule_id=f"limits.{limit}")

    def last_day(self, limit: str, today: date) -> date:
        """The same without the mark of a year whose holidays are not published."""
        return self.deadline(limit, today).last_day

    def hold_end(self, start: date) -> Deadline:
        """The last day on which a chosen number is held; the day of the choice does not count."""
        return self.end_of(self.numsel.hold, start, rule_id="numsel.hold")

    def temporary_plate_end(self, issued: date, *, registered: bool) -> Deadline:
        """The last day of a temporary plate, the day it is issued included."""
        span = self.temporary_plate.waiting if registered else self.temporary_plate.unregistered
        return self.end_of(span, issued, rule_id="temporary_plate", start_excluded=False)

    def end_of(
        self, span: Span, start: date, *, rule_id: str, start_excluded: bool = True
    ) -> Deadline:
        """The last day of a span in this city's calendar."""
        period = LegalPeriod(rule_id, span.n, span.unit, self.version, start_excluded)
        return periods.deadline(period, start, self.work_calendar)


def digest(body: Mapping[str, Any]) -> str:
    """SHA-256 of a published body in canonical JSON, in hex."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


_NESTED: Mapping[tuple[type, str], type[Section]] = {
    (NewCar, "auto_review"): AutoReview,
    (Chain, "within"): Span,
    (Escalation, "new_date"): Span,
    **{(Promise, name): Span for name in Promise.__annotations__},
    (NumberSelection, "hold"): Span,
    (Supervision, "recheck"): Span,
    (Supervision, "answer"): Span,
    (TemporaryPlate, "unregistered"): Span,
    (TemporaryPlate, "waiting"): Span,
    **{(Tickets, name): Span for name, held in Tickets.__annotations__.items() if held == "Span"},
    **{(Limits, name): Span for name in Limits.__annotations__},
}
_LISTS: Mapping[tuple[type, str], type[Section]] = {
    (Inspection, "sites"): InspectionSite,
    (Escalation, "chains"): Chain,
    (FiguresOf, "grids"): Grid,
    **{(Links, name): Link for name in Links.__annotations__},
}


def _taken(section: type[Any], values: Mapping[str, Any]) -> Any:
    """A section from checked values: no look at types, only lists made lasting."""
    return section(**{name: _value(section, name, value) for name, value in values.items()})


def _value(section: type, name: str, value: Any) -> Any:
    if inner := _NESTED.get((section, name)):
        return _taken(inner, value)
    if inner := _LISTS.get((section, name)):
        return tuple(_taken(inner, each) for each in value)
    if (section, name) == (Calendar, "years"):
        return {year: HolidayNotice(**notice) for year, notice in value.items()}
    if (section, name) == (Span, "unit"):
        return Unit(value)
    if (section, name) == (Fees, "waived"):
        return tuple(FeeItem(each) for each in value)
    return tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
