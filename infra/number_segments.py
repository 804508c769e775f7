"""Ask the national register for the first number segments of a city, before anybody wants one.

`python -m infra.number_segments` asks for the place that the environment names. The register
answers over its webhook; what is open already is not asked for again.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from chepai.edge.segments import OPEN, PLATE_KINDS, wanted
from infra.place import Place


def ask(place: Place, client: Callable[[str], Any]) -> list[str]:
    """Put one question for each plate kind without an open segment on the queue; those kinds.

    `client` makes an AWS client of a service.
    """
    missing = [str(kind) for kind in PLATE_KINDS if not _is_open(place, client("dynamodb"), kind)]
    if missing:
        sqs, at = client("sqs"), datetime.now(UTC)
        url = sqs.get_queue_url(QueueName=place.name("questions"))["QueueUrl"]
        for kind in missing:
            sqs.send_message(QueueUrl=url, MessageBody=wanted(kind, at).text())
    return missing


def _is_open(place: Place, dynamodb: Any, plate_kind: str) -> bool:
    found = dynamodb.get_item(
        TableName=place.name("numbers"),
        Key={"number_key": {"S": f"segments#{plate_kind}"}},
        ConsistentRead=True,
    )
    rows = found.get("Item", {}).get("segments", {}).get("L", [])
    return any(row["M"]["state"]["S"] == OPEN for row in rows)


def main() -> None:
    """Ask for the place that the environment names."""
    import boto3

    from infra.app import place_from_environment

    asked = ask(place_from_environment(), boto3.client)
    print(f"The register was asked for segments of plate kinds {', '.join(asked) or 'none'}")


if __name__ == "__main__":
    main()
