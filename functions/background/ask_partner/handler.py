"""Send the questions of the queue to the partners they are for."""

import json
from typing import Any

from chepai.edge.asking import Asking

asking = Asking.from_env()


def handler(event: dict[str, Any], _context: Any) -> None:
    for record in event["Records"]:
        asking.ask(json.loads(record["body"]))
