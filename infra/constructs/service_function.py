"""The folder functions/<group>/<name> as a Lambda function with its own role and logs."""

import json
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import (
    CfnParameter,
    CfnTag,
    RemovalPolicy,
    Stack,
)
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk.aws_s3_assets import Asset
from constructs import Construct

from infra import rights
from infra.access import Access, Every, Queue, Stream
from infra.acknowledgements import acknowledge, acknowledge_wildcards
from infra.place import Place

LOG_DAYS = 365  # Cybersecurity Law Art. 21(3): at least six months.


class Wiring:
    """What the functions of one stack share: the place, the layers, the names of machines and
    the identifiers that AWS invented, each read once from its parameter."""

    def __init__(self, stack: Stack, place: Place, machines: tuple[str, ...]) -> None:
        self.stack, self.place, self.machines = stack, place, machines
        self._found: dict[str, str] = {}

    def find(self, thing: str) -> str:
        """The value of the parameter `thing`, as in "key/people"."""
        if thing not in self._found:
            name = "".join(part.capitalize() for part in thing.replace("-", "/").split("/"))
            self._found[thing] = CfnParameter(
                self.stack,
                name.replace("_", ""),
                type="AWS::SSM::Parameter::Value<String>",
                default=self.place.parameter(thing),
                description=f"Where the stack that makes it leaves {thing}",
            ).value_as_string
        return self._found[thing]


@dataclass(frozen=True)
class Code:
    """The uploaded code of one function and the layers under it."""

    bucket: str
    key: str
    layers: list[str]


class ServiceFunction(Construct):
    """One function: everything that makes it differs from its neighbours is its access entry."""

    def __init__(
        self, scope: Construct, name: str, *, group: str, access: Access, code: Code, wiring: Wiring
    ) -> None:
        super().__init__(scope, name)
        self._access, self._place = access, wiring.place
        self.full_name = wiring.place.name(name)
        group_of_logs = self._logs()
        role = self._role(name, wiring)
        self.function = lambda_.CfnFunction(
            self,
            "Function",
            function_name=self.full_name,
            description=f"functions/{group}/{name}",
            code=lambda_.CfnFunction.CodeProperty(s3_bucket=code.bucket, s3_key=code.key),
            handler="handler.handler",
            runtime="python3.13",
            architectures=["arm64"],
            role=role.attr_arn,
            memory_size=access.memory,
            timeout=access.timeout,
            layers=code.layers,
            reserved_concurrent_executions=access.concurrency,
            tracing_config=lambda_.CfnFunction.TracingConfigProperty(mode="Active"),
            logging_config=lambda_.CfnFunction.LoggingConfigProperty(
                log_format="JSON", log_group=group_of_logs.ref
            ),
            environment=lambda_.CfnFunction.EnvironmentProperty(
                variables={
                    "CHEPAI_STAGE": wiring.place.stage,
                    "CHEPAI_CITY": wiring.place.city,
                    "CHEPAI_SUITE": wiring.place.suite,
                    "POWERTOOLS_SERVICE_NAME": name,
                    **rights.environment(access, wiring.place, wiring.find),
                }
            ),
            tags=[CfnTag(key="chepai:function", value=name)],
        )
        self.ref = self.function.ref
        self._trigger(wiring)
        acknowledge(self.function, "function")

    def _logs(self) -> logs.CfnLogGroup:
        group = logs.CfnLogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/lambda/{self.full_name}",
            retention_in_days=LOG_DAYS,
        )
        group.apply_removal_policy(
            RemovalPolicy.DESTROY if self._place.is_sandbox else RemovalPolicy.RETAIN
        )
        return group

    def _role(self, name: str, wiring: Wiring) -> iam.CfnRole:
        said = rights.statements(name, self._access, wiring.place, wiring.find, wiring.machines)
        role = iam.CfnRole(
            self,
            "Role",
            assume_role_policy_document=rights.trust("lambda"),
            policies=[
                iam.CfnRole.PolicyProperty(policy_name="own", policy_document=rights.policy(*said))
            ],
        )
        acknowledge_wildcards(role, said)
        return role

    def _trigger(self, wiring: Wiring) -> None:
        match self._access.on:
            case Queue() as queue:
                self._on_queue(queue)
            case Stream() as stream:
                self._on_stream(stream, wiring)
            case Every() as every:
                self._on_clock(every)
            case None:
                pass

    def _on_queue(self, queue: Queue) -> None:
        reader = lambda_.CfnEventSourceMapping(
            self,
            "Messages",
            function_name=self.ref,
            event_source_arn=self._place.queue(queue.name),
            batch_size=queue.batch,
        )
        acknowledge(reader, "queue reader")

    def _on_stream(self, stream: Stream, wiring: Wiring) -> None:
        lambda_.CfnEventSourceMapping(
            self,
            "Rows",
            function_name=self.ref,
            event_source_arn=wiring.find(f"stream/{stream.table}"),
            starting_position="TRIM_HORIZON",
            batch_size=stream.batch,
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=stream.tries,
            filter_criteria=lambda_.CfnEventSourceMapping.FilterCriteriaProperty(
                filters=[
                    lambda_.CfnEventSourceMapping.FilterProperty(pattern=json.dumps(each))
                    for each in stream.only
                ]
            )
            if stream.only
            else None,
            destination_config=lambda_.CfnEventSourceMapping.DestinationConfigProperty(
                on_failure=lambda_.CfnEventSourceMapping.OnFailureProperty(
                    destination=self._place.queue(rights.LOST_EVENTS)
                )
            ),
        )

    def _on_clock(self, every: Every) -> None:
        unit = "minute" if every.minutes == 1 else "minutes"
        rule = events.CfnRule(
            self,
            "Clock",
            name=self.full_name,
            schedule_expression=f"rate({every.minutes} {unit})",
            targets=[
                events.CfnRule.TargetProperty(
                    arn=self.function.attr_arn,
                    id="function",
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(
                        arn=self._place.queue(rights.LOST_EVENTS)
                    ),
                )
            ],
        )
        lambda_.CfnPermission(
            self,
            "ClockMayCall",
            action="lambda:InvokeFunction",
            function_name=self.ref,
            principal="events.amazonaws.com",
            source_arn=rule.attr_arn,
        )
        lambda_.CfnEventInvokeConfig(
            self,
            "Lost",
            function_name=self.ref,
            qualifier="$LATEST",
            maximum_retry_attempts=1,
            # AWS keeps an event between a minute and six hours.
            maximum_event_age_in_seconds=min(21_600, max(60, every.minutes * 60)),
            destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(
                    destination=self._place.queue(rights.LOST_EVENTS)
                )
            ),
        )


def code_of(stack: Stack, asset: Path) -> tuple[str, str]:
    """Put a zip on the list of a stack's uploads; answers the bucket and key it will have."""
    uploaded = Asset(stack, f"code-{asset.stem}", path=str(asset), asset_hash=asset.stem)
    return uploaded.s3_bucket_name, uploaded.s3_object_key
