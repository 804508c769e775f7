"""A state machine from its definition in infra/workflows, wired to the steps it names."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra import rights
from infra.acknowledgements import acknowledge_wildcards
from infra.constructs.service_function import LOG_DAYS
from infra.definitions import Definition, as_text, steps_of
from infra.place import Place, pseudo


class Workflow(Construct):
    """One machine: it may invoke exactly the steps that its definition names."""

    def __init__(
        self, scope: Construct, name: str, *, definition: Definition, steps: set[str], place: Place
    ) -> None:
        super().__init__(scope, name)
        named = steps_of(definition)
        if unknown := named - steps:
            raise LookupError(
                f"infra/workflows/{name}.py names steps that have no folder: "
                + ", ".join(sorted(unknown))
            )
        written = logs.CfnLogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/vendedlogs/states/{place.name(name)}",
            retention_in_days=LOG_DAYS,
        )
        written.apply_removal_policy(
            RemovalPolicy.DESTROY if place.is_sandbox else RemovalPolicy.RETAIN
        )
        role = self._role(named, place)
        self.machine = sfn.CfnStateMachine(
            self,
            "Machine",
            state_machine_name=place.name(name),
            state_machine_type="STANDARD",
            role_arn=role.attr_arn,
            definition_string=as_text(definition),
            definition_substitutions={
                "partition": pseudo().partition,
                **{each: place.function(each) for each in sorted(named)},
            },
            tracing_configuration=sfn.CfnStateMachine.TracingConfigurationProperty(enabled=True),
            logging_configuration=sfn.CfnStateMachine.LoggingConfigurationProperty(
                level="ALL",
                # Even identifiers stay out of the logs; the history has them for those entitled.
                include_execution_data=False,
                destinations=[
                    sfn.CfnStateMachine.LogDestinationProperty(
                        cloud_watch_logs_log_group=sfn.CfnStateMachine.CloudWatchLogsLogGroupProperty(
                            log_group_arn=written.attr_arn
                        )
                    )
                ],
            ),
        )

    def _role(self, steps: set[str], place: Place) -> iam.CfnRole:
        said = [
            rights.allow(
                "lambda", "InvokeFunction", *(place.function(each) for each in sorted(steps))
            ),
            # Log delivery and X-Ray have no resources to name: unavoidable.
            rights.allow(
                "logs",
                "CreateLogDelivery DeleteLogDelivery DescribeLogGroups DescribeResourcePolicies"
                " GetLogDelivery ListLogDeliveries PutResourcePolicy UpdateLogDelivery",
                "*",
            ),
            rights.allow(
                "xray",
                "GetSamplingRules GetSamplingTargets PutTelemetryRecords PutTraceSegments",
                "*",
            ),
        ]
        role = iam.CfnRole(
            self,
            "Role",
            assume_role_policy_document=rights.trust(
                "states", StringEquals={"aws:SourceAccount": pseudo().account}
            ),
            policies=[
                iam.CfnRole.PolicyProperty(policy_name="own", policy_document=rights.policy(*said))
            ],
        )
        acknowledge_wildcards(role, said)
        return role
