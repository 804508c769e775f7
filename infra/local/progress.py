"""One application's progress, drawn for a terminal from what the city has on record."""

from collections.abc import Callable, Iterator
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from infra.place import Place

_read = TypeDeserializer().deserialize


class NoSuchApplication(LookupError):
    """The city knows no application of this id."""


def lines(place: Place, application_id: str, client: Callable[[str], Any]) -> Iterator[str]:
    """A head line, a line for each entry of its ledger, and what it waits for now.

    Raises NoSuchApplication.
    """
    dynamodb = client("dynamodb")
    found = dynamodb.get_item(
        TableName=place.name("applications"), Key={"application_id": {"S": application_id}}
    ).get("Item")
    if not found:
        raise NoSuchApplication(f"no application {application_id} in {place.city}")
    application = _plain(found)
    yield f"{application_id}  {application.get('service', '')}"
    entries = list(_entries(dynamodb, place.name("ledger"), application_id))
    for number, entry in enumerate(entries):
        branch = "└" if number == len(entries) - 1 else "├"
        status = entry.get("to", {}).get("status", "")
        word = f" → {status}" if status and status != entry.get("from", {}).get("status") else ""
        actor = entry.get("actor", {})
        who = " ".join(str(actor[part]) for part in ("role", "id") if actor.get(part))
        yield f"  {branch} {entry['at']}  {entry['act']}{word}  ({who})"
    yield f"  now: {application.get('status', '?')}, run {application.get('run', 1)}"


def _entries(dynamodb: Any, table: str, chain: str) -> Iterator[dict[str, Any]]:
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="#chain = :chain",
        ExpressionAttributeNames={"#chain": "chain"},
        ExpressionAttributeValues={":chain": {"S": chain}},
    )
    for page in pages:
        yield from map(_plain, page["Items"])


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    return {name: _read(value) for name, value in item.items()}
