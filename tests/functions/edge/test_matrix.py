"""Every route × everybody who may come: each cell asserted, none left out.

Foreign is 404 like unknown, no valid token is 401, another role is 403. Behind the gateway each
function refuses by itself as well.
"""

import json
import time
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pytest

from chepai.edge.roles import (
    ADMINISTRATORS,
    AGENT,
    AT_A_COUNTER,
    CITIZEN,
    CLERK,
    KEPT_FROM_COUNTERS,
    ROUTES,
    STAFF,
    TOKENS,
    is_signed,
)
from chepai.records.rates import Rates, Turn
from chepai.records.sessions import Sessions
from tests.functions.citizen.office import OTHER, PERSON, Office
from tests.functions.conftest import PLACE, a_city
from tests.functions.edge.gateway import AUDIENCE, Gateway, Issuer, a_body, placeholders

NOT_SIGNED_IN, NOT_PERMITTED, TOO_WEAK, COMBINED = "VR-201", "VR-202", "VR-207", "VR-209"
UNKNOWN_APPLICATION = "app_" + "7" * 26
# A body that the smallest one of its model is not: what the route's own rules ask for.
BODIES: dict[str, dict[str, Any]] = {
    "PUT /v1/applications/{application_id}/delivery-address": {
        "address": "青岛市某路1号",
        "phone": "13800138000",
    },
}


@dataclass(frozen=True)
class Comer:
    """Somebody who comes with a token, and what the token is worth."""

    name: str
    claims: dict[str, Any] | None
    forged: bool = False
    roles: frozenset[str] = frozenset()
    always: tuple[int, str] | None = None


def person(who: str, *roles: str) -> dict[str, Any]:
    return {"sub": who, "scope": " ".join(roles), "aal": "2", "amr": ["NET_ID"]}


def member(*roles: str, **more: Any) -> dict[str, Any]:
    said = {"sub": "sta_1", "scope": " ".join(roles), "amr": ["pwd", "swk"], "sid": "s"}
    return said | {"auth_time": int(time.time()), "unit": "u1"} | more


def comers() -> list[Comer]:
    at = int(time.time())
    owner = person(PERSON, CITIZEN)
    refused = [
        Comer("nobody", None, always=(401, "")),
        Comer("expired", owner | {"exp": at - 1}, always=(401, "")),
        Comer("forged", owner, forged=True, always=(401, "")),
        Comer("another audience", owner | {"aud": AUDIENCE + "-2"}, always=(401, "")),
        Comer("another issuer", owner | {"iss": "https://other.test"}, always=(401, "")),
        Comer("unsigned", None, always=(401, "")),
    ]
    people = [
        Comer("owner", owner, roles=frozenset({CITIZEN})),
        Comer("another citizen", person(OTHER, CITIZEN), roles=frozenset({CITIZEN})),
        Comer("an agent without a power", person(OTHER, AGENT), roles=frozenset({AGENT})),
        Comer("no role", person(OTHER), roles=frozenset()),
        Comer("a role of nobody's", person(OTHER, "king"), roles=frozenset()),
    ]
    staff = [Comer(role, member(role), roles=frozenset({role})) for role in sorted(STAFF)]
    wrong = [
        Comer(f"{role}, {how}", member(role, **more), roles=frozenset({role}), always=always)
        for role in sorted(STAFF)
        for how, more, always in (
            ("one factor", {"amr": ["pwd"]}, (403, TOO_WEAK)),
            ("no key", {"amr": ["pwd", "otp"]}, (403, TOO_WEAK)),
            ("yesterday's session", {"auth_time": at - 8 * 3600 - 1}, (401, NOT_SIGNED_IN)),
            ("a long token", {"exp": at + 3600}, (401, NOT_SIGNED_IN)),
        )
    ]
    others = sorted(STAFF - ADMINISTRATORS)
    pairs = [
        *combinations(sorted(ADMINISTRATORS), 2),
        *((each, other) for each in sorted(ADMINISTRATORS) for other in others),
        *((CITIZEN, each) for each in sorted(STAFF)),
    ]
    together = [
        Comer(" and ".join(pair), member(*pair), roles=frozenset(pair), always=(403, COMBINED))
        for pair in pairs
    ]
    return [*refused, *people, *staff, *wrong, *together]


