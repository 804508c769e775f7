"""Publish a city's profile: from now on, new cases are filed under it.

`python -m infra.publish` does so for the place that the environment names.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from chepai.domain.profile import CityProfile
from chepai.records.cities import CURRENT
from infra.place import Place
from infra.profile_check import CITIES, load, publishable


def profile_of(city: str) -> CityProfile:
    """The checked profile of a city's file. Raises ProfileRefused."""
    return load(CITIES / f"{city}.toml")


def publish(
    place: Place, client: Callable[[str], Any], body: Mapping[str, Any] | None = None
) -> str:
    """Write the place's profile to its `cities` table and name it the current one; its version.

    `client` makes an AWS client of a service; `body` is a checked profile in place of the city's
    file. Raises ProfileRefused when the file has faults, and ConditionalCheckFailedException when
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
    return version


def main() -> None:
    """Publish for the place that the environment names."""
    import boto3

    from infra.app import place_from_environment

    print(f"Published {publish(place_from_environment(), boto3.client)}")


if __name__ == "__main__":
    main()
