"""The figures as people read them: the agencies' scoreboard, the city's dashboard, the public page.

All of it is read from counters that were made of the sealed log; nothing here counts a case.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from time import monotonic
from typing import Any, ClassVar, Self

from chepai.domain.figures import Channel, Treated, Verdict, compared, quantile, share, summed
from chepai.domain.periods import city_day
from chepai.domain.profile import FiguresOf
from chepai.domain.refusals import FieldInvalid, FieldProblem
from chepai.domain.services import CERTIFICATE_REISSUE, NEW_CAR, SERVICES
from chepai.edge.api import Answer, Call
from chepai.edge.clock import now
from chepai.edge.texts import codes, say_in_both
from chepai.edge.views import Texts
from chepai.records.cities import Cities
from chepai.records.figures import Figures
from chepai.records.table import Row

USUAL_DAYS, MOST_DAYS = 7, 92
USUAL_MONTHS, MOST_MONTHS = 12, 36
PUBLIC_SECONDS = 300
"""How long the public page is kept: by whoever stands between, and by each process."""
_HOUR_MS = 3_600_000

DAYS: Mapping[str, str] = {
    "from": "The first day, of the city; a week ago when left out",
    "to": f"The last day, {MOST_DAYS} days later at most; today when left out",
}
MONTHS_ASKED: Mapping[str, str] = {
    "months": f"How many months, this one included; {USUAL_MONTHS} when left out, "
    f"{MOST_MONTHS} at most"
}


class Punctuality(Answer):
    """What was asked of somebody in a time, and how it was answered.

    asked = answered in the end, or too late by now; `pending` are asked and not yet over; `known`
    were told before anybody had to ask. Times in milliseconds, of the answers alone; shares
    between 0 and 1, `late_share` of what was asked and `error_share` of what was answered; both
    are absent of nothing.
    """

    asked: int
    answered: int
    pending: int
    known: int
    late: int
    errors: int
    late_share: float | None = None
    error_share: float | None = None
    median_ms: int | None = None
    p95_ms: int | None = None
    hours_lost: float


class AgencyDay(Punctuality):
    """One day of one agency, by the day on which it was asked."""

    day: date


class AskedKind(Punctuality):
    """What an agency is asked for, as one kind of fact."""

    kind: str
    name: Texts


class AgencyScore(Punctuality):
    """One agency in the whole time, by kind of question, and day by day."""

    agency: str
    name: Texts
    kinds: list[AskedKind]
    days: list[AgencyDay]


class Scoreboard(Answer):
    """Every agency that was asked something, by its name; `counted_until` is how far it is counted.

    `definitions` say in words what each figure is.
    """

    first: date
    last: date
    counted_until: str | None = None
    agencies: list[AgencyScore]
    definitions: dict[str, Texts]


class MonthCount(Answer):
    """A number in a month (yyyy-mm) of the city."""

    month: str
    count: int


class Indicator(Answer):
    """One of the mission's own counters, with its definition and its course by months."""

    code: str
    text: Texts
    total: int
    months: list[MonthCount]


class GridFigure(Answer):
    """How many acts were done in a district, at a station, or by one member of staff.

    `name` is absent where nothing but an identifier is known; members of staff are an alias.
    """

    grid_id: str
    name: dict[str, str] | None = None
    acts: int


class ServiceGrids(Answer):
    """Acts of staff on cases, by district, station and officer."""

    districts: list[GridFigure]
    stations: list[GridFigure]
    officers: list[GridFigure]


class Errands(Answer):
    """Errands that were made, and those that were not because the act was online.

    Saved = acts × errands it took before, less those made, never less than none; in words in
    `assumption`. `zero_errand_share` is of acts that ended well.
    """

    handled: int
    trips_made: int
    trips_saved: int
    minutes_saved: int
    zero_errand: int
    zero_errand_share: float | None = None
    assumption: Texts


class PlateMonth(Answer):
    """Time from filing to plates in hand, of the cars that got them in a month."""

    month: str
    cars: int
    median_ms: int | None = None
    p95_ms: int | None = None


