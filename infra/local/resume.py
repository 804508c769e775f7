"""After a crash: look at every open application at once, as the sweeper does one by one.

An execution that was under way when the emulator died has failed for good; the sweeper starts the
next run, whose first state goes where the application's status says.
"""

import json
from typing import Any

from infra.place import Place


class ResumeFailed(RuntimeError):
    """The sweeper itself failed; the message is its own."""


def resume(place: Place, functions: Any) -> dict[str, int]:
    """Sweep every open case now; how many were started, woken, asked for or left alone.

    `functions` is a Lambda client. Raises ResumeFailed.
    """
    answer = functions.invoke(
        FunctionName=place.name("sweep"), Payload=json.dumps({"everything": True}).encode()
    )
    said = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise ResumeFailed(f"{said.get('errorType')}: {said.get('errorMessage')}")
    counted: dict[str, int] = said
    return counted
