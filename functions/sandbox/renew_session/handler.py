"""Renew the token of a session that still runs."""

from collections.abc import Mapping
from typing import Any

from chepai.edge.strict_json import read
from chepai_sandbox.http import Answer, bytes_of, entry
from chepai_sandbox.identity import token
from chepai_sandbox.staff import Desk, Renewal

desk = Desk.from_env()


@entry("POST", "/sandbox/identity/staff/renewals", "The next token of a session")
def handler(event: Mapping[str, Any]) -> Answer:
    renewed = desk.renew(Renewal.model_validate(read(bytes_of(event))))
    return Answer(200, {**token(renewed.claims), "refresh_token": renewed.word})
