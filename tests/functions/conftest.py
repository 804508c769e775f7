"""Functions against a simulated AWS: each with the settings that its access entry gives it."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer
from moto import mock_aws

from chepai.records.aws import client
from infra import rights
from infra.access import of_group
from infra.place import Place
from infra.stacks.records import BUCKETS, TABLES
from infra.stacks.sandbox import sign_in_limits
from tests.functions.rights_recorded import recorded

PLACE = Place("sandbox", "qingdao")


class City:
    """The tables, queues, keys and secrets of one city, and its functions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._found: dict[str, str] = {}
        for name, table in (*TABLES.items(), ("sandbox_worlds", None)):
            self._table(name, table)
        for queue in ("questions", "questions-dead", "events-dead", "sandbox_speech"):
            client("sqs").create_queue(QueueName=PLACE.name(queue))
        for bucket in BUCKETS:
            client("s3").create_bucket(Bucket=PLACE.name(bucket), ObjectLockEnabledForBucket=True)

    def _table(self, name: str, table: Any) -> None:
        keys = (
            [("world_key", "HASH")]
            if table is None
            else [(table.key, "HASH"), *([(table.sort, "RANGE")] if table.sort else [])]
        )
        numbers = table.numbers if table else frozenset()
        indexes = table.indexes if table else {}
        named = {n for n, _ in keys} | {n for pair in indexes.values() for n in pair if n}
        asked: dict[str, Any] = {}
        if indexes:
            asked["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": index,
                    "KeySchema": [
                        {"AttributeName": key, "KeyType": kind}
                        for key, kind in zip(pair, ("HASH", "RANGE"), strict=False)
                        if key
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
                for index, pair in indexes.items()
            ]
        client("dynamodb").create_table(
            TableName=PLACE.name(name),
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
            AttributeDefinitions=[
                {"AttributeName": each, "AttributeType": "N" if each in numbers else "S"}
                for each in sorted(named)
            ],
            **asked,
        )

    def find(self, thing: str) -> str:
        """The ARN of a key or secret, made when first wanted."""
        if thing not in self._found:
            what, _, name = thing.partition("/")
            self._found[thing] = self._key(name) if what == "key" else self._secret(name)
        return self._found[thing]

    def _key(self, name: str) -> str:
        spec = {
            "blind": {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
            "draws": {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
            "sandbox-issuer": {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
        }.get(name, {})
        return str(client("kms").create_key(**spec)["KeyMetadata"]["Arn"])

    def _secret(self, name: str) -> str:
        made = client("secretsmanager").create_secret(Name=PLACE.name(name), SecretString="{}")
        return str(made["ARN"])

    def write_secret(self, name: str, words: Any) -> None:
        client("secretsmanager").put_secret_value(
            SecretId=self.find(f"secret/{name}"), SecretString=json.dumps(words)
        )

    def function(self, group: str, name: str) -> Callable[[dict[str, Any]], Any]:
        """A function of ours, freshly started."""
        settings = {
            **rights.environment(of_group(group)[name], PLACE, self.find),
            "CHEPAI_STAGE": PLACE.stage,
            "CHEPAI_CITY": PLACE.city,
            "POWERTOOLS_SERVICE_NAME": name,
        }
        for variable, value in settings.items():
            if variable.endswith("_QUEUE_URL"):
                queue = variable.removesuffix("_QUEUE_URL").lower().replace("_dead", "-dead")
                value = self.queue_url(queue)  # noqa: PLW2901 - the template's has no account yet
            if variable.endswith("_BUCKET"):
                value = PLACE.name(variable.removesuffix("_BUCKET").lower())  # noqa: PLW2901
            if "{security}" in value:
                value = sign_in_limits(PLACE.city)  # noqa: PLW2901 - filled in by the stack
            self._monkeypatch.setenv(variable, value.replace("{sandbox}", "https://sandbox.test"))
        module = f"functions.{group}.{name}.handler"
        sys.modules.pop(module, None)
        handler = import_module(module).handler

        def call(event: dict[str, Any]) -> Any:
            with recorded(name):
                return handler(event, None)

        return call

    def queue_url(self, name: str) -> str:
        return str(client("sqs").get_queue_url(QueueName=PLACE.name(name))["QueueUrl"])

    def rows_waiting(self, queue: str) -> list[dict[str, Any]]:
        """All messages of a queue, taken away."""
        sqs, url = client("sqs"), self.queue_url(queue)
        taken: list[dict[str, Any]] = []
        while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for each in found:
                taken.append(json.loads(each["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        return taken

    def received(self, queue: str, body: dict[str, Any]) -> dict[str, Any]:
        """A message as a function gets it, really in the queue and out of sight."""
        url, sqs = self.queue_url(queue), client("sqs")
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))
        (found,) = sqs.receive_message(
            QueueUrl=url, VisibilityTimeout=60, AttributeNames=["ApproximateReceiveCount"]
        )["Messages"]
        return {
            "body": found["Body"],
            "receiptHandle": found["ReceiptHandle"],
            "attributes": found["Attributes"],
        }

    def rows(self, table: str) -> list[dict[str, Any]]:
        return _items(PLACE.name(table))


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    with a_city(monkeypatch) as made:
        yield made


@contextmanager
def a_city(monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    """A city in a simulated AWS of its own."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        _forget()
        yield City(monkeypatch)
    _forget()


def _items(table: str) -> list[dict[str, Any]]:
    read = TypeDeserializer().deserialize
    found = client("dynamodb").scan(TableName=table)["Items"]
    return [{name: read(value) for name, value in item.items()} for item in found]


def _forget() -> None:
    from chepai.edge import asking, blind
    from chepai.records import cities
    from chepai_sandbox import keys

    blind._mac.cache_clear()
    asking._rings.cache_clear()
    cities._profile.cache_clear()
    cities._current.cache_clear()
    keys.KEYS._published = None