class TimeToPlate(Answer):
    """Time from filing to plates in hand, in milliseconds."""

    cars: int
    median_ms: int | None = None
    p95_ms: int | None = None
    months: list[PlateMonth]


class RefusalCount(Answer):
    """How many cases were refused for a reason; a case may have several."""

    code: str
    title: Texts
    cases: int


class ChannelFigures(Answer):
    """How the cases of one channel fared, and the comparison with those of the app.

    `verdict` of the app itself is absent.
    """

    channel: str
    name: Texts
    filed: int
    closed: int
    refused: int
    withdrawn: int
    refused_share: float | None = None
    median_ms: int | None = None
    p95_ms: int | None = None
    verdict: str | None = None
    verdict_text: Texts | None = None


class EqualTreatment(Answer):
    """New cars by channel; nothing is compared with fewer than `at_least` decided cases."""

    at_least: int
    channels: list[ChannelFigures]


class Endings(Answer):
    """What became of cases that ended without what was asked for."""

    refused: int
    reversed: int
    withdrawn: int
    expired: int


class Dashboard(Answer):
    """The city's own figures in some months."""

    first_month: str
    last_month: str
    counted_until: str | None = None
    indicators: list[Indicator]
    grids: ServiceGrids
    errands: Errands
    time_to_plate: TimeToPlate
    endings: Endings
    refusals: list[RefusalCount]
    equal_treatment: EqualTreatment
    definitions: dict[str, Texts]


class PublicAgency(Answer):
    """How punctual one agency is: what was asked, and what it had told before.

    Everything is absent where its figures are too small.
    """

    agency: str
    name: Texts
    suppressed: bool
    asked: int | None = None
    known: int | None = None
    on_time_share: float | None = None
    median_ms: int | None = None
    p95_ms: int | None = None


class PublicService(Answer):
    """How long a service took from filing to delivery. Absent where figures are too small."""

    service: str
    name: Texts
    suppressed: bool
    cases: int | None = None
    median_ms: int | None = None
    p95_ms: int | None = None
    zero_errand_share: float | None = None


class CityFigures(Answer):
    """What everybody may know: punctuality of the agencies, and waiting times.

    Agencies by day of the question, services by month; figures of fewer than `small_number` cases
    are left out, so that nobody can be picked out of them.
    """

    kept_seconds: ClassVar[int] = PUBLIC_SECONDS

    first: date
    last: date
    first_month: str
    small_number: int
    counted_until: str | None = None
    agencies: list[PublicAgency]
    services: list[PublicService]
    definitions: dict[str, Texts]


@dataclass
class ReadingFigures:
    """The adapters that reading figures takes."""

    figures: Figures
    kept: tuple[int, CityFigures] | None = None

    @classmethod
    def from_env(cls) -> Self:
        return cls(Figures.from_env().for_views())

    @cached_property
    def cities(self) -> Cities:
        # The scoreboard assumes nothing that a profile says.
        return Cities.from_env()

    def scoreboard(self, call: Call[Any]) -> Scoreboard:
        """Every agency in some days. Raises FieldInvalid for days that are none."""
        first, last = _days(call)
        return Scoreboard(
            first=first,
            last=last,
            counted_until=self._until(),
            agencies=_scores(self.figures.days(first, last)),
            definitions=_definitions("scoreboard"),
        )

    def dashboard(self, call: Call[Any]) -> Dashboard:
        """The city in some months. Raises FieldInvalid for a number that is none."""
        months = _months(call)
        told = _Month.all_of(self.figures.months(months[0], months[-1]))
        profile = self.cities.current()
        return Dashboard(
            first_month=months[0],
            last_month=months[-1],
            counted_until=self._until(),
            indicators=_indicators(told, months),
            grids=_grids(told, profile.figures),
            errands=_errands(told, profile.figures),
            time_to_plate=_time_to_plate(told, months),
            endings=_endings(told),
            refusals=_refusals(told),
            equal_treatment=_treatment(told, profile.figures),
            definitions=_definitions("dashboard"),
        )

    def public(self) -> CityFigures:
        """What everybody may know, at most `PUBLIC_SECONDS` old: whoever asks costs nothing."""
        turn = int(monotonic() / PUBLIC_SECONDS)
        if self.kept is None or self.kept[0] != turn:
            self.kept = turn, self._public()
        return self.kept[1]

    def _public(self) -> CityFigures:
        profile = self.cities.current()
        chosen, today = profile.figures, city_day(now())
        first = today - timedelta(days=chosen.public_days - 1)
        first_month = f"{first:%Y-%m}"
        told = _Month.all_of(self.figures.months(first_month, f"{today:%Y-%m}"))
        return CityFigures(
            first=first,
            last=today,
            first_month=first_month,
            small_number=chosen.small_number,
            counted_until=self._until(),
            agencies=[
                _public_agency(each, chosen.small_number)
                for each in _scores(self.figures.days(first, today))
            ],
            services=[_public_service(told, each, chosen.small_number) for each in SERVICES],
            definitions=_definitions("public"),
        )

    def _until(self) -> str | None:
        return self.figures.cursor().until or None


