"""Takes every role of a running city in turn and tries what it may do: the emulator answers.

A cell of the matrix is one role, one action, one resource. What is asked can change nothing even
where it is allowed: the request is signed and true as far as authorisation reads it, and lacks what
the act itself would need, or names what does not exist. So an answer other than "denied" means that
the role may.

Left out are the rights that the runtime and the triggers use in a function's name (logs, traces,
streams): no code asks for them, and the emulator knows no resource of them. The templates are held
to them all the same.
"""

import http.client
import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from infra.access import Access
from infra.local.city import City
from infra.local.rights.matrix import Right, brought, granted
from infra.local.rights.recording import identifiers

AT_ONCE = 8
# Beside what some function may do to a resource, what none may: no role has these, and if one had,
# the matrix would say so.
_NOBODY = {
    "table": "Scan DeleteItem UpdateItem PutItem BatchWriteItem",
    "index": "Query Scan",
    "queue": "ReceiveMessage PurgeQueue",
    "key": "Decrypt Encrypt GenerateDataKey Sign ScheduleKeyDeletion PutKeyPolicy",
    "secret": "PutSecretValue DeleteSecret",
    "machine": "UpdateStateMachine DeleteStateMachine SendTaskHeartbeat",
    "execution": "DescribeExecution GetExecutionHistory StopExecution",
    "objects": "GetObject PutObject DeleteObject",
    "bucket": "ListBucket",
}
_SERVICES = {
    "table": "dynamodb",
    "index": "dynamodb",
    "queue": "sqs",
    "key": "kms",
    "secret": "secretsmanager",
    "machine": "states",
    "execution": "states",
    "objects": "s3",
    "bucket": "s3",
}
_TARGETS = {
    "dynamodb": "DynamoDB_20120810",
    "sqs": "AmazonSQS",
    "kms": "TrentService",
    "secretsmanager": "secretsmanager",
    "states": "AWSStepFunctions",
}
# A context such as the calls of the vault and of what people write have: without one a key opens
# for nobody.
_CONTEXT = {"person": "per_00000000000000000000000000", "kind": "none", "matter": "none"}


class NotAsked(RuntimeError):
    """The emulator did not even look at the role: the probe itself is wrong."""


@dataclass(frozen=True)
class Cell:
    """One question: may this function's role do this?"""

    function: str
    right: Right
    allowed: bool


def kind_of(resource: str) -> str:
    """Which kind of resource a short name names, as "table" or "objects"."""
    kind = resource.partition("/")[0]
    if kind == "table" and "/index/" in resource:
        return "index"
    if kind == "bucket" and resource.endswith("/*"):
        return "objects"
    return kind


def cells(entries: Mapping[str, Access], resources: Iterable[str]) -> Iterator[Cell]:
    """The whole matrix: every function, every resource of the city, every action of its kind."""
    may = {name: granted(name, entry) | brought(name, entry) for name, entry in entries.items()}
    verbs = {kind: set(words.split()) for kind, words in _NOBODY.items()}
    for rights in may.values():
        for right in rights:
            if (kind := kind_of(right.resource)) in verbs:
                verbs[kind].add(right.action.partition(":")[2])
    asked = [
        Right(f"{_SERVICES[kind]}:{verb}", resource)
        for resource in sorted(set(resources))
        for kind in (kind_of(resource),)
        for verb in sorted(verbs[kind])
    ]
    for function in sorted(may):
        # A right under a condition (a key only through the storage service) is none to ask for.
        yield from (Cell(function, right, right in may[function]) for right in asked)


