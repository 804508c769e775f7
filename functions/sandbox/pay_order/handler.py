"""Pay an order at the simulated gateway, as the citizen does at their bank."""

from collections.abc import Mapping
from typing import Any

from chepai_sandbox.http import Answer, entry
from chepai_sandbox.payments import pay
from chepai_sandbox.worlds import Worlds

worlds = Worlds.from_env()


@entry("POST", "/sandbox/payments/{order}/pay", "Pay an order at the simulated gateway")
def handler(event: Mapping[str, Any]) -> Answer:
    return Answer(200, {"status": pay(event["pathParameters"]["order"], worlds)})
