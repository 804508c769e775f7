"""Make a car that was built, sold, taxed and insured for an invented person."""

from collections.abc import Mapping
from typing import Any

from chepai.edge.strict_json import read
from chepai_sandbox.http import Answer, bytes_of, entry
from chepai_sandbox.making import Wanted, make
from chepai_sandbox.worlds import Worlds

worlds = Worlds.from_env()


@entry("POST", "/sandbox/worlds", "Make a car and its owner, with a script for the partners")
def handler(event: Mapping[str, Any]) -> Answer:
    wanted = Wanted.model_validate(read(bytes_of(event) or b"{}"))
    return Answer(201, make(wanted, worlds).model_dump())
