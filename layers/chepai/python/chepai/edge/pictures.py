"""The drawings of the machines, as they were shipped with the code that runs."""

import gzip
import json
from collections.abc import Mapping
from functools import cache

from chepai.domain.drawn import Machine
from chepai.edge.pages import SERVED
from chepai.edge.texts import codes, say_in_both
from chepai.edge.views import Texts


@cache
def machines() -> Mapping[str, Machine]:
    """Every machine by its service; none where the code was not staged (infra/served.py)."""
    file = SERVED / "machines.json.gz"
    if not file.is_file():
        return {}
    drawn = json.loads(gzip.decompress(file.read_bytes()))
    return {each["service"]: Machine.of(each) for each in drawn}


def state_text(state: str) -> Texts | None:
    """What a state is called in both languages."""
    return say_in_both("machines", state) if state in codes("machines") else None