class Cells:
    """Asks every cell and keeps those that are not as they should be."""

    def __init__(self, city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.office = Office(city, monkeypatch)
        self.application_id = self.office.file()
        self.issuer, self.stranger = Issuer(), Issuer()
        # How often somebody may ask has tests of its own; here everybody asks about everything.
        monkeypatch.setattr(Rates, "take", lambda *_, **__: Turn(allowed=True, left=9, seconds=60))
        self.gateway = Gateway(city, self.issuer)
        self._monkeypatch = monkeypatch
        self._tokens: dict[str, str] = {}
        self.seen = 0
        self.wrong: list[str] = []

    def token(self, comer: Comer) -> str:
        if comer.claims is None:
            return "" if comer.name == "nobody" else "eyJhbGciOiJub25lIn0.e30."
        if comer.name not in self._tokens:
            issuer = self.stranger if comer.forged else self.issuer
            self._tokens[comer.name] = issuer.token(comer.claims)
        return self._tokens[comer.name]

    def ask(self, key: str, comer: Comer, *, behind: bool = False) -> tuple[int, str]:
        declared = self.gateway.routes[key][2]
        named = {
            name: self.application_id if name == "application_id" else "x" * 8
            for name in placeholders(declared.path)
        }
        raw = json.dumps(BODIES.get(key) or a_body(declared.body)) if _sends(declared) else None
        self.gateway.function(key)
        for machine in ("NEW_CAR", "CERTIFICATE_REISSUE"):
            # A function that starts has the name that the template gives, which is no machine here.
            self._monkeypatch.setenv(f"{machine}_MACHINE_ARN", self.office.machine)
        if behind:
            claims = {n: _text(v) for n, v in (comer.claims or {}).items()}
            at = int(time.time())
            claims = {"iat": str(at), "exp": str(at + 900), **claims} if claims else {}
            answer = self.gateway.behind(key, claims, raw=raw, path=named)
        else:
            answer = self.gateway.ask(key, self.token(comer), raw=raw, path=named)
        return answer["statusCode"], str(json.loads(answer.get("body") or "{}").get("code", ""))

    def expect(self, key: str, comer: Comer, said: tuple[int, str], right: bool) -> None:
        self.seen += 1
        if not right:
            self.wrong.append(f"{key} × {comer.name}: {said}")


def _sends(declared: Any) -> bool:
    return bool(declared.body.model_fields) and declared.method != "GET"


def _text(value: Any) -> str:
    return "[" + " ".join(value) + "]" if isinstance(value, list) else str(value)


@pytest.fixture(scope="module")
def everything():
    """One city for all cells: starting every function takes longer than asking it."""
    with pytest.MonkeyPatch.context() as patch, a_city(patch) as city:
        yield Cells(city, patch)


@pytest.fixture
def cells(everything):
    everything.seen, everything.wrong = 0, []
    return everything


def _refused_role(key: str, comer: Comer) -> bool:
    return not comer.roles & set(ROUTES[key])


def test_every_route_answers_everybody_as_its_row_says(cells, capsys):
    everybody = comers()
    for key in sorted(cells.gateway.routes):
        for comer in everybody:
            said = cells.ask(key, comer)
            cells.expect(key, comer, said, _is_right(key, comer, *said))
    with capsys.disabled():
        count = f"{len(cells.gateway.routes)} routes × {len(everybody)} callers"
        print(f"\naccess matrix: {count} = {cells.seen} cells")
    assert cells.wrong == []
    assert cells.seen == len(ROUTES) * len(everybody)


def _is_right(key: str, comer: Comer, status: int, code: str) -> bool:
    if is_signed(key):
        return status == 401
    if not ROUTES[key]:
        return status not in {401, 403} and status < 500
    if comer.always and comer.always[0] == 401 and not comer.always[1]:
        return status == 401
    if comer.always and CLERK in comer.roles and key in AT_A_COUNTER:
        # The gateway lets clerks through to what a session opens; the rest is for the function.
        return (status, code) == comer.always
    if _refused_role(key, comer):
        return status == 403
    if comer.always:
        return (status, code) == comer.always
    if code in {NOT_SIGNED_IN, NOT_PERMITTED, COMBINED} or status >= 500:
        return False
    if "{application_id}" in key and comer.name in {"another citizen", "an agent without a power"}:
        return status == 404
    return True


def test_a_function_refuses_by_itself_whom_the_gateway_should_have(cells):
    for key in sorted(cells.gateway.routes):
        if not ROUTES[key] or is_signed(key):
            continue
        for comer in comers():
            if comer.forged or comer.name in {"expired", "another audience", "another issuer"}:
                continue
            status, code = cells.ask(key, comer, behind=True)
            if comer.claims is None:
                right = (status, code) == (401, NOT_SIGNED_IN)
            elif comer.always:
                right = (status, code) == comer.always
            elif _refused_role(key, comer):
                right = (status, code) == (403, NOT_PERMITTED)
            else:
                continue
            cells.expect(key, comer, (status, code), right)
    assert cells.wrong == []


def test_a_session_opens_to_its_clerk_what_the_table_says_and_nothing_else(cells):
    session = {
        "session_id": "cse_" + "0" * 26, "staff_id": "sta_1", "person_id": PERSON, "unit": "u1",
        "way": "counter", "opened_at": "2026-11-01T00:00:00.000Z",
        "until": "2999-01-01T00:00:00.000Z",
    }  # fmt: skip
    Sessions(PLACE.name("sessions")).put(session, when="attribute_not_exists(session_id)")
    headers = {"On-Behalf-Of": PERSON, "Counter-Session": session["session_id"]}
    clerk = Comer("clerk", member(CLERK), roles=frozenset({CLERK}))
    for key in sorted({*AT_A_COUNTER, *KEPT_FROM_COUNTERS}):
        declared = cells.gateway.routes[key][2]
        raw = json.dumps(BODIES.get(key) or a_body(declared.body)) if _sends(declared) else None
        named = {
            name: cells.application_id if name == "application_id" else "x" * 8
            for name in placeholders(declared.path)
        }
        answer = cells.gateway.ask(key, cells.token(clerk), raw=raw, path=named, headers=headers)
        status = answer["statusCode"]
        code = json.loads(answer.get("body") or "{}").get("code", "")
        opened = code not in {NOT_SIGNED_IN, NOT_PERMITTED, COMBINED, "VR-220"} and status < 500
        cells.expect(key, clerk, (status, code), opened if key in AT_A_COUNTER else status == 403)
    assert cells.wrong == []
    assert cells.seen > 40


def test_a_foreign_case_is_answered_like_an_unknown_one(cells):
    other = Comer("another citizen", person(OTHER, CITIZEN), roles=frozenset({CITIZEN}))
    compared = 0
    for key, (_, _, declared) in sorted(cells.gateway.routes.items()):
        if "{application_id}" not in key or CITIZEN not in ROUTES[key]:
            continue
        raw = json.dumps(BODIES.get(key) or a_body(declared.body)) if _sends(declared) else None
        said = [
            cells.gateway.ask(key, cells.token(other), raw=raw, path={"application_id": each})
            for each in (cells.application_id, UNKNOWN_APPLICATION)
        ]
        foreign, unknown = ({k: v for k, v in a.items() if k != "headers"} for a in said)
        assert foreign == unknown, key
        assert foreign["statusCode"] == 404, key
        # What is counted down tells nothing apart either.
        names = [sorted(a["headers"]) for a in said]
        assert names[0] == names[1], key
        compared += 1
    assert compared > 15


def test_a_foreign_case_costs_the_same_work_as_an_unknown_one(cells, monkeypatch):
    """The same calls of the database, so no clock can tell them apart."""
    from chepai.records.aws import client

    calls: list[str] = []
    dynamodb = client("dynamodb")
    dynamodb.meta.events.register(
        "before-call.dynamodb.*", lambda model, **_: calls.append(model.name)
    )
    other = Comer("another citizen", person(OTHER, CITIZEN), roles=frozenset({CITIZEN}))
    for key, (_, _, declared) in sorted(cells.gateway.routes.items()):
        if "{application_id}" not in key or CITIZEN not in ROUTES[key]:
            continue
        raw = json.dumps(BODIES.get(key) or a_body(declared.body)) if _sends(declared) else None
        made = []
        for each in (cells.application_id, UNKNOWN_APPLICATION):
            cells.gateway.function(key)
            calls.clear()
            cells.gateway.ask(key, cells.token(other), raw=raw, path={"application_id": each})
            made.append([c for c in calls if c != "UpdateItem"])
        assert made[0] == made[1], key


def test_every_row_is_a_route_and_every_role_opens_one_or_is_kept_for_later(cells):
    assert ROUTES.keys() == cells.gateway.routes.keys()
    opened = {role for roles in ROUTES.values() for role in roles}
    assert opened <= TOKENS | {"partner"}
