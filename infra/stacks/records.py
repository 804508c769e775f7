"""What is kept: tables, keys, secrets and queues. No code, so that it changes seldom."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import CfnTag, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.constructs.evidence_bucket import EvidenceBucket
from infra.constructs.published import publish
from infra.constructs.record_table import RecordTable, Table
from infra.constructs.work_queue import DeadLetters, WorkQueue
from infra.place import Place, pseudo
from infra.rights import EVIDENCE_KEY, LOST_EVENTS

TABLES = {
    "applications": Table(
        "application_id",
        indexes={
            "by_person": ("person_id", "application_id"),
            "by_queue": ("queue_shard", "due_at"),
        },
        expires=True,
    ),
    "people": Table("person_id", indexes={"by_look_day": ("look_day", "person_id")}),
    "facts": Table(
        "subject",
        "version_key",
        indexes={"by_buyer": ("buyer", "version_key"), "by_hour": ("hour", "received_at")},
        stream=True,
    ),
    # Task tokens lie here and nowhere else: whoever has one can answer for a partner.
    "waits": Table("awaited", "waiter", expires=True, sealed_by="tokens"),
    "numbers": Table("number_key", expires=True),
    "deals": Table("lane", "start", numbers=frozenset({"start"})),
    "vehicles": Table("vin", indexes={"by_owner": ("person_id", "vin")}),
    "payments": Table(
        "payment_id",
        # Sparse: the daily match reads what moved on a day.
        indexes={
            "by_captured_day": ("captured_day", "payment_id"),
            "by_refunded_day": ("refunded_day", "payment_id"),
        },
    ),
    "ledger": Table(
        "chain", "seq", indexes={"by_hour": ("hour", "at")}, numbers=frozenset({"seq"})
    ),
    "seals": Table("place"),
    "traces": Table("thread", "place"),
    "supervision": Table("matter", "item", indexes={"by_desk": ("desk", "due_at")}),
    # What was counted of the sealed log: it can be made from there again.
    "figures": Table("figure", "item", expires=True),
    "partners": Table("partner_id"),
    "cities": Table("city", "version"),
    "slots": Table("site_day", "slot_key"),
    "rates": Table("bucket", expires=True),
    # One-to-one at a counter: sessions with their guards, and what desks took for fees.
    "sessions": Table("session_id", indexes={"by_desk_day": ("desk_day", "opened_at")}),
    "takings": Table("taking_id", indexes={"by_desk_day": ("desk_day", "at")}),
    "powers": Table(
        "agent_id", "principal_id", indexes={"by_principal": ("principal_id", "agent_id")}
    ),
    # What persons ask about their data: questions, erasure, restriction, relatives.
    "data_requests": Table(
        "request_id",
        indexes={"by_person": ("person_id", "request_id"), "by_state": ("open_state", "due_on")},
    ),
    # Questions and complaints, every text sealed, and their counts by month and kind.
    "tickets": Table(
        "ticket_id",
        indexes={
            "by_person": ("person_id", "received_at"),
            "by_queue": ("queue", "owed_at"),
            "by_desk": ("desk", "desk_at"),
        },
    ),
}


# seals: the signed checkpoints of the ledger and the batches under them; archive: partners'
# messages as they came.
BUCKETS = ("seals", "archive")


class Records(Stack):
    """One city's records. Kept when the stack goes, except in the sandbox."""

    def __init__(self, scope: Construct, place: Place, *, secrets: Sequence[str]) -> None:
        super().__init__(scope, "records", **place.stack("records"))
        self._place = place
        sealing = {"tokens": self._tokens_key().attr_arn}
        for name, table in TABLES.items():
            made = RecordTable(self, name, table, place, key=sealing.get(table.sealed_by))
            if table.stream:
                publish(self, place, f"stream/{name}", made.table.attr_stream_arn)
        self._keys()
        for name in secrets:
            self._secret(name)
        WorkQueue(self, "questions", place, longest=30, tries=8)
        if place.is_sandbox:
            self._of_the_sandbox()
        DeadLetters(self, LOST_EVENTS, place)

    def _tokens_key(self) -> kms.CfnKey:
        """What the waits are encrypted with: it opens through the table alone, for nobody else.

        Disabled, no answer reaches a machine any more, whoever has the table or a copy of it.
        """
        key = kms.CfnKey(
            self,
            "tokens-key",
            description="Encrypts the task tokens of machines that wait",
            enable_key_rotation=True,
            key_policy=_through_tables_alone(),
            tags=[CfnTag(key="chepai:key", value="tokens")],
        )
        key.apply_removal_policy(
            RemovalPolicy.DESTROY if self._place.is_sandbox else RemovalPolicy.RETAIN
        )
        publish(self, self._place, "key/tokens", key.attr_arn)
        return key

    def _keys(self) -> None:
        people = kms.CfnKey(
            self,
            "people-key",
            description="Wraps the data key of each person's record",
            enable_key_rotation=True,
            key_policy=_only_for("person", "kind"),
            tags=[CfnTag(key="chepai:key", value="people")],
        )
        words = kms.CfnKey(
            self,
            "words-key",
            description="Wraps the data key of each text that people write freely",
            enable_key_rotation=True,
            key_policy=_only_for("matter"),
            tags=[CfnTag(key="chepai:key", value="words")],
        )
        blind = kms.CfnKey(
            self,
            "blind-key",
            description="Makes the blind indexes by which people are found",
            key_spec="HMAC_256",
            key_usage="GENERATE_VERIFY_MAC",
            key_policy=_by_the_account(),
            tags=[CfnTag(key="chepai:key", value="blind")],
        )
        draws = kms.CfnKey(
            self,
            "draws-key",
            description="Makes what numbers, re-checks and samples are drawn by",
            key_spec="HMAC_256",
            key_usage="GENERATE_VERIFY_MAC",
            key_policy=_by_the_account(),
            tags=[CfnTag(key="chepai:key", value="draws")],
        )
        evidence = kms.CfnKey(
            self,
            "evidence-key",
            description="Encrypts the evidence in the buckets",
            enable_key_rotation=True,
            key_policy=_by_the_account(),
            tags=[CfnTag(key="chepai:key", value=EVIDENCE_KEY)],
        )
        sealing = kms.CfnKey(
            self,
            "ledger-key",
            description="Signs the checkpoints of the sealed ledger",
            key_spec=self._place.signing_key,
            key_usage="SIGN_VERIFY",
            key_policy=_by_the_account(),
            tags=[CfnTag(key="chepai:key", value="ledger")],
        )
        for name in BUCKETS:
            EvidenceBucket(self, name, self._place, key=evidence.attr_arn)
        for name, key in (
            ("people", people),
            ("words", words),
            ("blind", blind),
            ("draws", draws),
            (EVIDENCE_KEY, evidence),
            ("ledger", sealing),
        ):
            # Without its key no record of a person can ever be read again.
            key.apply_removal_policy(
                RemovalPolicy.DESTROY if self._place.is_sandbox else RemovalPolicy.RETAIN
            )
            publish(self, self._place, f"key/{name}", key.attr_arn)

    def _of_the_sandbox(self) -> None:
        """What simulated partners know, what they have yet to say, and the issuer's key."""
        RecordTable(self, "sandbox_worlds", Table("world_key"), self._place)
        WorkQueue(self, "sandbox_speech", self._place, longest=20, tries=8)
        issuer = kms.CfnKey(
            self,
            "sandbox-issuer-key",
            description="Signs the tokens of the sandbox's identity provider",
            key_spec="RSA_2048",
            key_usage="SIGN_VERIFY",
            key_policy=_by_the_account(),
            tags=[CfnTag(key="chepai:key", value="sandbox-issuer")],
        )
        issuer.apply_removal_policy(RemovalPolicy.DESTROY)
        publish(self, self._place, "key/sandbox-issuer", issuer.attr_arn)

    def _secret(self, name: str) -> None:
        # Made empty: keys are put in by hand or by the sandbox, never by a template.
        secret = secretsmanager.CfnSecret(
            self,
            name,
            name=self._place.name(name),
            description="{partner: [key, …]} of one kind of partner; empty as made",
            secret_string="{}",  # noqa: S106  # empty: nothing is secret yet
        )
        secret.apply_removal_policy(
            RemovalPolicy.DESTROY if self._place.is_sandbox else RemovalPolicy.RETAIN
        )
        publish(self, self._place, f"secret/{name}", secret.ref)
        acknowledge(secret, "partner secret")