# Days of agencies.


def _scores(rows: Iterable[Row]) -> list[AgencyScore]:
    by_agency: dict[str, list[tuple[date, str, Row]]] = defaultdict(list)
    for row in rows:
        day, agency, kind = str(row["item"]).split("#")
        by_agency[agency].append((date.fromisoformat(day), kind, row))
    return [_score(agency, found) for agency, found in sorted(by_agency.items())]


def _score(agency: str, found: list[tuple[date, str, Row]]) -> AgencyScore:
    kinds = sorted({kind for _, kind, _ in found})
    days = sorted({day for day, _, _ in found})
    return AgencyScore(
        agency=agency,
        name=_agency_name(agency),
        kinds=[
            AskedKind(
                kind=each, name=_fact_name(each),
                **_punctuality(row for _, kind, row in found if kind == each),
            )
            for each in kinds
        ],
        days=[
            AgencyDay(day=each, **_punctuality(row for day, _, row in found if day == each))
            for each in days
        ],
        **_punctuality(row for _, _, row in found),
    )  # fmt: skip


def _punctuality(rows: Iterable[Row]) -> dict[str, Any]:
    counts = summed(rows)
    return {
        "asked": counts["asked"],
        "answered": counts["answered"],
        "pending": counts["pending"],
        "known": counts["known"],
        "late": counts["late"],
        "errors": counts["errors"],
        "late_share": share(counts["late"], counts["asked"]),
        "error_share": share(min(counts["errors"], counts["answered"]), counts["answered"]),
        "median_ms": quantile(counts, 50),
        "p95_ms": quantile(counts, 95),
        "hours_lost": round(counts["lost_ms"] / _HOUR_MS, 2),
    }


def _public_agency(score: AgencyScore, small: int) -> PublicAgency:
    said: dict[str, Any] = {"agency": score.agency, "name": score.name}
    told: dict[str, Any] = {
        "asked": score.asked if score.asked >= small else None,
        "known": score.known if score.known >= small else None,
    }
    if not any(told.values()):
        return PublicAgency(**said, suppressed=True)
    if told["asked"]:
        told["on_time_share"] = round(1 - (score.late_share or 0), 4)
    if told["asked"] and score.answered >= small:
        # Times of few answers are of few people, however many were asked.
        told |= {"median_ms": score.median_ms, "p95_ms": score.p95_ms}
    return PublicAgency(**said, suppressed=False, **told)


# Months of the city.


@dataclass(frozen=True)
class _Month:
    """A row of counters: its month, and what it counts."""

    month: str
    what: tuple[str, ...]
    counts: Counter[str]

    @classmethod
    def all_of(cls, rows: Iterable[Row]) -> list[Self]:
        found = []
        for row in rows:
            month, *what = str(row["item"]).split("#")
            found.append(cls(month, tuple(what), summed([row])))
        return found

    def counts_cases_of(self, service: str = "", channel: str = "") -> bool:
        return (
            self.what[0] == "cases"
            and (not channel or self.what[1] == channel)
            and (not service or self.what[2] == service)
        )


