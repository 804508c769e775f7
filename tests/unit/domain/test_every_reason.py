"""No state, branch, end, status, outcome or refusal without card or words, in both languages.

The state machines are walked as they are deployed. Who adds a state, a way out of one, a status, a
holder, a ground or a refusal and says nothing about it is found here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from chepai.domain import refusals, where_it_stands
from chepai.domain.application import Application
from chepai.domain.facts import AGENCIES, Agency, Fact, FactKind
from chepai.domain.findings import Consequence, Ground, Outcome
from chepai.domain.life_cycle import HOLDERS, STAGES, Act, Status
from chepai.domain.periods import city_day
from chepai.domain.reasons import ReasonCard, card_of
from chepai.domain.verification import GROUNDS, JUDGES, USUALS
from chepai.edge.asking_for import CHECK_OF
from chepai.edge.stopping import late_ground
from chepai.edge.texts import LANGUAGES, codes, say
from chepai.edge.views import card as worded
from chepai.edge.weighing import recorded
from infra import definitions
from infra.workflows import fragments
from tests.unit.domain.cases import NOW, VIN, case, fact, profile, reissue_case

K = FactKind
HAN = re.compile(r"[㐀-鿿]")
MACHINES = definitions.everywhere()
SERVICES = ("new_car", "certificate_reissue")
# Codes, names, marks and what stands for a masked value: not words of either language.
NO_WORDS = re.compile(r"\b(?:VIN|F\d\d|A\d\d)\b")


def application(status: Status, service: str = "new_car", **differs: Any) -> Application:
    given: dict[str, Any] = {
        "application_id": "app_1",
        "service": service,
        "city": "qingdao",
        "profile_version": "1",
        "person_id": "per_1",
        "status": status,
        "submitted_at": NOW.isoformat(),
        "vin": VIN,
        "orders": 1,
    }
    return Application(**{**given, **differs})


def assert_complete(card: ReasonCard) -> None:
    """Every part is there, said in both languages, with nothing left open."""
    for part in fields(card):
        value = getattr(card, part.name)
        assert value or part.name in ("field", "seen"), (card.code, part.name)
    assert card.deadline >= city_day(NOW), card.code
    assert card.agency in set(Agency), card.code
    assert card.who_must_act in set(Agency), card.code
    texts = worded(recorded(card))["texts"]
    parts = {"what", "rule", "agency", "who_must_act", "what_fixes_it", "deadline", "appeal"}
    assert parts <= texts.keys() <= parts | {"field"}
    for part, said in texts.items():
        for language in LANGUAGES:
            for name, text in said[language].items():
                where = (card.code, part, language, name)
                assert text.strip(), where
                assert not re.search(r"[{}]", text), where
                # A masked value is shown as the agency wrote it, in either language.
                assert_language(text.replace(card.seen or "\0", ""), language, where)


def assert_language(text: str, language: str, where: object) -> None:
    if language == "en":
        assert not HAN.search(text.replace("车牌", "")), where
    else:
        plain = NO_WORDS.sub("", text)
        assert HAN.search(plain) or not re.search(r"[A-Za-z]{4,}", plain), where
        assert not re.search(r"[a-z]{3,} [a-z]{3,}", plain), where


# --- grounds, judges, services ------------------------------------------------------------------


@pytest.mark.parametrize("code", GROUNDS)
def test_every_ground_has_a_whole_card(code: str) -> None:
    ground = GROUNDS[code]
    assert_complete(card_of(ground, today=city_day(NOW), profile=profile(), seen="370***0019"))


@pytest.mark.parametrize("kind", JUDGES)
@pytest.mark.parametrize("service", SERVICES)
def test_every_judge_can_be_told_whatever_it_finds(kind: FactKind, service: str) -> None:
    about = case() if service == "new_car" else reissue_case()
    outcomes = set()
    for given in (None, fact(kind), *(fact(kind, **{name: word}) for name, word in _words(kind))):
        found = JUDGES[kind](given, about, now=NOW, profile=profile(emission_check=True))
        for each in found.each():
            outcomes.add(each.outcome)
            seen = each.seen
            card = card_of(GROUNDS[each.code], today=city_day(NOW), profile=profile(), seen=seen)
            assert_complete(card)
    assert {Outcome.MATCHED} < outcomes or kind is K.MORTGAGE
    told = {ground.outcome for ground in USUALS[kind]}
    assert set(Outcome) - {Outcome.MISMATCHED} <= told, "silence, absence and failure are told"


def _words(kind: FactKind) -> Iterator[tuple[str, Any]]:
    from tests.unit.domain.test_mutations import mutants

    return ((name, wrong) for this, name, wrong in mutants() if this is kind)


def test_every_consequence_is_met_by_a_ground() -> None:
    assert {ground.consequence for ground in GROUNDS.values()} == set(Consequence)


# --- statuses, holders, acts --------------------------------------------------------------------


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("stuck", ["", "Overdue"])
def test_every_status_is_told_as_a_card(status: Status, service: str, stuck: str) -> None:
    about = application(status, service, stuck_because=stuck)
    assert_complete(where_it_stands.card(about, {}, now=NOW, profile=profile()))
    for language in LANGUAGES:
        own = f"{status}.{service}"
        said = say("states", own if own in codes("states") else status.value, language)
        assert {"title", "holder", "do"} <= said.keys(), status
        for name, text in said.items():
            assert_language(text, language, (status, name))


def test_every_holder_and_act_has_its_words() -> None:
    assert {f"holder.{holder}" for holder in HOLDERS} - codes("states") == set()
    assert {act for stage in STAGES.values() for act in stage.acts} <= set(Act)


MISHAPS = {
    (Status.AWAITING_FEE, K.FEE, "status", "DECLINED"): "A02-DECLINED",
    (Status.AWAITING_FEE, K.FEE, "status", "UNKNOWN"): "A02-UNKNOWN",
    (Status.REGISTERING, K.REGISTER, "result", "UNKNOWN"): "A04-UNKNOWN",
    (Status.IN_PRODUCTION, K.PLATES, "result", "FAILED"): "A05-FAILED",
    (Status.IN_PRODUCTION, K.PAPERS, "result", "FAILED"): "A06-FAILED",
    (Status.DISPATCHED, K.DELIVERY, "state", "FAILED_ATTEMPT"): "F20-FAILED-ATTEMPT",
    (Status.DISPATCHED, K.DELIVERY, "state", "LOST"): "F20-LOST",
    (Status.KEPT_FOR_PICK_UP, K.DELIVERY, "state", "RETURNED"): "F20-RETURNED",
}


@pytest.mark.parametrize(("where", "code"), MISHAPS.items())
def test_what_befell_a_case_is_told_with_its_agency(
    where: tuple[Status, FactKind, str, str], code: str
) -> None:
    status, kind, name, word = where
    about = application(status)
    told = where_it_stands.card(
        about, {kind: [_said(kind, name, word)]}, now=NOW, profile=profile()
    )
    assert (told.code, told.agency) == (code, AGENCIES[kind].agency)
    assert_complete(told)
    calm = where_it_stands.card(about, {}, now=NOW, profile=profile())
    assert calm.code != code


def _said(kind: FactKind, name: str, word: str) -> Fact:
    says = {name: word, "waybill": "W1", "parcel": "PLATES", "order_no": "app_1-1"}
    plain = fact(K.VESSEL_TAX)
    return Fact(**{**vars(plain), "kind": kind, "says": says})


def test_a_case_on_its_way_back_waits_for_its_refund() -> None:
    about = application(Status.AWAITING_FEE, ending="withdrawn", fee_state="PAID")
    told = where_it_stands.card(about, {}, now=NOW, profile=profile())
    assert (told.code, told.agency) == ("A13-PENDING", "treasury")


def test_the_last_day_is_that_of_the_wait() -> None:
    about = application(Status.AWAITING_OWNER, since=(NOW - timedelta(days=2)).isoformat())
    told = where_it_stands.card(about, {}, now=NOW, profile=profile())
    days = profile().patience.of_steps()["wait_for_owner"] // 86_400
    assert told.deadline == city_day(NOW + timedelta(days=days - 2))
    assert (told.deadline_kind, told.who_must_act) == ("owner", "owner")


# --- the machines -------------------------------------------------------------------------------

# What an answer that breaks a wait is told as, by the error that the machine catches.
BROKEN: Mapping[tuple[str, str], str] = {
    ("wait_for_officer", "Refused"): "A09-CONFIRMED",
    ("wait_for_cosignature", "Refused"): "A10-REFUSED",
    ("review_application", "Refused"): "A03-REFUSED",
    ("ask_the_register", "RegisterRefused"): "A04-REFUSED",
    ("replace_at_the_register", "RegisterRefused"): "A04-REFUSED",
    ("recheck_facts", "NoLongerInOrder"): "weighed",
    ("make_plates_and_papers", "MustBeMadeAgain"): "A05-FAILED",
    ("print_certificate", "MustBeMadeAgain"): "A06-FAILED",
    ("send_parcel", "ParcelLost"): "F20-LOST",
    ("send_parcel", "ParcelReturned"): "F20-RETURNED",
    ("accept_application", "NumberLost"): "A01-HOLD-LAPSED",
    ("stop_application", "ReviewOwed"): "A03-WAITING",
}
# In which status a wait is, and so what its end is told as when nothing comes.
WAITS: Mapping[str, Status] = {
    "wait_for_correction": Status.NEEDS_CORRECTION,
    "wait_for_agency": Status.AWAITING_SOURCE,
    "wait_for_cosignature": Status.AWAITING_SOURCE,
    "wait_for_inspection": Status.ON_SITE_REQUIRED,
    "wait_for_officer": Status.CONVERTED_ON_SITE,
    "wait_for_owner": Status.AWAITING_OWNER,
    "wait_for_fee": Status.AWAITING_FEE,
    "review_application": Status.REVIEWING,
    "recheck_facts": Status.APPROVED,
    "ask_the_register": Status.REGISTERING,
    "replace_at_the_register": Status.REGISTERING,
    "make_plates_and_papers": Status.IN_PRODUCTION,
    "print_certificate": Status.IN_PRODUCTION,
    "send_parcel": Status.DISPATCHED,
    "keep_for_pick_up": Status.KEPT_FOR_PICK_UP,
    "refund_fee": Status.AWAITING_FEE,
}
# What a weighing or a step answers, and the status in which a case then is.
OUTCOMES: Mapping[str, Status] = {
    **{status.value: status for status in Status},
    "verify": Status.VERIFYING,
    "correction": Status.NEEDS_CORRECTION,
    "agency": Status.AWAITING_SOURCE,
    "inspection": Status.ON_SITE_REQUIRED,
    "officer": Status.CONVERTED_ON_SITE,
    "owner": Status.AWAITING_OWNER,
    "fee": Status.AWAITING_FEE,
    "review": Status.REVIEWING,
    "recheck": Status.APPROVED,
    "register": Status.REGISTERING,
    "make": Status.IN_PRODUCTION,
    "send": Status.DISPATCHED,
    "keep": Status.KEPT_FOR_PICK_UP,
    "close": Status.CLOSED,
    "stop": Status.NOT_ACCEPTED,
    "verified": Status.AWAITING_OWNER,
    "cosignature": Status.AWAITING_SOURCE,
    "on_site": Status.ON_SITE_REQUIRED,
    "suspicious": Status.CONVERTED_ON_SITE,
    "refused": Status.NOT_ACCEPTED,
}
ENDS: Mapping[str, Status] = {
    "Withdrawn by the owner": Status.WITHDRAWN,
    "Refused with reasons": Status.REJECTED,
    "Not accepted, with reasons": Status.NOT_ACCEPTED,
    "Expired without an answer from the owner": Status.EXPIRED,
    "New certificate delivered": Status.CLOSED,
    "Plates and papers delivered": Status.CLOSED,
}
CHECKS = {step: kind for kind, step in CHECK_OF.items()}

States = list[tuple[str, str, Mapping[str, Any]]]
STATES: States = [
    (machine, name, state)
    for machine, definition in MACHINES.items()
    for name, state in definitions.states_of(definition)
]


def of(kind: str) -> States:
    return [each for each in STATES if each[2]["Type"] == kind]


def step_of(state: Mapping[str, Any]) -> str:
    return str(state["Parameters"]["FunctionName"]).strip("${}")


def caught(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every error that a state catches by its own name, with where it leads."""
    for each in state.get("Catch", ()):
        for error in each["ErrorEquals"]:
            if error == "States.Timeout" or error not in fragments.TECHNICAL:
                yield error, each["Next"]


