"""The proxy does to each request what its rule says, and the same seed chooses the same again."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3

from infra.local.emulator import free_port
from infra.local.faults.proxy import FaultProxy, Journeys
from infra.local.faults.rules import Call, Choice, Kind, Rule

PUT = {"x-amz-target": "DynamoDB_20120810.PutItem", "user-agent": "Boto3 app/sign_application",
       "x-local-call": "3", "x-local-invocation": "one"}  # fmt: skip
OWN = "app_00000000000000000000000001"
BODY = json.dumps({"TableName": "chepai-sandbox-qingdao-facts", "Item": {"id": OWN}}).encode()


class Upstream(ThreadingHTTPServer):
    """Counts what reaches it and answers always the same."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.bodies: list[bytes] = []


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstream

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["content-length"])))
        answer = b'{"done": true}'
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Quietly."""


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


@pytest.fixture
def proxy(upstream: Upstream) -> Iterator[FaultProxy]:
    with FaultProxy(free_port(), upstream.server_port, Choice(1), spared={"speak"}) as running:
        running.journeys.begin("mine", OWN)
        yield running


def send(
    proxy: FaultProxy, body: bytes = BODY, headers: dict[str, str] | None = None
) -> urllib3.BaseHTTPResponse:
    return urllib3.request(
        "POST", proxy.url + "/", body=body, headers=headers or PUT, retries=False, timeout=5
    )


def fail(proxy: FaultProxy, kind: Kind, **rule: object) -> None:
    proxy.choice.rules["mine"] = (Rule(kind, most=1, **rule),)  # type: ignore[arg-type]


def test_without_a_rule_all_goes_through(proxy: FaultProxy, upstream: Upstream) -> None:
    assert send(proxy).json() == {"done": True}
    assert upstream.bodies == [BODY]


@pytest.mark.parametrize(
    ("kind", "arrives"), [(Kind.REQUEST_LOST, 0), (Kind.RESPONSE_LOST, 1), (Kind.HALF, 1)]
)
def test_what_is_lost_is_lost_before_or_after(
    proxy: FaultProxy, upstream: Upstream, kind: Kind, arrives: int
) -> None:
    fail(proxy, kind)
    with pytest.raises(urllib3.exceptions.HTTPError):
        send(proxy)
    assert len(upstream.bodies) == arrives
    assert send(proxy).status == 200


@pytest.mark.parametrize(
    ("kind", "times"), [(Kind.TWICE, 2), (Kind.AT_ONCE, 2), (Kind.FIVE_TIMES, 5)]
)
def test_what_is_repeated_arrives_so_often_and_is_answered_once(
    proxy: FaultProxy, upstream: Upstream, kind: Kind, times: int
) -> None:
    fail(proxy, kind)
    assert send(proxy).json() == {"done": True}
    assert upstream.bodies == [BODY] * times


@pytest.mark.parametrize(
    ("kind", "status"), [(Kind.ERROR, 500), (Kind.AWAY, 503), (Kind.THROTTLED, 400)]
)
def test_an_answer_that_aws_never_gave(
    proxy: FaultProxy, upstream: Upstream, kind: Kind, status: int
) -> None:
    fail(proxy, kind)
    assert send(proxy).status == status
    assert upstream.bodies == []


def test_a_worker_is_told_to_die_before_or_after_its_call(
    proxy: FaultProxy, upstream: Upstream
) -> None:
    for kind, arrives in ((Kind.CRASH_BEFORE, 0), (Kind.CRASH_AFTER, 1)):
        fail(proxy, kind, nth=3)
        assert "x-local-crash" in send(proxy).headers
        assert len(upstream.bodies) == arrives


def test_nobody_elses_calls_fail(proxy: FaultProxy, upstream: Upstream) -> None:
    fail(proxy, Kind.REQUEST_LOST)
    simulators = PUT | {"user-agent": "Boto3 app/speak"}
    assert send(proxy, headers=simulators).status == 200
    assert send(proxy, body=BODY.replace(b"1\"", b"2\""),
                headers=PUT | {"x-local-invocation": "two"}).status == 200  # fmt: skip


def test_only_what_the_rule_names_fails(proxy: FaultProxy, upstream: Upstream) -> None:
    fail(proxy, Kind.REQUEST_LOST, operations=frozenset({"Query"}))
    assert send(proxy).status == 200


def test_only_what_we_answered_ourselves_was_acknowledged(proxy: FaultProxy) -> None:
    for kind, message_id in ((Kind.SWALLOWED, "msg_1"), (Kind.TWICE, "msg_2")):
        fail(proxy, kind)
        urllib3.request("POST", f"{proxy.url}/_from/partners/hooks/tax/x", body=BODY,
                        headers={"webhook-id": message_id}, retries=False)  # fmt: skip
    assert proxy.seen.acknowledged == {"msg_2"}


def test_identifiers_named_together_belong_to_one_journey() -> None:
    journeys = Journeys()
    journeys.begin("mine", OWN)
    payment = "pay_00000000000000000000000009"
    assert journeys.of(payment, "a") == ""
    assert journeys.of(f"{OWN} {payment}", "b") == "mine"
    assert journeys.of(payment, "c") == "mine"
    # What names nobody belongs to the invocation that it is a part of.
    assert journeys.of("a token", "b") == "mine"
    assert journeys.of("a token", "d") == ""


def test_a_seed_chooses_the_same_again_and_another_one_otherwise() -> None:
    rule = (Rule(Kind.RESPONSE_LOST, 0.3),)
    calls = [
        Call("sign_application", "dynamodb", "PutItem", ("facts",), nth, f"journey-{journey}")
        for journey in range(5)
        for nth in range(8)
        for _ in range(4)
    ]

    def chosen(seed: int) -> list[bool]:
        choice = Choice(seed, {f"journey-{n}": rule for n in range(5)})
        return [choice.of(call) is not None for call in calls]

    assert chosen(7) == chosen(7)
    assert chosen(7) != chosen(8)
    assert 0.2 < sum(chosen(7)) / len(calls) < 0.4


def test_the_choice_does_not_hang_on_the_order_in_which_journeys_come() -> None:
    rule = (Rule(Kind.ERROR, 0.5),)
    first = Call("a", "sqs", "SendMessage", (), 1, "x")
    other = Call("a", "sqs", "SendMessage", (), 1, "y")

    def chosen(order: list[Call]) -> dict[str, list[bool]]:
        choice = Choice(3, {"x": rule, "y": rule})
        seen: dict[str, list[bool]] = {"x": [], "y": []}
        for call in order:
            seen[call.journey].append(choice.of(call) is not None)
        return seen

    assert chosen([first, other] * 6) == chosen([first] * 6 + [other] * 6)


def test_a_rule_fails_a_place_no_oftener_than_it_may() -> None:
    choice = Choice(1, {"x": (Rule(Kind.ERROR, most=2),)})
    call = Call("a", "sqs", "SendMessage", (), 1, "x")
    assert [choice.of(call) is not None for _ in range(4)] == [True, True, False, False]
