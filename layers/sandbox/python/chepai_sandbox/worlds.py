"""What the simulated partners know: one row a car, person, order, registration or parcel."""

import json
import os
from typing import Any, Self, TypeAlias

from chepai_sandbox.aws import client

Row: TypeAlias = dict[str, Any]


class Worlds:
    """Keys: "vin#…", "person#…", "model#…", "phone#…", "application#…", "order#…", …"""

    def __init__(self, table: str) -> None:
        self._table = table

    @classmethod
    def from_env(cls) -> Self:
        return cls(os.environ["SANDBOX_WORLDS_TABLE"])

    def read(self, key: str) -> Row | None:
        answer = client("dynamodb").get_item(
            TableName=self._table, Key={"world_key": {"S": key}}, ConsistentRead=True
        )
        return _body(answer["Item"]) if "Item" in answer else None

    def write(self, key: str, row: Row) -> None:
        """Keep a row; counters beside it stay as they are."""
        client("dynamodb").update_item(
            TableName=self._table,
            Key={"world_key": {"S": key}},
            UpdateExpression="SET body = :b",
            ExpressionAttributeValues={":b": {"S": json.dumps(row, ensure_ascii=False)}},
        )

    def write_once(self, key: str, row: Row) -> tuple[Row, bool]:
        """The row that is there in the end, and whether it is this one: asked twice, done once."""
        dynamodb = client("dynamodb")
        try:
            dynamodb.put_item(
                TableName=self._table,
                Item={
                    "world_key": {"S": key},
                    "body": {"S": json.dumps(row, ensure_ascii=False)},
                },
                ConditionExpression="attribute_not_exists(world_key)",
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return self.read(key) or {}, False
        return row, True

    def count(self, key: str, what: str) -> int:
        """How often this was counted, this time included."""
        answer = client("dynamodb").update_item(
            TableName=self._table,
            Key={"world_key": {"S": f"count#{what}#{key}"}},
            UpdateExpression="ADD counted :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
            ReturnValues="UPDATED_NEW",
        )
        return int(answer["Attributes"]["counted"]["N"])

    def note(self, book: str, line: Row) -> None:
        """Add a line to a book, such as what was paid on a day."""
        client("dynamodb").update_item(
            TableName=self._table,
            Key={"world_key": {"S": f"book#{book}"}},
            UpdateExpression="SET #l = list_append(if_not_exists(#l, :none), :one)",
            ExpressionAttributeNames={"#l": "lines"},
            ExpressionAttributeValues={
                ":none": {"L": []},
                ":one": {"L": [{"S": json.dumps(line, ensure_ascii=False)}]},
            },
        )

    def noted(self, book: str) -> list[Row]:
        """The lines of a book, in the order in which they were written."""
        answer = client("dynamodb").get_item(
            TableName=self._table, Key={"world_key": {"S": f"book#{book}"}}, ConsistentRead=True
        )
        lines = answer.get("Item", {}).get("lines", {"L": []})["L"]
        return [json.loads(each["S"]) for each in lines]

    def car(self, vin: str) -> Row | None:
        return self.read(f"vin#{vin}")

    def car_behind(self, key: str) -> Row | None:
        """The car that an application, order, phone or model leads to."""
        row = self.read(key)
        return self.car(row["vin"]) if row and row.get("vin") else None


def _body(item: dict[str, dict[str, str]]) -> Row:
    read: Row = json.loads(item["body"]["S"]) if "body" in item else {}
    return read
