"""From a function's access entry: its environment and the statements of its role."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from infra import definitions
from infra.access import Access, Every, Queue, Stream
from infra.place import Place, arn, pseudo

# Verbs that AWS checks against an execution; every other verb of Step Functions names a machine.
_ON_EXECUTIONS = frozenset(
    {"DescribeExecution", "GetExecutionHistory", "RedriveExecution", "StopExecution"}
)
_TO_READ_A_QUEUE = "ChangeMessageVisibility DeleteMessage GetQueueAttributes ReceiveMessage"
_TO_READ_A_STREAM = "DescribeStream GetRecords GetShardIterator"

# What the encryption of a bucket's objects needs, beside the verb on the object itself.
_TO_ENCRYPT = {"PutObject": "GenerateDataKey", "GetObject": "Decrypt"}
# A head tells what an object is called and how it is marked; it opens nothing, so that its right
# comes without the key. AWS checks it as a reading of the object.
CHECKED_AS = {"HeadObject": "GetObject"}
_ON_BUCKETS = frozenset({"ListBucket", "ListBucketVersions"})
# Encrypts the evidence in the buckets.
EVIDENCE_KEY = "evidence"

# Where records and calls that nobody could handle end.
LOST_EVENTS = "events-dead"

Find = Callable[[str], str]
Statement = dict[str, Any]


def settings(access: Access) -> dict[str, tuple[str, str]]:
    """The names of a function's settings, each with the kind and name of the resource."""
    tables = {each.split("/")[0] for each in (*access.tables, *access.indexes)}
    kinds = {
        "table": ("TABLE", tables),
        "bucket": ("BUCKET", access.buckets),
        "queue": ("QUEUE_URL", access.queues),
        "key": ("KEY_ARN", access.keys),
        "secret": ("SECRET_ARN", access.secrets),
        "machine": ("MACHINE_ARN", access.machines),
        "function": ("FUNCTION_NAME", access.invokes),
    }
    return {
        f"{_upper(thing)}_{ending}": (kind, thing)
        for kind, (ending, things) in kinds.items()
        for thing in sorted(things)
    }


def environment(access: Access, place: Place, find: Find) -> dict[str, str]:
    """The settings a function gets: one for each resource that it is granted."""
    values: dict[str, Callable[[str], str]] = {
        "table": place.name,
        "bucket": place.bucket,
        "queue": place.queue_url,
        "key": lambda thing: find(f"key/{thing}"),
        "secret": lambda thing: find(f"secret/{thing}"),
        "machine": place.machine,
        "function": place.name,
    }
    derived = {name: values[kind](thing) for name, (kind, thing) in settings(access).items()}
    return derived | dict(access.environment)


def statements(
    name: str, access: Access, place: Place, find: Find, machines: tuple[str, ...]
) -> list[Statement]:
    """What the function's role may do, and on what; nothing else."""
    return [
        *_own(name, place),
        *_granted(access, place, find),
        *_answering(name, place, machines if access.answers else ()),
        *_triggered(access, find, place),
    ]


def _own(name: str, place: Place) -> Iterator[Statement]:
    group = arn("logs", f"log-group:/aws/lambda/{place.name(name)}")
    # The streams of the own group are named by the runtime: unavoidable.
    yield allow("logs", "CreateLogStream PutLogEvents", f"{group}:*")
    # X-Ray has no resources to name: unavoidable.
    yield allow("xray", "PutTelemetryRecords PutTraceSegments", "*")


def _granted(access: Access, place: Place, find: Find) -> Iterator[Statement]:
    for table, verbs in access.tables.items():
        yield allow("dynamodb", verbs, place.table(table))
    for index, verbs in access.indexes.items():
        table, _, own = index.partition("/")
        yield allow("dynamodb", verbs, f"{place.table(table)}/index/{own}")
    yield from on_buckets(access.buckets, place, find)
    for queue, verbs in access.queues.items():
        yield allow("sqs", verbs, place.queue(queue))
    for key, verbs in access.keys.items():
        yield allow("kms", verbs, find(f"key/{key}"))
    for secret, verbs in access.secrets.items():
        yield allow("secretsmanager", verbs, find(f"secret/{secret}"))
    for machine, verbs in access.machines.items():
        yield from _on_machine(machine, verbs.split(), place)
    if access.invokes:
        yield allow("lambda", "InvokeFunction", *map(place.function, access.invokes))