def told_of(code: str) -> None:
    assert code == "weighed" or code in GROUNDS, code


@pytest.mark.parametrize(("machine", "name", "state"), of("Task"))
def test_every_way_out_of_a_step_has_its_card(
    machine: str, name: str, state: Mapping[str, Any]
) -> None:
    step = step_of(state)
    technical = {error for each in state["Catch"] for error in each["ErrorEquals"]}
    if step not in CHECKS:
        # A branch of the verification leaves technical trouble to the whole of it.
        assert {"StepFailed", "States.TaskFailed"} <= technical, "trouble lands on a clerk's desk"
    waits = state["Resource"].endswith(".waitForTaskToken")
    for error, _ in caught(state):
        if error == "Withdrawn":
            continue
        if error == "States.Timeout":
            if waits:
                assert_complete(late_card(step, machine, state))
            continue
        told_of(BROKEN[step, error])
    if waits and step not in CHECKS:
        about = application(WAITS[step], machine)
        assert_complete(where_it_stands.card(about, {}, now=NOW, profile=profile()))


def late_card(step: str, machine: str, state: Mapping[str, Any]) -> ReasonCard:
    """What is told when the patience of a waiting state ends."""
    if step in CHECKS:
        ground: Ground = USUALS[CHECKS[step]].silent
    elif dict(caught(state))["States.Timeout"] == fragments.STOP:
        reasons = [{"code": "F14-COSIGN"}] if step == "wait_for_cosignature" else []
        ground = late_ground(application(WAITS[step], machine, reasons=reasons))
    else:
        # A reminder goes out; while it does, the case is told as what it waits for, and once
        # nobody answered often enough, as on a clerk's desk.
        about = application(WAITS[step], machine, stuck_because="Overdue")
        ground = where_it_stands.ground_of(about, {})
        assert ground.code == "A09-STUCK"
    return card_of(ground, today=city_day(NOW), profile=profile())


