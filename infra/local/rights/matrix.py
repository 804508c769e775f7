"""Who may do what to what, as plain triples: from the access entries, and from the templates.

The two are made apart from each other, so that comparing them says something: the entries are
read as their words mean, the templates as CloudFormation will apply them.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from infra import access, definitions
from infra.access import Access, Every, Queue, Stream

# Verbs that are checked against an execution or a whole bucket, as AWS's own reference has it.
_ON_EXECUTIONS = {"DescribeExecution", "GetExecutionHistory", "RedriveExecution", "StopExecution"}
_ON_BUCKETS = {"ListBucket", "ListBucketVersions"}
# Of all steps these alone can find that what they wait for was refused, lost or is no longer so.
_MAY_FAIL = {
    "wait_for_officer", "wait_for_cosignature", "review_application", "recheck_facts",
    "ask_the_register", "replace_at_the_register", "make_plates_and_papers", "print_certificate",
    "send_parcel",
}  # fmt: skip
# What the storage service asks of the key for the function that puts or gets an object.
_BY_STORAGE = {"PutObject": "GenerateDataKey", "GetObject": "Decrypt"}

_BASE = re.compile(r"^arn:[^:]*:(?P<service>[^:]*):[^:]*:[^:]*:(?P<rest>.*)$")
_PARAMETER = re.compile(r"^/chepai/[^/]+/[^/]+/(?P<thing>.+)$")


class Right(NamedTuple):
    """One thing that a role may do: `dynamodb:GetItem` to `table/applications`.

    `only`: the condition key that must hold, empty for none.
    """

    action: str
    resource: str
    only: str = ""

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}" + (f" ({self.only})" if self.only else "")


def granted(name: str, entry: Access) -> frozenset[Right]:
    """What an entry lets a function's own code do."""
    return frozenset(_granted(entry)) | (_answers(name) if entry.answers else frozenset())


def brought(name: str, entry: Access) -> frozenset[Right]:
    """What the runtime and the trigger do in the function's name: logs, traces, reading a queue."""
    return frozenset(_brought(name, entry))


def entries() -> dict[str, Access]:
    """Every entry by its function."""
    return access.everywhere()


def _answers(name: str) -> frozenset[Right]:
    """A step answers the machines that call it; what wakes the states of all answers all."""
    machines = definitions.everywhere()
    of_step = [each for each, text in machines.items() if name in definitions.steps_of(text)]
    return frozenset(
        Right(f"states:SendTask{how}", f"machine/{machine}")
        for machine in of_step or machines
        for how in ("Success", "Failure")
        if how == "Success" or not of_step or name in _MAY_FAIL
    )


def _granted(entry: Access) -> Iterator[Right]:
    plain = (
        ("dynamodb", "table", entry.tables),
        ("sqs", "queue", entry.queues),
        ("kms", "key", entry.keys),
        ("secretsmanager", "secret", entry.secrets),
    )
    for service, kind, things in plain:
        for thing, verbs in things.items():
            yield from _each(service, verbs, f"{kind}/{thing}")
    for index, verbs in entry.indexes.items():
        table, _, own = index.partition("/")
        yield from _each("dynamodb", verbs, f"table/{table}/index/{own}")
    for bucket, verbs in entry.buckets.items():
        yield from _on_bucket(bucket, verbs.split())
    for machine, verbs in entry.machines.items():
        for verb in verbs.split():
            kind = "execution" if verb in _ON_EXECUTIONS else "machine"
            yield Right(f"states:{verb}", f"{kind}/{machine}")
    for function in entry.invokes:
        yield Right("lambda:InvokeFunction", f"function/{function}")


def _on_bucket(bucket: str, verbs: list[str]) -> Iterator[Right]:
    for verb in verbs:
        checked = "GetObject" if verb == "HeadObject" else verb
        yield Right(f"s3:{checked}", f"bucket/{bucket}{'' if verb in _ON_BUCKETS else '/*'}")
        if verb in _BY_STORAGE:
            yield Right(f"kms:{_BY_STORAGE[verb]}", "key/evidence", "kms:ViaService")


