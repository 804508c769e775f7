"""Let the national register close a segment and reveal by which secret it was dealt."""

from collections.abc import Mapping
from typing import Any

from chepai_sandbox.http import Answer, entry
from chepai_sandbox.registering import close
from chepai_sandbox.worlds import Worlds

worlds = Worlds.from_env()


@entry("POST", "/sandbox/segments/{segment_id}/close", "Close a segment and reveal its secret")
def handler(event: Mapping[str, Any]) -> Answer:
    close(event["pathParameters"]["segment_id"], worlds)
    return Answer(202, {"status": "taken"})