def test_each_wait_that_ends_a_case_ends_with_a_reason_of_its_own() -> None:
    told = {
        step_of(state): late_card(step_of(state), machine, state).code
        for machine, _, state in of("Task")
        if step_of(state) in WAITS and dict(caught(state)).get("States.Timeout") == fragments.STOP
    }
    assert told == {
        "wait_for_correction": "A08-EXPIRED",
        "wait_for_inspection": "A07-EXPIRED",
        "wait_for_owner": "A01-EXPIRED",
        "wait_for_fee": "A02-EXPIRED",
        "wait_for_cosignature": "A10-EXPIRED",
    }


@pytest.mark.parametrize(("machine", "name", "state"), of("Choice"))
def test_every_branch_of_a_choice_leads_where_there_is_a_card(
    machine: str, name: str, state: Mapping[str, Any]
) -> None:
    assert state["Default"] == fragments.CLERK, "a word that nobody foresaw is a clerk's"
    for branch in state["Choices"]:
        status = OUTCOMES[branch["StringEquals"]]
        about = application(status, machine)
        assert_complete(where_it_stands.card(about, {}, now=NOW, profile=profile()))


@pytest.mark.parametrize(("machine", "name", "state"), of("Succeed"))
def test_every_end_has_a_card(machine: str, name: str, state: Mapping[str, Any]) -> None:
    about = application(ENDS[name], machine)
    assert_complete(where_it_stands.card(about, {}, now=NOW, profile=profile()))
    assert STAGES[ENDS[name]].holder is None