class Prober:
    """Asks a running city, as one of its roles at a time."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._prefix = city.place.name("")
        self._names = {name: arn for arn, name in identifiers(city).items()}
        self._account, self._region = city.aws.account, city.aws.region
        self._roles = self._roles_of_functions()
        self._credentials: dict[str, Credentials] = {}
        self._local = threading.local()
        self._lock = threading.Lock()

    def resources(self) -> list[str]:
        """The short names of all that this city has and that rights are to."""
        aws = self._city.client
        tables = _all(aws("dynamodb"), "list_tables", "TableNames")
        found = []
        for table in (each for each in tables if each.startswith(self._prefix)):
            short = f"table/{table.removeprefix(self._prefix)}"
            found.append(short)
            told = aws("dynamodb").describe_table(TableName=table)["Table"]
            found += [
                f"{short}/index/{index['IndexName']}"
                for index in told.get("GlobalSecondaryIndexes", ())
            ]
        queues = aws("sqs").list_queues(QueueNamePrefix=self._prefix)["QueueUrls"]
        found += [f"queue/{each.rpartition('/')[2].removeprefix(self._prefix)}" for each in queues]
        found += [each for each in self._names if each.startswith(("key/", "secret/"))]
        for machine in _all(aws("stepfunctions"), "list_state_machines", "stateMachines"):
            short = machine["name"].removeprefix(self._prefix)
            found += [f"machine/{short}", f"execution/{short}"]
        for bucket in aws("s3").list_buckets()["Buckets"]:
            if bucket["Name"].startswith(self._prefix):
                short = bucket["Name"].removeprefix(self._prefix).removesuffix(f"-{self._account}")
                found += [f"bucket/{short}", f"bucket/{short}/*"]
        return found

    def wrong(
        self, asked: Sequence[Cell], *, say: Callable[[int], None] = lambda _: None
    ) -> list[Cell]:
        """The cells whose answer is not the declared one. `say` hears how many were asked."""
        done = 0
        differ: list[Cell] = []
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="probe") as pool:
            for cell, allowed in pool.map(lambda cell: (cell, self.may(cell)), asked, chunksize=1):
                done += 1
                if allowed != cell.allowed:
                    differ.append(cell)
                if done % 1000 == 0:
                    say(done)
        return differ

    def may(self, cell: Cell, *, context: Mapping[str, str] = _CONTEXT) -> bool:
        """Whether the role of the cell's function is allowed its action. Raises NotAsked.

        `context`: what a key is told that it is used for.
        """
        status, code, words = self._answer(cell, context)
        if code in ("AccessDenied", "AccessDeniedException"):
            return False
        if status in (401, 403) or "Signature" in code or "UnrecognizedClient" in code:
            raise NotAsked(f"{cell}: {status} {code} {words}")
        return True

    def _answer(self, cell: Cell, context: Mapping[str, str]) -> tuple[int, str, str]:
        service, _, verb = cell.right.action.partition(":")
        if service == "s3":
            request = self._of_storage(verb, cell.right.resource)
        else:
            request = AWSRequest(
                "POST",
                self._city.aws.endpoint + "/",
                data=json.dumps(self._body(verb, cell.right.resource, context)).encode(),
                headers={
                    "X-Amz-Target": f"{_TARGETS[service]}.{_operation(verb)}",
                    "Content-Type": "application/x-amz-json-1.0",
                },
            )
        signer = S3SigV4Auth if service == "s3" else SigV4Auth
        signer(self._as(cell.function), service, self._region).add_auth(request)
        return self._send(request)

    def _send(self, request: AWSRequest) -> tuple[int, str, str]:
        sent = request.prepare()
        where = urlsplit(sent.url)
        path = where.path + (f"?{where.query}" if where.query else "")
        connection = self._connection()
        try:
            connection.request(sent.method, path, sent.body, dict(sent.headers))
            reply = connection.getresponse()
            text = reply.read().decode(errors="replace")
        except (http.client.HTTPException, OSError):
            connection.close()
            raise
        return reply.status, _code(reply, text), text[:200]

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self._local, "connection"):
            where = urlsplit(self._city.aws.endpoint)
            self._local.connection = http.client.HTTPConnection(
                where.hostname or "", where.port, timeout=30
            )
        connection: http.client.HTTPConnection = self._local.connection
        return connection

    def _body(self, verb: str, resource: str, context: Mapping[str, str]) -> dict[str, Any]:
        kind, _, name = resource.partition("/")
        match kind:
            case "table":
                return _on_table(verb, self._prefix + name.partition("/")[0], resource)
            case "queue":
                url = f"{self._city.aws.endpoint}/{self._account}/{self._prefix}{name}"
                return {"QueueUrl": url, "MaxNumberOfMessages": 11}
            case "key":
                return {"KeyId": self._names[resource], "EncryptionContext": dict(context)}
            case "secret":
                return {"SecretId": self._names[resource]}
            case _:
                return self._on_machine(verb, kind, name)

    def _on_machine(self, verb: str, kind: str, name: str) -> dict[str, Any]:
        arn = f"arn:aws:states:{self._region}:{self._account}"
        machine = f"{arn}:stateMachine:{self._prefix}{name}"
        if kind == "execution":
            return {"executionArn": f"{arn}:execution:{self._prefix}{name}:none"}
        if verb.startswith("SendTask"):
            head = urlsafe_b64encode(machine.encode()).decode()
            return {"taskToken": f"{head}.none", "output": "{}"}
        # Without the identifiers that its first state reads, a run ends before it calls anything.
        return {"stateMachineArn": machine, "input": "{}", "name": "none"}

    def _of_storage(self, verb: str, resource: str) -> AWSRequest:
        short = resource.split("/")[1]
        bucket = f"{self._city.aws.endpoint}/{self._prefix}{short}-{self._account}"
        if verb in ("ListBucket", "ListBucketVersions"):
            return AWSRequest(
                "GET", bucket + ("?versions=" if "Versions" in verb else "?list-type=2")
            )
        method = {"GetObject": "GET", "PutObject": "PUT", "DeleteObject": "DELETE"}[verb]
        # A digest that is not the body's: nothing is put. A version that is none: nothing is gone.
        headers = {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="} if method == "PUT" else {}
        which = "?versionId=none" if method == "DELETE" else ""
        data = b"none" if method == "PUT" else b""
        return AWSRequest(method, f"{bucket}/no/such/object{which}", data=data, headers=headers)

    def _as(self, function: str) -> Credentials:
        with self._lock:
            if function not in self._credentials:
                given = self._city.client("sts").assume_role(
                    RoleArn=self._roles[function], RoleSessionName=function[:60]
                )["Credentials"]
                self._credentials[function] = Credentials(
                    given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
                )
            return self._credentials[function]

    def _roles_of_functions(self) -> dict[str, str]:
        return {
            each["FunctionName"].removeprefix(self._prefix): each["Role"]
            for each in _all(self._city.client("lambda"), "list_functions", "Functions")
        }


def _operation(verb: str) -> str:
    # Rights of which the API has no operation of its own.
    return "TransactWriteItems" if verb == "ConditionCheckItem" else verb


def _on_table(verb: str, table: str, resource: str) -> dict[str, Any]:
    if verb == "ConditionCheckItem":
        return {"TransactItems": [{"ConditionCheck": {"TableName": table}}]}
    if verb in ("BatchGetItem", "BatchWriteItem"):
        return {"RequestItems": {table: {} if verb == "BatchGetItem" else []}}
    index = resource.partition("/index/")[2]
    return {"TableName": table, **({"IndexName": index} if index else {})} | (
        {"Limit": 0} if verb == "Scan" else {}
    )


def _code(reply: http.client.HTTPResponse, text: str) -> str:
    if named := reply.headers.get("x-amzn-errortype"):
        return named.partition(":")[0].rpartition("#")[2]
    if text.startswith("{"):
        return str(json.loads(text).get("__type", "")).rpartition("#")[2]
    _, opened, rest = text.partition("<Code>")
    return rest.partition("</Code>")[0] if opened else ""


def _all(client: Any, operation: str, key: str) -> list[Any]:
    pages = client.get_paginator(operation).paginate()
    return [each for page in pages for each in page[key]]
