"""Enter or change a member of staff, with their roles, password and key."""

from collections.abc import Mapping
from typing import Any

from chepai.edge.strict_json import read
from chepai_sandbox.http import Answer, bytes_of, entry
from chepai_sandbox.staff import Desk, Member

desk = Desk.from_env()


@entry("POST", "/sandbox/identity/staff", "Enter a member of staff")
def handler(event: Mapping[str, Any]) -> Answer:
    desk.enter(Member.model_validate(read(bytes_of(event))))
    return Answer(201)
