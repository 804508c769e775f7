"""Publish a city's profile: from now on, new cases are filed under it.

`python -m infra.publish` does so for the place that the environment names.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from chepai.domain import ledger
from chepai.domain.digests import SUITES, digest_by
from chepai.domain.ledger import Actor
from chepai.domain.profile import CityProfile
from chepai.records.applications import stamp
from chepai.records.cities import CURRENT
from chepai.records.partners import AGREEMENTS
from chepai.records.table import pack, unpack
from infra import agreements
from infra.place import Place
from infra.profile_check import CITIES, load, publishable


def profile_of(city: str) -> CityProfile:
    """The checked profile of a city's file. Raises ProfileRefused."""
    return load(CITIES / f"{city}.toml")


def publish(
    place: Place, client: Callable[[str], Any], body: Mapping[str, Any] | None = None
) -> str:
    """Write the place's profile to its `cities` table and name it the current one; its version.

    The city's data-sharing agreements are published with it. What was published before and what
    is now goes into the ledger in the same transaction, with who did it; the same profile again
    changes nothing.

    `client` makes an AWS client of a service; `body` is a checked profile in place of the city's
    file. Raises ProfileRefused or AgreementsRefused when a file has faults, and
    ConditionalCheckFailedException or TransactionCanceledException when the version is published
    with another content or somebody else publishes at the same moment.
    """
    body = body or publishable(CITIES / f"{place.city}.toml")
    version = str(body["version"])
    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    key = {"city": {"S": place.city}}
    dynamodb, cities = client("dynamodb"), place.name("cities")
    known = dynamodb.get_item(
        TableName=cities, Key={**key, "version": {"S": CURRENT}}, ConsistentRead=True
    ).get("Item", {})
    was = known.get("now", {}).get("S", "")
    kept = {
        "TableName": cities,
        "Item": {**key, "version": {"S": version}, "body": {"S": text}},
        # A published version never changes: open cases are judged by it.
        "ConditionExpression": "attribute_not_exists(city) OR body = :body",
        "ExpressionAttributeValues": {":body": {"S": text}},
    }
    if was == version:
        dynamodb.put_item(**kept)
    else:
        named = {**key, "version": {"S": CURRENT}, "now": {"S": version}}
        entered = {
            "TableName": place.name("ledger"),
            "Item": pack(_entry(place, client, was, version, text)),
            "ConditionExpression": "attribute_not_exists(seq)",
        }
        writes = (kept, {"TableName": cities, "Item": named}, entered)
        dynamodb.transact_write_items(TransactItems=[{"Put": each} for each in writes])
    _publish_agreements(place, dynamodb)
    return version


def _publish_agreements(place: Place, dynamodb: Any) -> None:
    """Replace what may be asked, for what and until when; it holds a minute later."""
    text = json.dumps(agreements.load(place.city), ensure_ascii=False, sort_keys=True)
    dynamodb.put_item(
        TableName=place.name("partners"),
        Item={"partner_id": {"S": AGREEMENTS}, "body": {"S": text}},
    )


def _entry(
    place: Place, client: Callable[[str], Any], was: str, version: str, text: str
) -> dict[str, Any]:
    chain = f"city#{place.city}"
    newest = client("dynamodb").query(
        TableName=place.name("ledger"),
        KeyConditionExpression="#c = :c",
        ExpressionAttributeNames={"#c": "chain"},
        ExpressionAttributeValues={":c": {"S": chain}},
        ConsistentRead=True,
        ScanIndexForward=False,
        Limit=1,
    )["Items"]
    last: dict[str, Any] = unpack(newest[0]) if newest else {"seq": 0, "hash": ""}
    alg = SUITES[place.suite].digest
    return ledger.entry(
        chain=chain,
        seq=last["seq"] + 1,
        prev=last["hash"],
        at=stamp(datetime.now(UTC)),
        # Whoever is signed in at the account; its own trail says which person that is.
        actor=Actor("system_admin", client("sts").get_caller_identity()["UserId"]),
        act="profile_published",
        before={"version": was} if was else None,
        after={"version": version, "digest": digest_by(alg)(text.encode()).hex()},
        rule=version,
        alg=alg,
    )


def main() -> None:
    """Publish for the place that the environment names."""
    import boto3

    from infra.app import place_from_environment

    print(f"Published {publish(place_from_environment(), boto3.client)}")


if __name__ == "__main__":
    main()
