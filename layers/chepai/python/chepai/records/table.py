"""One DynamoDB table: rows of plain values, and writes of which all happen or none."""

import os
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Any, Self, TypeAlias

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from chepai.records.aws import client

Row: TypeAlias = dict[str, Any]
Write: TypeAlias = dict[str, Any]

_serialise = TypeSerializer().serialize
_deserialise = TypeDeserializer().deserialize


class ConditionFailed(Exception):
    """A condition of a write did not hold; `found` has the row that stood in the way, per write."""

    def __init__(self, found: Sequence[Row | None], failed: Sequence[bool]) -> None:
        super().__init__("a condition did not hold")
        self.found = found
        self.failed = failed


class TryAgain(Exception):
    """Another writer was quicker or the table is busy: the same call may succeed a moment later."""


def pack(row: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes that are None or empty are left out, so that a sparse index stays sparse."""
    return {
        name: _serialise(value) for name, value in row.items() if value not in (None, "", {}, [])
    }


def unpack(item: Mapping[str, Any]) -> Row:
    """Numbers come back as int: nothing of ours is a fraction (money is counted in fen)."""
    return {name: _plain(_deserialise(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, bool | str) or value is None:
        return value
    if hasattr(value, "value"):  # boto3 wraps bytes in Binary
        return bytes(value.value)
    return int(value)


class Table:
    """The verbs our tables use; a module of its own names the questions of each table."""

    variable: str
    consistent = True

    def __init__(self, name: str) -> None:
        self.name = name

    @classmethod
    def from_env(cls) -> Self:
        return cls(os.environ[cls.variable])

    def for_views(self) -> Self:
        """The same table read at half the price, a moment late at times: never to decide by."""
        view = copy(self)
        view.consistent = False
        return view

    def get(self, key: Mapping[str, Any], *, consistent: bool | None = None) -> Row | None:
        read = self.consistent if consistent is None else consistent
        answer = client("dynamodb").get_item(
            TableName=self.name, Key=pack(key), ConsistentRead=read
        )
        return unpack(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Sequence[Mapping[str, Any]]) -> list[Row]:
        """The rows that exist among up to a few hundred keys, in no order."""
        rows: list[Row] = []
        left = [pack(key) for key in keys]
        while left:
            batch, left = left[:100], left[100:]
            answer = client("dynamodb").batch_get_item(
                RequestItems={self.name: {"Keys": batch, "ConsistentRead": self.consistent}}
            )
            rows += [unpack(item) for item in answer["Responses"].get(self.name, [])]
            left += answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
        return rows

    def query(
        self,
        condition: str,
        values: Mapping[str, Any],
        *,
        names: Mapping[str, str] | None = None,
        index: str | None = None,
        newest_first: bool = False,
        limit: int | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> Iterator[Row]:
        ask: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": pack(values),
            "ScanIndexForward": not newest_first,
        }
        if names:
            ask["ExpressionAttributeNames"] = dict(names)
        if index:
            ask["IndexName"] = index
        else:
            ask["ConsistentRead"] = self.consistent
        if limit:
            ask["Limit"] = limit
        if after:
            ask["ExclusiveStartKey"] = pack(after)
        while True:
            answer = client("dynamodb").query(**ask)
            yield from (unpack(item) for item in answer["Items"])
            if limit or "LastEvaluatedKey" not in answer:
                return
            ask["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def count(
        self, condition: str, values: Mapping[str, Any], *, names: Mapping[str, str], index: str
    ) -> int:
        """How many rows of an index fit a condition on its key; the rows stay where they are."""
        ask: dict[str, Any] = {
            "TableName": self.name,
            "IndexName": index,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": dict(names),
            "ExpressionAttributeValues": pack(values),
            "Select": "COUNT",
        }
        counted = 0
        while True:
            answer = client("dynamodb").query(**ask)
            counted += int(answer["Count"])
            if "LastEvaluatedKey" not in answer:
                return counted
            ask["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def put(self, row: Mapping[str, Any], *, when: str, **values: Any) -> None:
        """Put a row when a condition holds, else `ConditionFailed` with the row that is there."""
        _single(client("dynamodb").put_item, self.putting(row, when=when, **values)["Put"])

    def putting(self, row: Mapping[str, Any], *, when: str, **values: Any) -> Write:
        """The same put as a part of a transaction."""
        put = {"TableName": self.name, "Item": pack(row), "ConditionExpression": when}
        return {"Put": _with(put, values)}

    def update(
        self,
        key: Mapping[str, Any],
        *,
        sets: Mapping[str, Any] | None = None,
        adds: Mapping[str, int] | None = None,
        when: str | None = None,
        **values: Any,
    ) -> Row:
        """Change attributes and answer the whole row as it is now."""
        return self.updated(self.updating(key, sets=sets, adds=adds, when=when, **values))

    @staticmethod
    def updated(write: Write) -> Row:
        """Do one update by itself and answer the whole row as it is now."""
        asked = write["Update"] | {"ReturnValues": "ALL_NEW"}
        return unpack(_single(client("dynamodb").update_item, asked)["Attributes"])

    def updating(
        self,
        key: Mapping[str, Any],
        *,
        sets: Mapping[str, Any] | None = None,
        adds: Mapping[str, int] | None = None,
        when: str | None = None,
        **values: Any,
    ) -> Write:
        """The same update as a part of a transaction; a value of None removes the attribute."""
        names: dict[str, str] = {}
        bound = dict(values)
        setting, removing, adding = [], [], []
        for n, (name, value) in enumerate((sets or {}).items()):
            names[f"#s{n}"] = name
            if value in (None, "", {}, []):
                removing.append(f"#s{n}")
            else:
                setting.append(f"#s{n} = :s{n}")
                bound[f"s{n}"] = value
        for n, (name, value) in enumerate((adds or {}).items()):
            names[f"#a{n}"] = name
            adding.append(f"#a{n} :a{n}")
            bound[f"a{n}"] = value
        expression = " ".join(
            f"{verb} {', '.join(parts)}"
            for verb, parts in (("SET", setting), ("REMOVE", removing), ("ADD", adding))
            if parts
        )
        update: dict[str, Any] = {
            "TableName": self.name,
            "Key": pack(key),
            "UpdateExpression": expression,
        }
        if names:
            update["ExpressionAttributeNames"] = names
        if when:
            update["ConditionExpression"] = when
        return {"Update": _with(update, bound)}

    def checking(self, key: Mapping[str, Any], *, when: str, **values: Any) -> Write:
        """A condition on a row that the transaction does not change."""
        check = {"TableName": self.name, "Key": pack(key), "ConditionExpression": when}
        return {"ConditionCheck": _with(check, values)}

    def delete(
        self, key: Mapping[str, Any], *, when: str, names: Mapping[str, str], **values: Any
    ) -> None:
        """Delete a row when a condition holds, else `ConditionFailed`."""
        write = self.deleting(key, when=when, **values)["Delete"]
        _single(client("dynamodb").delete_item, write | {"ExpressionAttributeNames": dict(names)})

    def deleting(self, key: Mapping[str, Any], *, when: str, **values: Any) -> Write:
        delete = {"TableName": self.name, "Key": pack(key), "ConditionExpression": when}
        return {"Delete": _with(delete, values)}


def transact(*writes: Write) -> None:
    """All writes or none. The SDK adds a request token, so a lost reply is repeated safely."""
    asked = [
        {verb: body | {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}
        for write in writes
        for verb, body in write.items()
    ]
    try:
        client("dynamodb").transact_write_items(TransactItems=asked)
    except ClientError as error:
        reasons = error.response.get("CancellationReasons", [])
        failed = [reason.get("Code") == "ConditionalCheckFailed" for reason in reasons]
        if any(failed):
            found = [unpack(r["Item"]) if r.get("Item") else None for r in reasons]
            raise ConditionFailed(found, failed) from None
        if _passes(error) or any(r.get("Code") in _PASSING for r in reasons):
            raise TryAgain from None
        raise


def _single(call: Any, write: Mapping[str, Any]) -> dict[str, Any]:
    asked = dict(write)
    if "ConditionExpression" in asked:
        asked["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    try:
        return dict(call(**asked))
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            item = error.response.get("Item")
            raise ConditionFailed([unpack(item) if item else None], [True]) from None
        if _passes(error):
            raise TryAgain from None
        raise


# Why a transaction was cancelled, as against the error codes of a single call.
_PASSING = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


def _passes(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in {
        "TransactionConflictException",
        "TransactionInProgressException",
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
    }


def _with(write: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    if values:
        write["ExpressionAttributeValues"] = {f":{n}": _serialise(v) for n, v in values.items()}
    return write
