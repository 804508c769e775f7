"""Canaries: marked people whose data is looked for in every place where it must not be.

Names, ID numbers, telephones and addresses that occur nowhere else are given to the people of a
scenario. Afterwards every byte that the city stored, logged, queued, answered or sent is searched
for them, also escaped, encoded and hashed. Only the vault may hold them (sealed), only the person
may be answered them, and only the partner whose question declares a field may be sent it.
"""

import json
import secrets
import threading
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import md5, sha1, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

import urllib3

from chepai.partners.questions import BY_TYPE
from chepai_sandbox import synthetic
from infra.local.city import City
from infra.local.scenarios import owner
from infra.local.scenarios.sandbox import Car, Sandbox
from infra.local.scenarios.wire import Reply, Wire

# Ours that may hold what is marked: the vault sealed. The sandbox plays other people's systems.
VAULT = "people"
OTHERS = ("sandbox",)
TO_ITS_PERSON = frozenset({"/v1/me/data"})
RARE = "翀祎堃喆赟旻昉茜彧晔烜煊珺琨瑀瑾璟甯"

MAY_BE_SENT: Mapping[str, frozenset[str]] = {
    "police": frozenset({"name", "id_number"}),
    "register": frozenset({"name", "id_number", "address"}),
    "print_room": frozenset({"name", "address"}),
    "courier": frozenset({"name", "phone", "address"}),
    "message_gateway": frozenset({"phone"}),
}
"""Which kind of partner may get which field at all; every other kind gets none."""


@dataclass(frozen=True)
class Found:
    """A marked field where it must not be; the text itself is not repeated."""

    field: str
    place: str
    form: str


