"""What a function really calls, held against the rights that its access entry gives it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient

from infra.access import Access
from infra.place import Place

_IN_TRANSACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_BATCHES = {"SendMessageBatch": "SendMessage"}


@contextmanager
def within(access: Access, place: Place) -> Iterator[None]:
    """Every call in here must be one that the access entry names."""
    called: list[tuple[str, str, Mapping[str, Any]]] = []
    real = BaseClient._make_api_call

    def watched(self: Any, operation: str, asked: dict[str, Any]) -> Any:
        called.append((self.meta.service_model.service_name, operation, asked))
        return real(self, operation, asked)

    with patch.object(BaseClient, "_make_api_call", watched):
        yield
    for service, operation, asked in called:
        for verb, thing in _used(service, operation, asked, place):
            granted = _granted(access, service, thing)
            assert verb in granted, f"{service}:{verb} on {thing or 'any'} is not granted"


def _used(
    service: str, operation: str, asked: Mapping[str, Any], place: Place
) -> Iterator[tuple[str, str]]:
    if service != "dynamodb":
        yield _BATCHES.get(operation, operation), ""
    elif operation == "TransactWriteItems":
        for item in asked["TransactItems"]:
            for word, write in item.items():
                yield _IN_TRANSACTIONS[word], _short(write["TableName"], place)
    elif operation == "BatchGetItem":
        for table in asked["RequestItems"]:
            yield operation, _short(table, place)
    else:
        index = f"/{asked['IndexName']}" if "IndexName" in asked else ""
        yield operation, _short(asked["TableName"], place) + index


def _short(name: str, place: Place) -> str:
    return name.removeprefix(place.name(""))


def _granted(access: Access, service: str, thing: str) -> set[str]:
    if service == "dynamodb":
        return set({**access.tables, **access.indexes}.get(thing, "").split())
    granted = {
        "sqs": access.queues,
        "kms": access.keys,
        "stepfunctions": access.machines,
        "secretsmanager": access.secrets,
        "s3": access.buckets,
    }[service]
    return {verb for verbs in granted.values() for verb in verbs.split()}