def _brought(name: str, entry: Access) -> Iterator[Right]:
    yield from _each("logs", "CreateLogStream PutLogEvents", f"logs/{name}")
    yield from _each("xray", "PutTelemetryRecords PutTraceSegments", "*")
    match entry.on:
        case Queue(name=queue):
            yield from _each(
                "sqs",
                "ChangeMessageVisibility DeleteMessage GetQueueAttributes ReceiveMessage",
                f"queue/{queue}",
            )
        case Stream(table=table):
            yield from _each(
                "dynamodb", "DescribeStream GetRecords GetShardIterator", f"stream/{table}"
            )
            yield Right("dynamodb:ListStreams", "*")
            yield Right("sqs:SendMessage", "queue/events-dead")
        case Every():
            yield Right("sqs:SendMessage", "queue/events-dead")
        case None:
            pass


def _each(service: str, verbs: str, resource: str) -> Iterator[Right]:
    return (Right(f"{service}:{verb}", resource) for verb in verbs.split())


def of_template(template: Mapping[str, Any], prefix: str) -> dict[str, frozenset[Right]]:
    """What each function of one template may do, by its name; `prefix` begins every name of ours.

    Raises KeyError when a function's role is not in its own template.
    """
    resources = template["Resources"]
    return {
        each["Properties"]["FunctionName"].removeprefix(prefix): frozenset(
            _of_role(resources[each["Properties"]["Role"]["Fn::GetAtt"][0]], template, prefix)
        )
        for each in resources.values()
        if each["Type"] == "AWS::Lambda::Function"
    }


def _of_role(role: Mapping[str, Any], template: Mapping[str, Any], prefix: str) -> Iterator[Right]:
    for policy in role["Properties"]["Policies"]:
        for said in policy["PolicyDocument"]["Statement"]:
            keys = sorted(key for test in said.get("Condition", {}).values() for key in test)
            for action in _listed(said["Action"]):
                for resource in _listed(said["Resource"]):
                    yield Right(action, named(_text(resource, template), prefix), ",".join(keys))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any, template: Mapping[str, Any]) -> str:
    """An ARN as far as it is known before there is an account; a parameter's name for its value."""
    if isinstance(value, str):
        return value
    if "Ref" in value:
        parameter = template.get("Parameters", {}).get(value["Ref"])
        return str(parameter["Default"]) if parameter else "-"
    if "Fn::Join" in value:
        between, parts = value["Fn::Join"]
        return str(between).join(_text(part, template) for part in parts)
    raise ValueError(f"a resource that no rule reads: {value}")


def named(resource: str, prefix: str) -> str:
    """The short name of a resource of ours, given its ARN or the parameter that holds it."""
    if known := _PARAMETER.match(resource):
        return known["thing"]
    found = _BASE.match(resource)
    if not found:
        return resource
    service, rest = found["service"], found["rest"]
    kind, _, name = rest.partition(":")
    if service == "dynamodb":
        return "/".join(part.removeprefix(prefix) for part in rest.split("/"))
    if service == "s3":
        return f"bucket/{_bucket(rest, prefix)}"
    if service == "sqs":
        return f"queue/{rest.removeprefix(prefix)}"
    if service == "lambda":
        return f"function/{name.removeprefix(prefix)}"
    if service == "states":
        short = name.removeprefix(prefix)
        whole = {"stateMachine": "machine", "execution": "execution"}[kind]
        return f"{whole}/{short.partition(':')[0]}"
    if service == "logs":
        return f"logs/{name.removeprefix('/aws/lambda/' + prefix).removesuffix(':*')}"
    return resource


def _bucket(rest: str, prefix: str) -> str:
    name, slash, _ = rest.partition("/")
    # A bucket's name is one for all the world: ours ends with the account and region.
    short = re.sub(r"-(-|\d{12}).*$", "", name.removeprefix(prefix))
    return f"{short}{'/*' if slash else ''}"