def _total(told: Iterable[_Month]) -> Counter[str]:
    return summed(each.counts for each in told)


def _cases(told: list[_Month], service: str = "", channel: str = "") -> Counter[str]:
    return _total(each for each in told if each.counts_cases_of(service, channel))


def _indicators(told: list[_Month], months: list[str]) -> list[Indicator]:
    found: dict[str, Counter[str]] = {
        "registered_users": Counter(), "services_handled": Counter(), "replacements": Counter(),
        "applications_filed": Counter(),
    }  # fmt: skip
    for each in told:
        month, counts = each.month, each.counts
        found["registered_users"][month] += counts["registered_users"]
        if not each.counts_cases_of():
            continue
        found["applications_filed"][month] += counts["filed"]
        plates = counts["temporary_plates"]
        found["services_handled"][month] += counts["handled"] + plates
        again = counts["handled"] if each.what[2] == CERTIFICATE_REISSUE else 0
        found["replacements"][month] += again + plates
    return [
        Indicator(
            code=code,
            text=say_in_both("figures", f"indicator.{code}"),
            total=sum(by_month.values()),
            months=[MonthCount(month=each, count=by_month[each]) for each in months],
        )
        for code, by_month in found.items()
    ]


def _grids(told: list[_Month], chosen: FiguresOf) -> ServiceGrids:
    stations, officers = Counter[str](), Counter[str]()
    for each in told:
        if each.what[0] == "station":
            stations[each.what[1]] += each.counts["acts"]
        elif each.what[0] == "officer":
            officers[each.what[1]] += each.counts["acts"]
    districts = [
        GridFigure(
            grid_id=grid.grid_id,
            name={"zh-CN": grid.name, "en": grid.name_en},
            acts=sum(stations[each] for each in grid.stations),
        )
        for grid in chosen.grids
    ]
    in_grids = {station for grid in chosen.grids for station in grid.stations}
    elsewhere = sum(n for station, n in stations.items() if station not in in_grids)
    if elsewhere:
        name = {lang: text["title"] for lang, text in say_in_both("figures", "elsewhere").items()}
        districts.append(GridFigure(grid_id="-", name=name, acts=elsewhere))
    return ServiceGrids(
        districts=districts,
        stations=[GridFigure(grid_id=each, acts=n) for each, n in sorted(stations.items())],
        # By alias: the order says nothing of who does more.
        officers=[GridFigure(grid_id=each, acts=n) for each, n in sorted(officers.items())],
    )


def _errands(told: list[_Month], chosen: FiguresOf) -> Errands:
    counts = _cases(told)
    before = sum(_cases(told, each)["handled"] * chosen.trips_before(each) for each in SERVICES)
    saved = max(0, before - counts["trips"])
    return Errands(
        handled=counts["handled"],
        trips_made=counts["trips"],
        trips_saved=saved,
        minutes_saved=saved * chosen.minutes_a_trip,
        zero_errand=counts["zero_errand"],
        zero_errand_share=share(counts["zero_errand"], counts["handled"]),
        assumption=say_in_both(
            "figures",
            "assumption",
            new_car=chosen.trips_before(NEW_CAR),
            reissue=chosen.trips_before(CERTIFICATE_REISSUE),
            minutes=chosen.minutes_a_trip,
        ),
    )


def _time_to_plate(told: list[_Month], months: list[str]) -> TimeToPlate:
    def of(found: Iterable[_Month]) -> dict[str, Any]:
        counts = _total(each for each in found if each.counts_cases_of(NEW_CAR))
        return {
            "cars": counts["handled"],
            "median_ms": quantile(counts, 50),
            "p95_ms": quantile(counts, 95),
        }

    by_month: dict[str, list[_Month]] = defaultdict(list)
    for each in told:
        by_month[each.month].append(each)
    return TimeToPlate(
        **of(told), months=[PlateMonth(month=each, **of(by_month[each])) for each in months]
    )


