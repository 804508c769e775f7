"""What calls somebody: alarms, each with the page that says what to do, and one dashboard."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.access import Access, Every, Queue, Stream
from infra.constructs.service_function import Wiring
from infra.place import Place, pseudo
from infra.rights import LOST_EVENTS

_MINUTE = 60


@dataclass(frozen=True)
class Watched:
    """One alarm: what is measured, from what on it is too much, and the page for it.

    `most`: the largest value that is still well; over `seconds`, `times` in a row. `least` instead:
    the smallest one, and silence counts as none.
    """

    name: str
    runbook: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    most: float = 0
    statistic: str = "Sum"
    seconds: int = 5 * _MINUTE
    times: int = 1
    least: float | None = None


class Watch(Stack):
    """One city's alarms, sent to one topic, and its dashboard."""

    def __init__(
        self,
        scope: Construct,
        place: Place,
        *,
        machines: tuple[str, ...],
        entries: Mapping[str, Access],
    ) -> None:
        super().__init__(scope, "watch", **place.stack("watch"))
        topic = self._topic(place)
        api = Wiring(self, place, ()).find("api/front-id")
        watched = [*_queues(place), *_machines(place, machines), *_called(place, entries)]
        watched += [
            *_swept(place),
            *_beaten(place, entries),
            *_sealed(place),
            Watched("api-errors", "api-errors", "AWS/ApiGateway", "5xx", {"ApiId": api}),
            Watched(
                "api-slow", "api-slow", "AWS/ApiGateway", "Latency", {"ApiId": api},
                most=3000, statistic="p99", times=3,
            ),
            Watched(
                "security-events", "security-events", "Chepai", "SecurityEvents",
                {"place": f"{place.stage}-{place.city}"},
            ),
        ]  # fmt: skip
        for each in watched:
            self._alarm(each, place, topic)
        cloudwatch.CfnDashboard(
            self,
            "Dashboard",
            dashboard_name=place.name("office"),
            dashboard_body=_dashboard(place, api, machines),
        )

    def _alarm(self, each: Watched, place: Place, topic: sns.CfnTopic) -> None:
        percentile = each.statistic.startswith("p")
        cloudwatch.CfnAlarm(
            self,
            f"alarm-{each.name}",
            alarm_name=place.name(each.name),
            alarm_description=f"What to do: docs/runbook/{each.runbook}.md",
            namespace=each.namespace,
            metric_name=each.metric,
            dimensions=[
                cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value)
                for name, value in each.dimensions.items()
            ],
            statistic=None if percentile else each.statistic,
            extended_statistic=each.statistic if percentile else None,
            comparison_operator=(
                "GreaterThanThreshold" if each.least is None else "LessThanThreshold"
            ),
            threshold=each.most if each.least is None else each.least,
            period=each.seconds,
            evaluation_periods=each.times,
            treat_missing_data="notBreaching" if each.least is None else "breaching",
            alarm_actions=[topic.ref],
            ok_actions=[topic.ref],
        )

    def _topic(self, place: Place) -> sns.CfnTopic:
        here = pseudo()
        key = kms.CfnKey(
            self,
            "key",
            description="Encrypts alarms on their way",
            enable_key_rotation=True,
            key_policy={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:{here.partition}:iam::{here.account}:root"},
                        "Action": "kms:*",
                        "Resource": "*",
                    },
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudwatch.amazonaws.com"},
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Resource": "*",
                        "Condition": {"StringEquals": {"aws:SourceAccount": here.account}},
                    },
                ],
            },
        )
        topic = sns.CfnTopic(
            self, "Alarms", topic_name=place.name("alarms"), kms_master_key_id=key.ref
        )
        sns.CfnTopicPolicy(
            self,
            "AlarmsPolicy",
            topics=[topic.ref],
            policy_document={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudwatch.amazonaws.com"},
                        "Action": "sns:Publish",
                        "Resource": topic.ref,
                        "Condition": {"StringEquals": {"aws:SourceAccount": here.account}},
                    },
                    {
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "sns:Publish",
                        "Resource": topic.ref,
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    },
                ],
            },
        )
        return topic


def _queues(place: Place) -> Iterator[Watched]:
    for name in ("questions-dead", LOST_EVENTS):
        yield Watched(
            f"{name}-filled", "dead-letters", "AWS/SQS", "ApproximateNumberOfMessagesVisible",
            {"QueueName": place.name(name)}, statistic="Maximum",
        )  # fmt: skip
    yield Watched(
        "questions-late", "questions-late", "AWS/SQS", "ApproximateAgeOfOldestMessage",
        {"QueueName": place.name("questions")}, most=15 * _MINUTE, statistic="Maximum",
    )  # fmt: skip


