"""Whatever is sent to the city: a clear 4xx with its code, nothing lost, nothing twice."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chepai.edge.webhook_signature import read_rings, sign
from infra.local.city import City
from infra.local.scenarios.owner import Owner
from infra.local.scenarios.staff import Staff
from infra.local.scenarios.stage import Stage
from infra.local.scenarios.wire import Refused, Reply, Wire

JSON = {"content-type": "application/json", "idempotency-key": "one-and-the-same"}
NOBODY = "app_00000000000000000000000000"


@pytest.fixture(scope="module")
def owner(city: City) -> Owner:
    """Somebody whose case waits for a signature and a number."""
    stage = Stage(city.url, "bad-input", says=print)
    someone = Owner(stage, stage.sandbox.car())
    someone.registers()
    someone.reaches("awaiting_owner", going_on=False)
    return someone


@pytest.fixture(scope="module")
def stranger(city: City) -> Owner:
    stage = Stage(city.url, "stranger", says=print)
    return Owner(stage, stage.sandbox.car())


@pytest.fixture(scope="module")
def routes(city: City) -> list[tuple[str, str, dict[str, Any]]]:
    """Every route as the city describes it."""
    described = Wire(city.url).get("/openapi.json")
    return [
        (method.upper(), path, what)
        for path, methods in described["paths"].items()
        for method, what in methods.items()
        if method in {"get", "post", "put", "patch", "delete"}
    ]


def told(reply: Reply) -> dict[str, Any]:
    """The problem of a refusal: it says its code and the same in both languages."""
    assert 400 <= reply.status < 500, (reply.status, reply.data[:300])
    problem: dict[str, Any] = reply.json
    assert reply.headers["content-type"].startswith("application/problem+json"), reply.data[:300]
    assert problem["code"].startswith("VR-")
    assert problem["title"]
    assert problem["translations"]
    return problem


MALFORMED = [
    (b"{", "VR-101"),
    (b"[]", "VR-101"),
    (b"null", "VR-101"),
    (b"\xff\xfe", "VR-101"),
    (b'{"vin": NaN}', "VR-101"),
    (b'{"vin": "a", "vin": "b"}', "VR-101"),
    (b"[" * 5000, "VR-101"),
    (b'"' + b"x" * (65 * 1024) + b'"', "VR-102"),
]


@pytest.mark.parametrize(("body", "code"), MALFORMED)
def test_a_malformed_body_is_told(owner: Owner, body: bytes, code: str) -> None:
    reply = owner.wire.ask("POST", "/v1/new-car-registrations", body, JSON)
    problem = told(reply)
    assert problem["code"] in {code, "VR-103"}, problem


FIELDS = [
    ({}, "vin"),
    ({"vin": 7}, "vin"),
    ({"vin": None}, "vin"),
    ({"vin": ["LSV"]}, "vin"),
    ({"vin": "x" * 5000}, "vin"),
    ({"vin": "LSVAAAAA0TA38753I"}, "vin"),
    ({"vin": "LSVAAAAA1TA387532", "use_character": "AA"}, "use_character"),
    ({"vin": "LSVAAAAA1TA387532", "colour": "red"}, "colour"),
]


@pytest.mark.parametrize(("body", "field"), FIELDS)
def test_a_wrong_field_is_named(owner: Owner, body: dict[str, Any], field: str) -> None:
    reply = owner.wire.ask("POST", "/v1/new-car-registrations", json.dumps(body).encode(), JSON)
    problem = told(reply)
    assert problem["code"] == "VR-103"
    assert field in {each["field"] for each in problem["fields"]}, problem


@pytest.mark.parametrize(
    "strange", [NOBODY, "app_", "app_%F0%9F%98%80", "x" * 300, "vin%23LSV", "..%2F..", "%00"]
)
def test_an_unknown_id_and_a_foreign_one_look_alike(
    owner: Owner,
    stranger: Owner,
    routes: list[tuple[str, str, dict[str, Any]]],
    strange: str,
) -> None:
    about_cases = [
        (method, path, what)
        for method, path, what in routes
        if "{application_id}" in path and not path.startswith("/v1/staff")
    ]
    assert len(about_cases) > 10
    for method, path, what in about_cases:
        body = b"{}" if "requestBody" in what else None
        unknown = stranger.wire.ask(method, path.format(application_id=strange), body, JSON)
        foreign = stranger.wire.ask(
            method, path.format(application_id=owner.application_id), body, JSON
        )
        for reply in (unknown, foreign):
            assert 400 <= reply.status < 500, (method, path, strange, reply.status, reply.data)
        if strange == NOBODY:
            assert unknown.status == foreign.status, (method, path)
            assert told(unknown)["code"] == told(foreign)["code"], (method, path)


def test_every_body_refuses_what_is_not_its_form(
    owner: Owner, routes: list[tuple[str, str, dict[str, Any]]]
) -> None:
    taking = [
        (method, path)
        for method, path, what in routes
        if "requestBody" in what and path.startswith("/v1/") and "/staff/" not in path
    ]
    assert taking
    for method, path in taking:
        at = path.format_map(defaultdict(lambda: "anything", application_id=owner.application_id))
        for body in (b"{", b"[]", b'{"surely_unknown": 1}', b'{"a": ' * 200, b"7"):
            reply = owner.wire.ask(method, at, body, JSON)
            assert 400 <= reply.status < 500, (method, path, body[:20], reply.status, reply.data)


def test_no_token_a_forged_one_and_anothers_role_are_refused(
    city: City, owner: Owner, routes: list[tuple[str, str, dict[str, Any]]]
) -> None:
    head, claims, signature = owner.token.split(".")
    opened = json.loads(urlsafe_b64decode(claims + "=="))
    opened["sub"] = "per_00000000000000000000000000"
    other = urlsafe_b64encode(json.dumps(opened).encode()).rstrip(b"=").decode()
    unsigned = urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    staff = owner.stage.sandbox.staff_token("sta_clerk_1", "clerk")
    tokens = {
        "": 401,
        "nonsense": 401,
        f"{head}.{other}.{signature}": 401,
        f"{unsigned}.{claims}.": 401,
        staff: 403,
    }
    closed = [
        (m, p) for m, p, what in routes if p.startswith("/v1/applications") and what.get("security")
    ]
    assert closed
    for token, status in tokens.items():
        wire = Wire(city.url, token=token)
        for method, path in closed[:6]:
            reply = wire.ask(method, path.format(application_id=owner.application_id), None, JSON)
            assert reply.status == status, (method, path, token[:12], reply.status)
    citizen_at_desk = owner.wire.ask("GET", f"/v1/staff/applications/{owner.application_id}")
    assert citizen_at_desk.status == 403


def test_a_face_alone_opens_nothing(owner: Owner) -> None:
    with pytest.raises(Refused) as refused:
        owner.stage.sandbox.citizen_token(owner.car.person_id, ["FACE"])
    assert refused.value.status == 401


def test_the_same_request_again_is_the_same_case(city: City) -> None:
    stage = Stage(city.url, "twice", says=print)
    someone = Owner(stage, stage.sandbox.car())
    application_id = someone.registers()
    body = {"vin": someone.car.vin}
    with pytest.raises(Refused) as other_key:
        someone.wire.post("/v1/new-car-registrations", body, key="another")
    assert (other_key.value.status, other_key.value.code) == (409, "VR-302")
    mine = someone.wire.get("/v1/applications")["applications"]
    assert [each["application_id"] for each in mine] == [application_id]


def test_two_devices_at_once_file_one_case(city: City) -> None:
    stage = Stage(city.url, "two-devices", says=print)
    first = Owner(stage, stage.sandbox.car())
    second = Owner(stage, first.car)
    stage.until("the invoice is known", lambda: _invoices(first))

    def file(owner: Owner) -> Reply:
        body = json.dumps({"vin": owner.car.vin}).encode()
        key = {"content-type": "application/json", "idempotency-key": str(id(owner))}
        return owner.wire.ask("POST", "/v1/new-car-registrations", body, key)

    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(file, (first, second)))
    assert sorted(each.status for each in replies) == [201, 409], [each.data for each in replies]
    same = json.dumps({"vin": first.car.vin}).encode()
    again = {"content-type": "application/json", "idempotency-key": "a-third"}
    assert (
        told(first.wire.ask("POST", "/v1/new-car-registrations", same, again))["code"] == "VR-302"
    )


def _invoices(owner: Owner) -> list[Any] | None:
    try:
        return owner.wire.get("/v1/me/invoices")["invoices"] or None
    except Refused as no:
        # Who has just signed in is known a moment later.
        if no.code == "VR-208":
            return None
        raise


def test_two_devices_choose_one_number_and_pay_once(owner: Owner) -> None:
    offered = owner.offered()
    owner.signs()

    def choose(number: str) -> int:
        body = json.dumps({"number": number}).encode()
        at = f"/v1/applications/{owner.application_id}/number"
        return owner.wire.ask("PUT", at, body, JSON).status

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(choose, offered[:2]))
    assert 200 in statuses
    assert all(each in {200, 409, 410} for each in statuses), statuses
    assert owner.case()["number"] in offered[:2]
    owner.reaches("awaiting_fee", going_on=False)
    owner.gives_address()
    with ThreadPoolExecutor(3) as pool:
        orders = list(pool.map(lambda _: owner.orders_payment(), range(3)))
    assert len({each["payment_id"] for each in orders}) == 1
    owner.pays()
    owner.stage.until("the fee is in", lambda: owner.case().get("accepted_at"))
    with pytest.raises(Refused) as again:
        owner.orders_payment()
    assert again.value.status == 409


HOOK = "/hooks/tax/tax-office"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (HOOK, {}),
        (HOOK, {"webhook-id": "msg_1", "webhook-timestamp": "x", "webhook-signature": "v1,AAAA"}),
        (HOOK, {"webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}),
        ("/hooks/tax/nobody", {}),
        ("/hooks/register/tax-office", {}),
    ],
)
def test_an_unsigned_or_stale_message_of_a_partner_is_refused(
    city: City, path: str, headers: dict[str, str]
) -> None:
    reply = Wire(city.url).ask("POST", path, b"{}", JSON | headers)
    assert told(reply)["status"] in {400, 401}


def test_a_true_message_counts_once_and_only_while_it_is_fresh(city: City) -> None:
    kept = city.client("secretsmanager").get_secret_value(SecretId=city.place.name("sandbox-keys"))
    rings = read_rings(json.loads(kept["SecretString"])["rings"])
    partner = next(each for each in rings if each.startswith("tax"))
    at = datetime.now(UTC)
    body = json.dumps({"type": "nothing.known", "timestamp": at.isoformat(), "data": {}}).encode()
    path, wire = f"/hooks/tax/{partner}", Wire(city.url)

    def send(when: datetime, sent: bytes = body) -> Reply:
        headers = sign(rings[partner], "msg_00000000000000000000000001", body, now=when)
        return wire.ask("POST", path, sent, JSON | dict(headers))

    assert told(send(at))["code"].startswith("VR-1")
    assert told(send(at, body + b" "))["code"] == "VR-204"
    assert told(send(at - timedelta(minutes=9)))["code"] == "VR-203"


def test_forged_stale_and_repeated_words_of_partners_change_nothing(city: City) -> None:
    stage = Stage(city.url, "noise", says=print)
    noise = {"tax": {"twice": True}, "insurer": {"forged": True, "stale": True}}
    someone = Owner(stage, stage.sandbox.car(script=noise))
    someone.registers()
    someone.reaches("awaiting_owner", going_on=False)
    facts = Staff(stage, "clerk").case(someone.application_id)["facts"]
    assert {kind: facts[kind]["version"] for kind in ("F06", "F07", "F08", "F09")} == dict.fromkeys(
        ("F06", "F07", "F08", "F09"), 1
    )


def test_nothing_at_an_address_is_a_404(city: City) -> None:
    for path in ("/v1/nothing", "/v1/applications/x/y/z", "/hooks/nobody/x"):
        assert Wire(city.url).ask("GET", path).status == 404
