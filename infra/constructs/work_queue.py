"""A queue whose messages nobody loses: what fails too often lies with the dead letters."""

from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra import rights
from infra.acknowledgements import acknowledge
from infra.place import Place, pseudo

_TWO_WEEKS = 14 * 24 * 3600


class DeadLetters(Construct):
    """Where messages end that could not be handled; a clerk's alarm watches it."""

    def __init__(self, scope: Construct, name: str, place: Place) -> None:
        super().__init__(scope, name)
        self.queue = sqs.CfnQueue(
            self,
            "Queue",
            queue_name=place.name(name),
            message_retention_period=_TWO_WEEKS,
            sqs_managed_sse_enabled=True,
        )
        _only_encrypted(self, self.queue, _from_the_clock(self.queue))
        acknowledge(self.queue, "dead letters")


class WorkQueue(Construct):
    """A queue with its dead letters. `longest` is the timeout of its reader, in seconds."""

    def __init__(
        self, scope: Construct, name: str, place: Place, *, longest: int, tries: int
    ) -> None:
        super().__init__(scope, name)
        self.dead = DeadLetters(self, f"{name}-dead", place)
        self.queue = sqs.CfnQueue(
            self,
            "Queue",
            queue_name=place.name(name),
            message_retention_period=_TWO_WEEKS,
            # Six times the reader's timeout, as its poller may hold a batch that long.
            visibility_timeout=6 * longest,
            sqs_managed_sse_enabled=True,
            redrive_policy={
                "deadLetterTargetArn": self.dead.queue.attr_arn,
                "maxReceiveCount": tries,
            },
        )
        _only_encrypted(self, self.queue)


def _only_encrypted(scope: Construct, queue: sqs.CfnQueue, *others: rights.Statement) -> None:
    sqs.CfnQueuePolicy(
        scope,
        "OnlyEncrypted",
        queues=[queue.ref],
        policy_document=rights.policy(
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sqs:*",
                "Resource": queue.attr_arn,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            *others,
        ),
    )


def _from_the_clock(queue: sqs.CfnQueue) -> rights.Statement:
    """Rules of this account may leave here the calls that could not be made."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue.attr_arn,
        "Condition": {"StringEquals": {"aws:SourceAccount": pseudo().account}},
    }