def _machines(place: Place, machines: tuple[str, ...]) -> Iterator[Watched]:
    for name in machines:
        of_it = {"StateMachineArn": place.machine(name)}
        yield Watched(f"{name}-failed", "workflow-failed", "AWS/States", "ExecutionsFailed", of_it)
        yield Watched(
            f"{name}-timed-out", "workflow-failed", "AWS/States", "ExecutionsTimedOut", of_it
        )
        yield Watched(
            f"{name}-throttled", "workflow-throttled", "AWS/States", "ExecutionThrottled", of_it
        )


def _swept(place: Place) -> Iterator[Watched]:
    """What the sweeper reports of itself and of the cases it cannot place."""
    here = {"place": f"{place.stage}-{place.city}"}
    # One report a minute: without one for five, nobody looks after deadlines but the machines.
    yield Watched("sweeper-silent", "sweeper-silent", "Chepai", "Swept", here, least=1)
    yield Watched("cases-stuck", "cases-stuck", "Chepai", "Stuck", here)
    yield Watched(
        "cases-left-over", "cases-stuck", "Chepai", "DueLeft", here, statistic="Minimum",
        seconds=15 * _MINUTE,
    )  # fmt: skip


def _sealed(place: Place) -> Iterator[Watched]:
    """What the sealer reports of itself, of chains that do not fit, and what waits for it."""
    here = {"place": f"{place.stage}-{place.city}"}
    # One report a minute, long before the limit at which registration stops.
    yield Watched("sealing-silent", "sealing-stopped", "Chepai", "SealingDone", here, least=1)
    yield Watched("registration-held", "sealing-stopped", "Chepai", "RegistrationsHeld", here)
    yield Watched("ledger-broken", "ledger-broken", "Chepai", "ChainsBroken", here)


def _beaten(place: Place, entries: Mapping[str, Access]) -> Iterator[Watched]:
    """The heart: two beats an hour of each service, and an hour without one calls somebody."""
    here = {"place": f"{place.stage}-{place.city}"}
    if "beat" in entries:
        for metric in ("HeartbeatNewCar", "HeartbeatReissue"):
            yield Watched(
                metric.lower(), "heartbeat", "Chepai", metric, here, seconds=60 * _MINUTE, least=1
            )
    yield Watched(
        "books-not-compared", "books-not-compared", "Chepai", "Reconciled", here,
        seconds=3 * 60 * _MINUTE, least=1,
    )  # fmt: skip


def _called(place: Place, entries: Mapping[str, Access]) -> Iterator[Watched]:
    """Functions that nobody waits for: their errors are seen here or not at all."""
    for name, access in entries.items():
        of_it = {"FunctionName": place.name(name)}
        if isinstance(access.on, Queue | Stream | Every):
            yield Watched(
                f"{name}-errors", "background-errors", "AWS/Lambda", "Errors", of_it, most=3
            )
        if isinstance(access.on, Stream):
            yield Watched(
                f"{name}-behind", "stream-behind", "AWS/Lambda", "IteratorAge", of_it,
                most=10 * _MINUTE * 1000, statistic="Maximum",
            )  # fmt: skip


def _dashboard(place: Place, api: str, machines: tuple[str, ...]) -> str:
    region = pseudo().region
    graphs: list[tuple[str, list[list[Any]]]] = [
        (
            "Requests and refusals",
            [["AWS/ApiGateway", each, "ApiId", api] for each in ("Count", "4xx", "5xx")],
        ),
        ("Answer time, p99 in ms", [["AWS/ApiGateway", "Latency", "ApiId", api, {"stat": "p99"}]]),
        (
            "Applications started, closed and failed",
            [
                ["AWS/States", each, "StateMachineArn", place.machine(machine)]
                for machine in machines
                for each in ("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed")
            ],
        ),
        (
            "Questions to partners: waiting and given up",
            [
                ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", place.name(each)]
                for each in ("questions", "questions-dead", LOST_EVENTS)
            ],
        ),
    ]
    return json.dumps(
        {
            "widgets": [
                {
                    "type": "metric",
                    "x": 12 * (number % 2),
                    "y": 6 * (number // 2),
                    "width": 12,
                    "height": 6,
                    "properties": {
                        "title": title,
                        "region": region,
                        "stat": "Sum",
                        "period": 300,
                        "metrics": metrics,
                    },
                }
                for number, (title, metrics) in enumerate(graphs)
                if metrics
            ]
        }
    )
