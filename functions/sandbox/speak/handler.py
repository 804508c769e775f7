"""Say what simulated partners have to say, when it is due, over the public protocol."""

import json
from typing import Any

from chepai_sandbox.voice import speak


def handler(event: dict[str, Any], context: Any) -> None:
    for record in event["Records"]:
        speak(json.loads(record["body"]))
