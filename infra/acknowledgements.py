"""Every finding of the template rules that stays, with the reason. Nothing else may silence one.

Findings are acknowledged on the construct that has them, never on a stack, so a new resource
with the same finding fails until somebody thinks about it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct

from infra.place import pseudo

_RUNTIME = (
    "The runtime is pinned to the Python that the lock, the bytecode and the tests are made for; "
    "it is raised on purpose, with them."
)
_DEAD = "This queue is the dead letters; an alarm watches it."
_UNAVOIDABLE = (
    "AWS offers no narrower resource: X-Ray, log delivery and ListStreams know none, log streams "
    "and executions are named while they run. All actions are spelled."
)

# Kind of resource → finding → why it stays.
TABLE: dict[str, dict[str, str]] = {
    "function": {
        "AwsSolutions-L1": _RUNTIME,
        "Serverless-LambdaLatestVersion": _RUNTIME,
        "Serverless-LambdaDLQ": (
            "Callers of the API and the state machines wait for the answer and see the error; "
            "what is called by clock, stream or queue has a failure destination or redrive there."
        ),
    },
    "queue reader": {
        "Serverless-LambdaEventSourceMappingDestination": (
            "A queue keeps its own failures: after its tries a message moves to its dead letters."
        ),
    },
    "public route": {
        "AwsSolutions-APIG4": (
            "What is shown before a sign-in: services, conditions and the pre-check name nobody."
        ),
    },
    "hook": {
        "AwsSolutions-APIG4": "Partners prove themselves by the signature over the whole message.",
    },
    "sandbox route": {
        "AwsSolutions-APIG4": (
            "Simulated partners check signatures themselves; the identity provider is where "
            "tokens come from. Not deployed outside the sandbox."
        ),
    },
    "partner secret": {
        "AwsSolutions-SMG4": (
            "A key ring is rotated together with its partner, two keys valid at a time; AWS "
            "cannot do the partner's half."
        ),
    },
    "evidence bucket": {
        "AwsSolutions-S1": (
            "Every object is written once and locked; who read it is in the trail of the account, "
            "and a log of its own would need a bucket without a lock."
        ),
    },
    "pages bucket": {
        "AwsSolutions-S1": (
            "It holds the same files that everybody is shown; who read them is nobody's business."
        ),
    },
    "content network": {
        "AwsSolutions-CFR1": "Citizens abroad may look at their case; no place is shut out.",
        "AwsSolutions-CFR2": (
            "A web firewall is the account's to choose; the API throttles and limits by itself."
        ),
        "AwsSolutions-CFR3": (
            "A log of viewers would keep addresses of people; the API logs each request without."
        ),
        "AwsSolutions-CFR4": (
            "The city's own name and certificate are put on by hand; until then it is AWS's name."
        ),
    },
    "dead letters": {
        "AwsSolutions-SQS3": _DEAD,
        "Serverless-SQSRedrivePolicy": _DEAD,
    },
}


def acknowledge(construct: IConstruct, kind: str) -> None:
    """Say on the construct which findings of its kind stay, and why."""
    _say(construct, TABLE[kind].items())


def acknowledge_wildcards(construct: IConstruct, statements: Sequence[dict[str, Any]]) -> None:
    """Say on a role that the wildcards in its statements have no narrower form."""
    wild = {each for said in statements for each in _resources(said) if "*" in each}
    rules = [(f"AwsSolutions-IAM5[Resource::{_spelled(each)}]", _UNAVOIDABLE) for each in wild]
    _say(construct, [*rules, ("Serverless-LambdaStarPermissions", _UNAVOIDABLE)])


def _say(construct: IConstruct, rules: Any) -> None:
    said = [Acknowledgment(id=rule, reason=reason) for rule, reason in rules]
    Validations.of(construct).acknowledge(*said)


def _resources(statement: dict[str, Any]) -> Iterator[str]:
    named = statement["Resource"]
    yield from [named] if isinstance(named, str) else named


def _spelled(resource: str) -> str:
    here = pseudo()
    for token, name in (
        (here.partition, "Partition"),
        (here.region, "Region"),
        (here.account, "AccountId"),
    ):
        resource = resource.replace(token, f"<AWS::{name}>")
    return resource
