"""A table of records: paid by use, encrypted, recoverable to any second, kept for good."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.place import Place


@dataclass(frozen=True)
class Table:
    """The keys of a table. indexes: name → (partition key, sort key), keys only;
    numbers: keys that are numbers, all others are text; sealed_by: the name of its own key."""

    key: str
    sort: str = ""
    indexes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()
    expires: bool = False
    stream: bool = False
    sealed_by: str = ""


class RecordTable(Construct):
    """One table, as its declaration says and with what every table has."""

    def __init__(
        self, scope: Construct, name: str, table: Table, place: Place, *, key: str | None = None
    ) -> None:
        super().__init__(scope, name)
        pairs = [(table.key, table.sort), *table.indexes.values()]
        named = sorted({each for pair in pairs for each in pair if each})
        self.table = dynamodb.CfnTable(
            self,
            "Table",
            table_name=place.name(name),
            billing_mode="PAY_PER_REQUEST",
            attribute_definitions=[
                dynamodb.CfnTable.AttributeDefinitionProperty(
                    attribute_name=each, attribute_type="N" if each in table.numbers else "S"
                )
                for each in named
            ],
            key_schema=_keys(table.key, table.sort),
            global_secondary_indexes=[
                dynamodb.CfnTable.GlobalSecondaryIndexProperty(
                    index_name=index,
                    key_schema=_keys(*keys),
                    projection=dynamodb.CfnTable.ProjectionProperty(projection_type="KEYS_ONLY"),
                )
                for index, keys in table.indexes.items()
            ]
            or None,
            sse_specification=dynamodb.CfnTable.SSESpecificationProperty(
                sse_enabled=True,
                sse_type="KMS" if key else None,
                kms_master_key_id=key,
            ),
            point_in_time_recovery_specification=(
                dynamodb.CfnTable.PointInTimeRecoverySpecificationProperty(
                    point_in_time_recovery_enabled=True
                )
            ),
            time_to_live_specification=dynamodb.CfnTable.TimeToLiveSpecificationProperty(
                attribute_name="expires", enabled=True
            )
            if table.expires
            else None,
            stream_specification=dynamodb.CfnTable.StreamSpecificationProperty(
                stream_view_type="NEW_IMAGE"
            )
            if table.stream
            else None,
            deletion_protection_enabled=not place.is_sandbox,
        )
        self.table.apply_removal_policy(
            RemovalPolicy.DESTROY if place.is_sandbox else RemovalPolicy.RETAIN
        )


def _keys(key: str, sort: str) -> list[dynamodb.CfnTable.KeySchemaProperty]:
    schema = [dynamodb.CfnTable.KeySchemaProperty(attribute_name=key, key_type="HASH")]
    if sort:
        schema.append(dynamodb.CfnTable.KeySchemaProperty(attribute_name=sort, key_type="RANGE"))
    return schema