def _answering(name: str, place: Place, machines: tuple[str, ...]) -> Iterator[Statement]:
    for machine, verbs in definitions.answers_of(name).items():
        if machine in machines:
            yield allow("states", verbs, place.machine(machine))


def on_buckets(buckets: Mapping[str, str], place: Place, find: Find) -> Iterator[Statement]:
    """Verbs on buckets and what lies in them, with the key through the storage service alone."""
    for name, verbs in buckets.items():
        held = f"arn:{pseudo().partition}:s3:::{place.bucket(name)}"
        if on_bucket := [each for each in verbs.split() if each in _ON_BUCKETS]:
            yield allow("s3", " ".join(on_bucket), held)
        if on_objects := [each for each in verbs.split() if each not in _ON_BUCKETS]:
            # Objects are named when they are put: unavoidable.
            checked = sorted({CHECKED_AS.get(each, each) for each in on_objects})
            yield allow("s3", " ".join(checked), f"{held}/*")
    said = {verb for verbs in buckets.values() for verb in verbs.split()}
    if wrapping := sorted(_TO_ENCRYPT[verb] for verb in said & _TO_ENCRYPT.keys()):
        yield _through_storage(allow("kms", " ".join(wrapping), find(f"key/{EVIDENCE_KEY}")))


def _through_storage(said: Statement) -> Statement:
    """The key opens only for the storage service, which asks for it on the function's behalf."""
    here = pseudo()
    services = sorted({f"s3.{here.region}.amazonaws.com", f"s3.{here.region}.{here.suffix}"})
    return said | {"Condition": {"StringEquals": {"kms:ViaService": services}}}


def _on_machine(machine: str, verbs: list[str], place: Place) -> Iterator[Statement]:
    if on_machine := [each for each in verbs if each not in _ON_EXECUTIONS]:
        yield allow("states", " ".join(on_machine), place.machine(machine))
    if on_execution := [each for each in verbs if each in _ON_EXECUTIONS]:
        # Executions are named when they start: unavoidable.
        yield allow("states", " ".join(on_execution), place.executions(machine))


def _triggered(access: Access, find: Find, place: Place) -> Iterator[Statement]:
    match access.on:
        case Queue(name=queue):
            yield allow("sqs", _TO_READ_A_QUEUE, place.queue(queue))
        case Stream(table=table):
            yield allow("dynamodb", _TO_READ_A_STREAM, find(f"stream/{table}"))
            # ListStreams knows no resources: unavoidable.
            yield allow("dynamodb", "ListStreams", "*")
            yield allow("sqs", "SendMessage", place.queue(LOST_EVENTS))
        case Every():
            yield allow("sqs", "SendMessage", place.queue(LOST_EVENTS))
        case None:
            pass


def allow(service: str, verbs: str, *resources: str) -> Statement:
    """A statement of a policy with every action spelled."""
    actions = [f"{service}:{verb}" for verb in verbs.split()]
    if any("*" in action for action in actions):
        raise ValueError(f"spell the verbs: {verbs}")
    return {
        "Effect": "Allow",
        "Action": actions if len(actions) > 1 else actions[0],
        "Resource": list(resources) if len(resources) > 1 else resources[0],
    }


def policy(*said: Statement) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(said)}


def trust(service: str, **condition: Any) -> dict[str, Any]:
    """Who may take a role: one AWS service, under a condition where one is given."""
    said: Statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return policy(said | ({"Condition": condition} if condition else {}))


def _upper(name: str) -> str:
    return name.replace("-", "_").upper()
