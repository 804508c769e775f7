"""Publish a city's profile: from now on, new cases are filed under it.

`python -m infra.publish` does so for the place that the environment names.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from chepai.domain.profile import CityProfile
from chepai.records.cities import CURRENT
from chepai.records.partners import AGREEMENTS
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

    The city's data-sharing agreements are published with it.

    `client` makes an AWS client of a service; `body` is a checked profile in place of the city's
    file. Raises ProfileRefused or
    AgreementsRefused when a file has faults, and ConditionalCheckFailedException when
    the version is published with another content.
    """
    body = body or publishable(CITIES / f"{place.city}.toml")
    version = str(body["version"])
    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    table, key = place.name("cities"), {"city": {"S": place.city}}
    dynamodb = client("dynamodb")
    dynamodb.put_item(
        TableName=table,
        Item={**key, "version": {"S": version}, "body": {"S": text}},
        # A published version never changes: open cases are judged by it.
        ConditionExpression="attribute_not_exists(city) OR body = :body",
        ExpressionAttributeValues={":body": {"S": text}},
    )
    dynamodb.put_item(
        TableName=table, Item={**key, "version": {"S": CURRENT}, "now": {"S": version}}
    )
    _publish_agreements(place, dynamodb)
    return version


def _publish_agreements(place: Place, dynamodb: Any) -> None:
    """Replace what may be asked, for what and until when; it holds a minute later."""
    text = json.dumps(agreements.load(place.city), ensure_ascii=False, sort_keys=True)
    dynamodb.put_item(
        TableName=place.name("partners"),
        Item={"partner_id": {"S": AGREEMENTS}, "body": {"S": text}},
    )


def main() -> None:
    """Publish for the place that the environment names."""
    import boto3

    from infra.app import place_from_environment

    print(f"Published {publish(place_from_environment(), boto3.client)}")


if __name__ == "__main__":
    main()
