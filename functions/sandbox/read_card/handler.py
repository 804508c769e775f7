"""Read an invented person's card at the simulated reader of a desk."""

from collections.abc import Mapping
from typing import Any

from chepai.edge.strict_json import read as read_json
from chepai_sandbox.http import Answer, bytes_of, entry
from chepai_sandbox.reader import Card, read
from chepai_sandbox.worlds import Worlds

worlds = Worlds.from_env()


@entry("POST", "/sandbox/id-reader/readings", "Lay a card on the reader of a desk")
def handler(event: Mapping[str, Any]) -> Answer:
    card = Card.model_validate(read_json(bytes_of(event)))
    return Answer(201, read(card, worlds))