def _endings(told: list[_Month]) -> Endings:
    counts = _cases(told)
    return Endings(**{name: counts[name] for name in Endings.model_fields})


def _refusals(told: list[_Month]) -> list[RefusalCount]:
    found = Counter[str]()
    for each in told:
        if each.what[0] == "reason":
            found[each.what[1]] += each.counts["refused"]
    return [
        RefusalCount(code=code, title=_reason_name(code), cases=n)
        for code, n in sorted(found.items(), key=lambda one: (-one[1], one[0]))
    ]


def _treatment(told: list[_Month], chosen: FiguresOf) -> EqualTreatment:
    by_channel = {each: _cases(told, NEW_CAR, each.value) for each in Channel}
    app = _treated(by_channel[Channel.APP])
    return EqualTreatment(
        at_least=chosen.compare_at_least,
        channels=[
            _channel(each, counts, app, chosen.compare_at_least)
            for each, counts in by_channel.items()
        ],
    )


def _channel(channel: Channel, counts: Counter[str], app: Treated, at_least: int) -> ChannelFigures:
    own = _treated(counts)
    verdict = None if channel is Channel.APP else compared(own, app, at_least=at_least)
    return ChannelFigures(
        channel=channel.value,
        name=say_in_both("figures", f"channel.{channel}"),
        filed=counts["filed"],
        closed=own.closed,
        refused=own.refused,
        withdrawn=counts["withdrawn"],
        refused_share=share(own.refused, own.decided),
        median_ms=own.median_ms,
        p95_ms=quantile(counts, 95),
        verdict=verdict.value if verdict else None,
        verdict_text=_verdict(verdict) if verdict else None,
    )


def _treated(counts: Counter[str]) -> Treated:
    return Treated(counts["handled"], counts["refused"], quantile(counts, 50))


def _verdict(verdict: Verdict) -> Texts:
    return say_in_both("figures", f"verdict.{verdict}")


def _public_service(told: list[_Month], service: str, small: int) -> PublicService:
    counts = _cases(told, service)
    said: dict[str, Any] = {"service": service, "name": say_in_both("services", service)}
    if counts["handled"] < small:
        return PublicService(**said, suppressed=True)
    return PublicService(
        **said,
        suppressed=False,
        cases=counts["handled"],
        median_ms=quantile(counts, 50),
        p95_ms=quantile(counts, 95),
        zero_errand_share=share(counts["zero_errand"], counts["handled"]),
    )


# Words, and what is asked for.


def _agency_name(agency: str) -> Texts:
    own = f"agency.{agency}"
    return say_in_both("figures" if own in codes("figures") else "reasons", own)


def _fact_name(kind: str) -> Texts:
    verified = f"fact.{kind}"
    known = verified in codes("services")
    return say_in_both("services", verified) if known else say_in_both("figures", f"kind.{kind}")


def _reason_name(code: str) -> Texts:
    known = code in codes("reasons")
    return say_in_both("reasons", code) if known else say_in_both("figures", "reason")


def _definitions(page: str) -> dict[str, Texts]:
    prefix = f"{page}."
    return {
        code.removeprefix(prefix): say_in_both("figures", code)
        for code in sorted(codes("figures"))
        if code.startswith(prefix)
    }


def _days(call: Call[Any]) -> tuple[date, date]:
    last = call.day("to") or city_day(now())
    first = call.day("from") or last - timedelta(days=USUAL_DAYS - 1)
    if not timedelta() <= last - first < timedelta(days=MOST_DAYS):
        raise FieldInvalid(FieldProblem("from", "out_of_range"))
    return first, last


def _months(call: Call[Any]) -> list[str]:
    text = call.query.get("months", str(USUAL_MONTHS))
    count = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
    if not 1 <= count <= MOST_MONTHS:
        raise FieldInvalid(FieldProblem("months", "out_of_range"))
    today = city_day(now())
    last = today.year * 12 + today.month - 1
    return [f"{each // 12:04d}-{each % 12 + 1:02d}" for each in range(last - count + 1, last + 1)]
