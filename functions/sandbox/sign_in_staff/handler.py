"""Take the signed challenge of a member of staff; a session begins."""

from collections.abc import Mapping
from typing import Any

from chepai.edge.strict_json import read
from chepai_sandbox.http import Answer, bytes_of, entry
from chepai_sandbox.identity import token
from chepai_sandbox.staff import Desk, SecondFactor

desk = Desk.from_env()


@entry("POST", "/sandbox/identity/staff/token", "The second factor: a signed challenge")
def handler(event: Mapping[str, Any]) -> Answer:
    begun = desk.sign_in(SecondFactor.model_validate(read(bytes_of(event))))
    return Answer(200, {**token(begun.claims), "refresh_token": begun.word})