@dataclass(frozen=True)
class Mark:
    """One marked text in all the shapes in which it could hide."""

    field: str
    text: str

    @cached_property
    def forms(self) -> Mapping[str, bytes]:
        raw = self.text.encode()
        shapes = {
            "plain": raw,
            "escaped": json.dumps(self.text)[1:-1].encode(),
            "percent": quote(self.text).encode(),
            "hex": raw.hex().encode(),
            "utf-16": self.text.encode("utf-16-le"),
            "reversed": self.text[::-1].encode(),
            # A plain digest of what can be tried out is the thing itself.
            "sha-256": sha256(raw).hexdigest().encode(),
            "sha-1": sha1(raw, usedforsecurity=False).hexdigest().encode(),
            "md5": md5(raw, usedforsecurity=False).hexdigest().encode(),
        }
        for shift in range(3):
            whole = b64encode(b"\0" * shift + raw)
            shapes[f"base64+{shift}"] = whole[4 if shift else 0 : len(whole) // 4 * 4 - 4]
        return shapes


@dataclass
class Canaries:
    """The marked people of a run."""

    marks: list[Mark] = field(default_factory=list)

    def person(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """An invented person with marks where the scenario asks for nothing of its own."""
        made = {
            "name": "金丝雀" + "".join(secrets.choice(RARE) for _ in range(4)),
            "id_number": synthetic.id_number(f"19{60 + secrets.randbelow(40)}0315"),
            "phone": f"199{secrets.randbelow(10**8):08d}",
        } | dict(wanted)
        self.marks += [Mark(name, str(made[name])) for name in ("name", "id_number", "phone")]
        return made

    def address(self) -> str:
        made = "青岛市市南区金丝雀" + "".join(secrets.choice(RARE) for _ in range(4)) + "路1号"
        self.marks.append(Mark("address", made))
        return made

    def in_(self, place: str, text: bytes, fields: Iterable[str] = ()) -> list[Found]:
        """The marked fields in a text, but for the `fields` that may be there."""
        allowed = set(fields)
        return [
            Found(mark.field, place, form)
            for mark in self.marks
            if mark.field not in allowed
            for form, shape in mark.forms.items()
            if shape in text
        ]


@dataclass
class Heard:
    """What left the city: every reply to a caller, and every message to a partner."""

    replies: list[tuple[str, bytes]] = field(default_factory=list)
    sent: list[tuple[str, bytes]] = field(default_factory=list)


@contextmanager
def planted(canaries: Canaries, heard: Heard) -> Iterator[None]:
    """Everybody whom a scenario invents in here is marked, and every reply is kept."""
    make, ask, address = Sandbox.car, Wire.ask, owner.ADDRESS

    def marked(self: Sandbox, **wanted: Any) -> Car:
        person = canaries.person(wanted.pop("person", {}))
        return make(self, person=person, **wanted)

    def kept(self: Wire, method: str, path: str, *said: Any, **more: Any) -> Reply:
        reply = ask(self, method, path, *said, **more)
        if not path.startswith("/sandbox"):
            heard.replies.append((f"{method} {path}", reply.data))
        return reply

    Sandbox.car, Wire.ask = marked, kept  # type: ignore[method-assign]  # put back below
    owner.ADDRESS = canaries.address()
    try:
        yield
    finally:
        Sandbox.car, Wire.ask = make, ask  # type: ignore[method-assign]  # as it was
        owner.ADDRESS = address


@contextmanager
def listening(city: City, heard: Heard) -> Iterator[None]:
    """All partners are reached through an ear that passes every message on."""
    table, partners = city.place.name("partners"), city.client("dynamodb")
    rows = [
        row
        for row in partners.scan(TableName=table)["Items"]
        if "url" in row and row["partner_id"]["S"]
    ]
    targets = {row["partner_id"]["S"]: row["url"]["S"] for row in rows}
    kinds = {row["partner_id"]["S"]: row["kind"]["S"] for row in rows}
    pool = urllib3.PoolManager(maxsize=8, retries=False, timeout=urllib3.Timeout(30))

    class Ear(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:  # the name http.server calls
            body = self.rfile.read(int(self.headers["content-length"]))
            partner = self.path.strip("/")
            heard.sent.append((kinds[partner], body))
            passed = {k: v for k, v in self.headers.items() if k.lower() not in _OF_THE_LINE}
            answer = pool.request("POST", targets[partner], body=body, headers=passed)
            # The office may have lost its patience: then it asks again.
            with suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(answer.status)
                self.send_header("content-length", str(len(answer.data)))
                self.end_headers()
                self.wfile.write(answer.data)

        def log_message(self, *_: Any) -> None:
            """Nothing: the test says what was heard."""

    ear = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=ear.serve_forever, daemon=True).start()

    def reach(urls: Mapping[str, str]) -> None:
        for partner, url in urls.items():
            partners.update_item(
                TableName=table,
                Key={"partner_id": {"S": partner}},
                UpdateExpression="SET #u = :u",
                ExpressionAttributeNames={"#u": "url"},
                ExpressionAttributeValues={":u": {"S": url}},
            )

    reach({each: f"http://127.0.0.1:{ear.server_port}/{each}" for each in targets})
    try:
        yield
    finally:
        reach(targets)
        ear.shutdown()
        ear.server_close()


_OF_THE_LINE = frozenset({"host", "connection", "content-length", "accept-encoding"})


def said_outside(canaries: Canaries, heard: Heard) -> list[Found]:
    """What was answered or sent to whom it is not for."""
    found: list[Found] = []
    for what, body in heard.replies:
        path = what.partition(" ")[2].partition("?")[0]
        if path not in TO_ITS_PERSON:
            found += canaries.in_(f"reply: {what.split('?')[0]}", body)
    for kind, body in heard.sent:
        message = json.loads(body)["type"]
        declared = set(BY_TYPE[message].FIELDS) & MAY_BE_SENT.get(kind, frozenset())
        found += canaries.in_(f"sent: {kind} {message}", body, declared)
    return found


def kept_outside(city: City, canaries: Canaries) -> tuple[list[Found], dict[str, int]]:
    """What lies in tables, queues, buckets, histories and logs, and how many bytes were searched.

    The vault's table is searched too: there everything is sealed.
    """
    found: list[Found] = []
    looked: dict[str, int] = {}
    for kind, place, text in _everything(city):
        looked[kind] = looked.get(kind, 0) + len(text)
        found += canaries.in_(f"{kind}: {place}", text)
    return found, looked


def _everything(city: City) -> Iterator[tuple[str, str, bytes]]:
    yield from _tables(city)
    yield from _queues(city)
    yield from _histories(city)
    yield from _buckets(city)
    yield from _logs(city)


def _tables(city: City) -> Iterator[tuple[str, str, bytes]]:
    dynamodb, prefix = city.client("dynamodb"), city.place.name("")
    for page in dynamodb.get_paginator("list_tables").paginate():
        for table in page["TableNames"]:
            name = table.removeprefix(prefix)
            if not name.startswith(OTHERS):
                for rows in dynamodb.get_paginator("scan").paginate(TableName=table):
                    yield "table", name, _text(rows["Items"])


def _queues(city: City) -> Iterator[tuple[str, str, bytes]]:
    sqs = city.client("sqs")
    for url in sqs.list_queues().get("QueueUrls", ()):
        name = url.rpartition("/")[2].removeprefix(city.place.name(""))
        if name.startswith(OTHERS):
            continue
        for _ in range(20):
            # Seen, not taken: whoever the message is for still gets it.
            got = sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=1, WaitTimeSeconds=0
            ).get("Messages", ())
            if not got:
                break
            yield "queue", name, _text([each["Body"] for each in got])


def _histories(city: City) -> Iterator[tuple[str, str, bytes]]:
    states = city.client("stepfunctions")
    for machine in states.list_state_machines()["stateMachines"]:
        arn = machine["stateMachineArn"]
        for page in states.get_paginator("list_executions").paginate(stateMachineArn=arn):
            for run in page["executions"]:
                told = states.describe_execution(executionArn=run["executionArn"])
                yield "execution", machine["name"], _text(told)
                # An execution that ended long ago may be told of without its history.
                with suppress(states.exceptions.ExecutionDoesNotExist):
                    pages = states.get_paginator("get_execution_history")
                    for events in pages.paginate(executionArn=run["executionArn"]):
                        yield "history", machine["name"], _text(events["events"])


def _buckets(city: City) -> Iterator[tuple[str, str, bytes]]:
    s3 = city.client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        if is_archive(name):
            # Raw messages lie there on purpose: encrypted, and for one role to read.
            continue
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
            for thing in page.get("Contents", ()):
                body = s3.get_object(Bucket=name, Key=thing["Key"])["Body"].read()
                yield "bucket", name, thing["Key"].encode() + b"\n" + body


def is_archive(bucket: str) -> bool:
    """Whether a bucket holds partners' messages as they came."""
    return "-archive" in bucket


def _logs(city: City) -> Iterator[tuple[str, str, bytes]]:
    for log in sorted(city.aws.state.rglob("*.log")):
        yield "log", log.name, log.read_bytes()
    logs = city.client("logs")
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            name = group["logGroupName"]
            for events in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
                yield "log", name, _text([each["message"] for each in events["events"]])


def _text(thing: Any) -> bytes:
    """Everything in it as text, each text as it is and not escaped once more; bytes as bytes."""
    parts: list[bytes] = []

    def walk(one: Any) -> None:
        if isinstance(one, Mapping):
            for name, value in one.items():
                walk(name)
                walk(value)
        elif isinstance(one, list | tuple | set):
            for each in one:
                walk(each)
        elif isinstance(one, bytes):
            parts.append(one)
        else:
            parts.append(str(one).encode("utf-8", "surrogatepass"))

    walk(thing)
    return b"\n".join(parts)
