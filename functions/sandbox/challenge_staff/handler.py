"""Take the password of a member of staff; the answer is what their key must sign."""

from collections.abc import Mapping
from typing import Any

from chepai.edge.strict_json import read
from chepai_sandbox.http import Answer, bytes_of, entry
from chepai_sandbox.staff import Desk, FirstFactor

desk = Desk.from_env()


@entry("POST", "/sandbox/identity/staff/challenges", "The first factor: a password")
def handler(event: Mapping[str, Any]) -> Answer:
    return Answer(200, desk.challenge(FirstFactor.model_validate(read(bytes_of(event)))))
