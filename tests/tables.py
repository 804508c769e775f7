"""One city's tables, queue and keys in a simulated AWS, made from the stack's own declaration."""

from typing import Any

from infra.constructs.record_table import Table
from infra.place import Place
from infra.stacks.records import TABLES

PLACE = Place("sandbox", "qingdao")


def make_tables(dynamodb: Any) -> None:
    """All tables of the stack, empty."""
    for name, table in TABLES.items():
        make_table(dynamodb, PLACE.name(name), table)


def drop_tables(dynamodb: Any) -> None:
    """None of them any more."""
    for name in TABLES:
        dynamodb.delete_table(TableName=PLACE.name(name))


def make_table(dynamodb: Any, name: str, table: Table) -> None:
    """One table with the keys and indexes that its declaration says."""
    pairs = [(table.key, table.sort), *table.indexes.values()]
    named = sorted({each for pair in pairs for each in pair if each})
    indexes = [
        {
            "IndexName": index,
            "KeySchema": _keys(*keys),
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
        for index, keys in table.indexes.items()
    ]
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_keys(table.key, table.sort),
        AttributeDefinitions=[
            {"AttributeName": each, "AttributeType": "N" if each in table.numbers else "S"}
            for each in named
        ],
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    )


def table_settings() -> dict[str, str]:
    """The environment by which our functions find their tables."""
    return {f"{name.upper()}_TABLE": PLACE.name(name) for name in TABLES}


def make_blind_key(kms: Any) -> str:
    """The key of the blind indexes; its ARN."""
    made = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    return str(made["KeyMetadata"]["Arn"])


def make_people_key(kms: Any) -> str:
    """The key that seals the vault's data keys; its ARN."""
    return str(kms.create_key()["KeyMetadata"]["Arn"])


def _keys(key: str, sort: str = "") -> list[dict[str, str]]:
    schema = [{"AttributeName": key, "KeyType": "HASH"}]
    return schema + ([{"AttributeName": sort, "KeyType": "RANGE"}] if sort else [])
