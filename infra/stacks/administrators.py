"""Who of the office may use the account: three roles that no person holds two of.

GB/T 22239-2019, level 3: system, security and audit administrators watch each other. A person is
tagged with one of the three in the account's own directory; a tag has one value, and each role is
taken with its own alone, with a second factor, for an hour. What none of them has is what the
office's functions do: opening the vault, answering machines, writing records of cases. Deployments
are the pipeline's, by the account.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra import rights
from infra.acknowledgements import acknowledge_wildcards
from infra.constructs.published import publish
from infra.constructs.service_function import Wiring
from infra.place import Place, arn, pseudo
from infra.rights import EVIDENCE_KEY, Statement, allow
from infra.stacks.records import BUCKETS, TABLES

TAG = "chepai-administrator"
HOUR = 3600
KEYS = ("people", "words", "blind", "draws", "tokens", EVIDENCE_KEY, "ledger")
LOOKED_AT_BY_AUDIT = ("ledger", "seals", "traces")


class Administrators(Stack):
    """The three roles of one city; the sandbox has none, for it has nobody's data."""

    def __init__(
        self,
        scope: Construct,
        place: Place,
        *,
        machines: Sequence[str],
        queues: Sequence[str],
        secrets: Sequence[str],
    ) -> None:
        super().__init__(scope, "administrators", **place.stack("administrators"))
        find = Wiring(self, place, ()).find
        for name, may in {
            "system": _system(place, machines, queues),
            "security": _security(place, find, secrets),
            "audit": _audit(place, find),
        }.items():
            said = list(may)
            role = iam.CfnRole(
                self,
                name,
                description=f"The {name} administrator of {place.city}, {place.stage}",
                assume_role_policy_document=_taken_by(name),
                max_session_duration=HOUR,
                policies=[
                    iam.CfnRole.PolicyProperty(
                        policy_name="office", policy_document=rights.policy(*said)
                    )
                ],
            )
            acknowledge_wildcards(role, said)
            publish(self, place, f"role/{name}-administrator", role.attr_arn)


def _taken_by(name: str) -> Mapping[str, object]:
    here = pseudo()
    return rights.policy(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{here.partition}:iam::{here.account}:root"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "Bool": {"aws:MultiFactorAuthPresent": "true"},
                "NumericLessThan": {"aws:MultiFactorAuthAge": str(HOUR)},
                "StringEquals": {f"aws:PrincipalTag/{TAG}": name},
            },
        }
    )


def _system(place: Place, machines: Sequence[str], queues: Sequence[str]) -> Iterator[Statement]:
    """Sees that all runs; of records only that they are there and recover."""
    yield allow(
        "dynamodb",
        "DescribeContinuousBackups DescribeTable",
        *(place.table(name) for name in TABLES),
    )
    yield allow("sqs", "GetQueueAttributes", *(place.queue(name) for name in queues))
    yield allow(
        "states", "DescribeStateMachine ListExecutions", *(place.machine(m) for m in machines)
    )


def _security(
    place: Place, find: Callable[[str], str], secrets: Sequence[str]
) -> Iterator[Statement]:
    """Rotates and kills partners' keys, disables a key of ours, hears the alarms."""
    yield allow(
        "secretsmanager",
        "DescribeSecret GetSecretValue PutSecretValue",
        *(find(f"secret/{name}") for name in secrets),
    )
    yield allow("dynamodb", "PutItem Scan UpdateItem", place.table("partners"))
    yield allow("kms", "DescribeKey DisableKey EnableKey", *(find(f"key/{name}") for name in KEYS))
    yield allow("sns", "Subscribe Unsubscribe", arn("sns", place.name("alarms")))


def _audit(place: Place, find: Callable[[str], str]) -> Iterator[Statement]:
    """Reads the ledger, its seals and the evidence as it came; changes nothing."""
    yield allow("dynamodb", "GetItem Query", *(place.table(name) for name in LOOKED_AT_BY_AUDIT))
    yield allow("kms", "GetPublicKey Verify", find("key/ledger"))
    yield from rights.on_buckets(dict.fromkeys(BUCKETS, "GetObject ListBucket"), place, find)