def test_what_fails_lies_on_a_clerks_desk() -> None:
    assert {name for _, name, _ in of("Fail")} == {"A clerk must look at this"}


def test_no_kind_of_state_is_forgotten() -> None:
    kinds = {state["Type"] for _, _, state in STATES}
    assert kinds == {"Task", "Choice", "Succeed", "Fail", "Parallel", "Pass"}
    silences = [name for _, name, _ in of("Pass")]
    assert len(silences) == len(CHECKS) + 2, "identity and status are asked in both services"
    cards = len(GROUNDS) + len(list(Status)) * 4 + len(MISHAPS)
    print(f"{len(STATES)} states, {len(GROUNDS)} grounds, {cards} cards, both languages")


# --- refusals -----------------------------------------------------------------------------------

REFUSALS = [
    each
    for each in vars(refusals).values()
    if isinstance(each, type) and issubclass(each, refusals.Refusal) and hasattr(each, "code")
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda each: each.__name__)
def test_every_refusal_is_said_in_both_languages(refusal: type[refusals.Refusal]) -> None:
    for language in LANGUAGES:
        said = say("problems", refusal.code, language)
        assert {"title", "detail"} <= said.keys(), (refusal.code, language)
        for name, text in said.items():
            assert text.strip()
            assert not re.search(r"[{}]", text)
            assert_language(text, language, (refusal.code, name))
