"""Say what simulated partners have to say, when it is due, over the public protocol."""

from typing import Any

from chepai_sandbox.voice import take


def handler(event: dict[str, Any], context: Any) -> None:
    for record in event["Records"]:
        take(record)
