"""Let something happen to a simulated car: an invoice reversed, a car stolen, a tax paid."""

from collections.abc import Mapping
from typing import Any

from chepai.edge.strict_json import read
from chepai_sandbox.events import Happening, happen
from chepai_sandbox.http import Answer, bytes_of, entry
from chepai_sandbox.story import Story
from chepai_sandbox.worlds import Worlds

worlds = Worlds.from_env()


@entry("POST", "/sandbox/worlds/{vin}/events", "Let something happen to a simulated car")
def handler(event: Mapping[str, Any]) -> Answer:
    happening = Happening.model_validate(read(bytes_of(event)))
    story = Story.of(worlds.car(event["pathParameters"]["vin"]))
    happen(story, happening, worlds)
    return Answer(202, {"status": "taken"})
