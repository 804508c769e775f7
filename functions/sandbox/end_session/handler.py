"""End a session: its tokens are not renewed any more."""

from collections.abc import Mapping
from typing import Any

from chepai.edge.strict_json import read
from chepai_sandbox.http import Answer, bytes_of, entry
from chepai_sandbox.staff import Desk, Renewal

desk = Desk.from_env()


@entry("POST", "/sandbox/identity/staff/sessions/end", "End a session")
def handler(event: Mapping[str, Any]) -> Answer:
    desk.end(Renewal.model_validate(read(bytes_of(event))))
    return Answer(204)
