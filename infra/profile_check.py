"""Check city profiles as they are published: every fault at once, each with its key and reason.

python -m infra.profile_check                 check cities/*.toml
python -m infra.profile_check --to-confirm    list the values that are assumed
python -m infra.profile_check --schema        print the table of cities/README.md
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

import annotated_types
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from chepai.domain import periods, profile
from chepai.domain.calendar import published
from chepai.domain.facts import FactKind
from chepai.domain.life_cycle import HOLDERS, OWNER
from chepai.domain.plates import NON_PURE_LETTERS, ORDINARY_PATTERNS, PROVINCES, PURE_LETTERS
from chepai.domain.profile import Basis, CityProfile, Matching, PartnerTerms, Section, Span

CITIES = Path(__file__).parents[1] / "cities"

_PLAIN = {"format", "version", "valid_from"}
_TABLES = re.compile(r"[a-z_]+|newcar\.auto_review|calendar\.years(\.\d{4})?")
_VERSION = re.compile(r"[a-z]+-\d{4}\.\d+")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Fault(NamedTuple):
    """One thing wrong with a profile."""

    key: str
    reason: str


class ProfileRefused(ValueError):
    """A profile that may not be published; `faults` are all of them."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(f"{fault.key}: {fault.reason}" for fault in faults))
        self.faults = faults


class Checked(NamedTuple):
    """What a document says without its bases, and what is wrong with it."""

    body: dict[str, Any]
    faults: tuple[Fault, ...]