def _by_the_account() -> dict[str, Any]:
    # The account's own policies decide who uses the key; "*" in a key's policy is that key.
    here = pseudo()
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{here.partition}:iam::{here.account}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }


_USES = (
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)


def _through_tables_alone() -> dict[str, Any]:
    """Whoever may use a table of the account uses its key through it, and in no other way."""
    here, said = pseudo(), _by_the_account()
    service = {"kms:ViaService": f"dynamodb.{here.region}.{here.suffix}"}
    said["Statement"] += [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": list(_USES),
            "Resource": "*",
            "Condition": {"StringEquals": {"kms:CallerAccount": here.account, **service}},
        },
        {
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": [each for each in _USES if each not in _LOOKS],
            "Resource": "*",
            "Condition": {"StringNotEquals": service},
        },
    ]
    return said


_LOOKS = frozenset({"kms:DescribeKey", "kms:CreateGrant"})
"""What the table service asks for by itself, not on behalf of a call."""


def _only_for(*parts: str) -> dict[str, Any]:
    """The account's policies decide, but nobody uses the key without saying for whom and what."""
    said = _by_the_account()
    for part in parts:
        said["Statement"].append(
            {
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": [
                    "kms:Decrypt",
                    "kms:Encrypt",
                    "kms:GenerateDataKey",
                    "kms:ReEncryptFrom",
                    "kms:ReEncryptTo",
                ],
                "Resource": "*",
                "Condition": {"Null": {f"kms:EncryptionContext:{part}": "true"}},
            }
        )
    return said