def publishable(path: Path) -> dict[str, Any]:
    """The body to publish. ProfileRefused with every fault when there is one."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as unreadable:
        raise ProfileRefused((Fault(path.name, str(unreadable)),)) from None
    body, faults = check(document)
    if faults:
        raise ProfileRefused(faults)
    return body


def load(path: Path) -> CityProfile:
    """The profile in a file, checked."""
    return CityProfile.of(publishable(path))


def check(document: Mapping[str, Any]) -> Checked:
    """Separate values from their bases and hold both against the schema and the law."""
    body, bases, faults = _unpacked(document)
    faults += _heading(body)
    broken = {fault.key.split(".")[0] for fault in faults}
    for name, section in profile.SECTIONS.items():
        found = list(_against(_model(section), name, body.get(name)))
        broken |= {name} if found else set()
        faults += found
    found = list(_partners(body.get("partners")))
    broken |= {"partners"} if found else set()
    faults += found
    for name in body.keys() - profile.SECTIONS.keys() - _PLAIN - {"partners"}:
        faults.append(Fault(name, "unknown section"))
    # A rule across values can only be asked where the values themselves are right.
    for needs, rule in _RULES:
        if not broken.intersection(needs):
            faults += [Fault(*each) for each in rule(body)]
    return Checked({**body, "bases": bases}, tuple(sorted(faults)))


def _unpacked(
    document: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, list[str]], list[Fault]]:
    bases: dict[str, list[str]] = {}
    faults: list[Fault] = []

    def values(table: Mapping[str, Any], path: str, basis: Any, source: Any) -> dict[str, Any]:
        basis, source = table.get("_basis", basis), table.get("_source", source)
        taken: dict[str, Any] = {}
        for name, given in table.items():
            if name in {"_basis", "_source"}:
                continue
            key = f"{path}.{name}" if path else name
            inner, own, its_source = given, basis, source
            if isinstance(given, dict) and "value" in given and "basis" in given:
                inner, own = given["value"], given["basis"]
                its_source = given.get("source", source if own == basis else None)
                faults.extend(
                    Fault(key, f"unknown beside the value: {odd}")
                    for odd in sorted(given.keys() - {"value", "basis", "source"})
                )
            if isinstance(inner, dict) and _TABLES.fullmatch(key):
                taken[name] = values(inner, key, own, its_source)
            else:
                taken[name] = inner.isoformat() if isinstance(inner, date) else _iso(inner)
                if key not in _PLAIN:
                    faults.extend(_ungrounded(key, own, its_source))
                    bases[key] = [str(own), str(its_source or "")]
        return taken

    return values(document, "", None, None), bases, faults


def _iso(value: Any) -> Any:
    if isinstance(value, list):
        return [_iso(each) for each in value]
    if isinstance(value, dict):
        return {name: _iso(each) for name, each in value.items()}
    return value.isoformat() if isinstance(value, date) else value


def _ungrounded(key: str, basis: Any, source: Any) -> Iterator[Fault]:
    words = [each.value for each in Basis]
    if basis not in words:
        yield Fault(key, f"no basis: say one of {', '.join(words)}")
    elif basis != Basis.ASSUMED and not source:
        yield Fault(key, f"basis {basis} needs its source: the article or notice")


def _heading(body: Mapping[str, Any]) -> list[Fault]:
    faults = []
    if body.get("format") != profile.FORMAT:
        faults.append(Fault("format", f"this schema is {profile.FORMAT}"))
    if not isinstance(body.get("version"), str) or not _VERSION.fullmatch(body["version"]):
        faults.append(Fault("version", "written like qingdao-2026.1"))
    try:
        date.fromisoformat(str(body.get("valid_from")))
    except ValueError:
        faults.append(Fault("valid_from", "a date is missing"))
    return faults


def _against(model: type[BaseModel], name: str, values: Any) -> Iterator[Fault]:
    if values is None:
        yield Fault(name, "section is missing")
        return
    try:
        model.model_validate_json(json.dumps(values, ensure_ascii=False))
    except ValidationError as wrong:
        told = wrong.errors(include_url=False, include_context=False)
        faults = [Fault(".".join(map(str, (name, *each["loc"]))), each["msg"]) for each in told]
        # A list whose items are refused is also called too short: the items say it all.
        for fault in faults:
            if not any(other.key.startswith(f"{fault.key}.") for other in faults):
                yield fault


def _partners(kinds: Any) -> Iterator[Fault]:
    if not isinstance(kinds, dict) or not kinds:
        yield Fault("partners", "section is missing")
        return
    for kind, terms in kinds.items():
        yield from _against(_model(PartnerTerms), f"partners.{kind}", terms)


def _hints(section: type[Section]) -> dict[str, Any]:
    constraints = {name: getattr(annotated_types, name) for name in ("Ge", "Interval", "MinLen")}
    scope = {**vars(profile), **constraints}
    return get_type_hints(section, globalns=scope, include_extras=True)


def _model(section: type[Section]) -> type[BaseModel]:
    hints = _hints(section)
    fields: dict[str, Any] = {name: (_checked(hint), ...) for name, hint in hints.items()}
    strict = ConfigDict(extra="forbid", strict=True)
    return create_model(section.__name__, __config__=strict, **fields)


def _checked(hint: Any) -> Any:
    """The same type with sections as models and forms as patterns."""
    if isinstance(hint, type) and issubclass(hint, Section):
        return _model(hint)
    origin: Any = get_origin(hint)
    inner: Any = get_args(hint)
    if origin is Annotated:
        rules = [
            Field(pattern=f"^(?:{each.pattern})$") if isinstance(each, Matching) else each
            for each in hint.__metadata__
        ]
        form: Any = Annotated
        return form[(_checked(inner[0]), *rules)]
    if origin is tuple:
        return origin[_checked(inner[0]), ...]
    if origin is Mapping:
        return origin[_checked(inner[0]), _checked(inner[1])]
    return hint


Said = Iterator[tuple[str, str]]


def _law_is_kept(body: Mapping[str, Any]) -> Said:
    today = date.fromisoformat(body["valid_from"])
    for bounds, longer in ((profile.LAW_CEILINGS, True), (profile.LAW_FLOORS, False)):
        for key, rule_id in bounds.items():
            section, name = key.split(".")
            given, law = Span(**body[section][name]), periods.rule(rule_id, today)
            if given.unit != law.unit:
                yield key, f"{law.source} counts in {law.unit}"
            elif longer and given.n > law.n:
                yield key, f"{law.source} allows {law.n} {law.unit} at most, a city may shorten it"
            elif not longer and given.n < law.n:
                yield key, f"{law.source} gives {law.n} {law.unit}, a city may not shorten it"


def _plates_are_possible(body: Mapping[str, Any]) -> Said:
    plate = body["plate"]
    for prefix in plate["issuing"]:
        if prefix[0] not in PROVINCES:
            yield "plate.issuing", f"{prefix}: {prefix[0]} is no province"
    for pattern in plate["ordinary_patterns"]:
        if pattern not in ORDINARY_PATTERNS:
            yield "plate.ordinary_patterns", f"{pattern} has more than two letters"
    for key, order in (("pure_letters", PURE_LETTERS), ("non_pure_letters", NON_PURE_LETTERS)):
        if not order.startswith(plate[key]):
            yield f"plate.{key}", f"letters are opened in the order {order}"
    yield from _expressions("plate.reserved_patterns", plate["reserved_patterns"])


def _choice_is_possible(body: Mapping[str, Any]) -> Said:
    forbidden = body["numsel"]["self_composed_forbidden"]
    yield from _expressions("numsel.self_composed_forbidden", forbidden)


def _expressions(key: str, patterns: list[str]) -> Said:
    for pattern in patterns:
        try:
            found = re.compile(pattern)
        except re.error as wrong:
            yield key, f"{pattern}: {wrong}"
            continue
        if found.search(""):
            yield key, f"{pattern}: fits everything"


def _notices_are_readable(body: Mapping[str, Any]) -> Said:
    for year, notice in body["calendar"]["years"].items():
        key = f"calendar.years.{year}"
        try:
            days = published(notice["off"], notice["worked"])
        except ValueError as wrong:
            yield key, str(wrong)
            continue
        if days.off & days.worked:
            yield key, "a day is both off and worked"
        if not any(str(day.year) == year for day in days.off):
            yield key, "no holiday of this year"
        for day in days.worked:
            if day.weekday() < 5:
                yield key, f"{day} is no week-end: it needs no make-up"


def _hours_are_in_order(body: Mapping[str, Any]) -> Said:
    for section in ("inspection", "calendar"):
        opens, closes = body[section]["opens"], body[section]["closes"]
        if not (_CLOCK.fullmatch(opens) and _CLOCK.fullmatch(closes) and opens < closes):
            yield f"{section}.closes", f"{opens} to {closes} are no opening hours"


def _sites_are_distinct(body: Mapping[str, Any]) -> Said:
    yield from _twice("inspection.sites", [each["site_id"] for each in body["inspection"]["sites"]])


def _makers_are_distinct(body: Mapping[str, Any]) -> Said:
    makers = body["manufacturers"]["makers"]
    yield from _twice("manufacturers.makers", [each["code"] for each in makers])
    prefixes = [prefix for each in makers for prefix in each["prefixes"]]
    yield from _twice("manufacturers.makers", prefixes)


def _chains_are_whole(body: Mapping[str, Any]) -> Said:
    steps = body["escalation"]
    if not steps["remind_percent"] < steps["supervisor_percent"] < steps["head_percent"]:
        yield "escalation.head_percent", "each step comes after the one before it"
    parties = [each["party"] for each in steps["chains"]]
    yield from _twice("escalation.chains", parties)
    for name in parties:
        if name not in {*HOLDERS, "office", "agency"} - {OWNER}:
            yield "escalation.chains", f"{name} holds no cases"
    for name in sorted({"office", "agency"} - set(parties)):
        yield "escalation.chains", f"no chain for those that are not named: {name}"


def _promises_are_kept(body: Mapping[str, Any]) -> Said:
    for name, promised in body["promise"].items():
        limit = body["limits"][name]
        if promised["unit"] != limit["unit"] or promised["n"] > limit["n"]:
            yield f"promise.{name}", "longer than the limit, or counted otherwise"


def _twice(key: str, names: list[str]) -> Said:
    for name in sorted({each for each in names if names.count(each) > 1}):
        yield key, f"{name} stands twice"


def _facts_exist(body: Mapping[str, Any]) -> Said:
    known = {kind.value for kind in FactKind}
    for kind in body["verification"]["ttl_seconds"].keys() - known:
        yield f"verification.ttl_seconds.{kind}", "no such kind of fact"


def _retries_grow(body: Mapping[str, Any]) -> Said:
    for kind, terms in body["partners"].items():
        if terms["first_retry_seconds"] > terms["last_retry_seconds"]:
            yield f"partners.{kind}.last_retry_seconds", "shorter than the first"


def _face_is_not_alone(body: Mapping[str, Any]) -> Said:
    if set(body["identity"]["methods"]) == {"FACE"}:
        yield "identity.methods", "the face may not be the only way"


_RULES = (
    (("limits", "temporary_plate", "valid_from"), _law_is_kept),
    (("plate",), _plates_are_possible),
    (("numsel",), _choice_is_possible),
    (("escalation",), _chains_are_whole),
    (("promise", "limits"), _promises_are_kept),
    (("calendar",), _notices_are_readable),
    (("inspection", "calendar"), _hours_are_in_order),
    (("inspection",), _sites_are_distinct),
    (("manufacturers",), _makers_are_distinct),
    (("verification",), _facts_exist),
    (("partners",), _retries_grow),
    (("identity",), _face_is_not_alone),
)


def schema() -> str:
    """The table of keys for cities/README.md, from the very types that are checked."""
    lines: list[str] = []
    for name, section in {**profile.SECTIONS, "partners.<kind>": PartnerTerms}.items():
        lines += [f"### `{name}`", "", _said(section), "", "| key | value |", "|---|---|"]
        lines += [f"| `{key}` | {_described(hint)} |" for key, hint in _fields(section)]
        lines.append("")
    return "\n".join(lines)


def _fields(section: type[Section], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, hint in _hints(section).items():
        if isinstance(hint, type) and issubclass(hint, Section) and hint is not Span:
            yield from _fields(hint, f"{prefix}{name}.")
        else:
            yield prefix + name, hint


def _said(section: type[Section]) -> str:
    return " ".join((section.__doc__ or "").split())


_UNITS = "{n, unit}: unit WORKDAY, DAY, MONTH or YEAR"
_WORDS = {str: "text", int: "number", bool: "true or false", date: "date", Span: _UNITS}


def _described(hint: Any) -> str:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        rules = [_limit(each) for each in hint.__metadata__]
        return ", ".join([_described(inner[0]), *(each for each in rules if each)])
    if origin is tuple:
        return f"list of {_described(inner[0])}"
    if origin is Mapping:
        return f"table of {_described(inner[1])} by {_described(inner[0])}"
    if inner:
        return " or ".join(str(each).lower() if each is False else f"`{each}`" for each in inner)
    if isinstance(hint, type) and issubclass(hint, Section) and hint is not Span:
        keys = (f"{name}: {_described(each)}" for name, each in _fields(hint))
        return "{" + "; ".join(keys) + "}"
    if hint in _WORDS:
        return _WORDS[hint]
    return " or ".join(f"`{each.value}`" for each in hint)


def _limit(rule: Any) -> str:
    if isinstance(rule, Matching):
        form = rule.pattern.replace("|", "\\|")
        return f"form `{form}`"
    if isinstance(rule, annotated_types.Interval):
        return f"{rule.ge} to {rule.le}"
    if isinstance(rule, annotated_types.Ge):
        return f"at least {rule.ge}"
    return ""


def main(arguments: list[str]) -> int:
    if "--schema" in arguments:
        print(schema())
        return 0
    status = 0
    for path in sorted(CITIES.glob("*.toml")):
        try:
            city = load(path)
        except ProfileRefused as refused:
            status = 1
            print(f"{path.name} is refused:\n{refused}")
            continue
        assumed = city.to_be_confirmed()
        print(f"{path.name}: {city.version}, {len(assumed)} values to be confirmed")
        if "--to-confirm" in arguments:
            print("\n".join(f"  {key}: {city.bases[key].source}" for key in assumed))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
