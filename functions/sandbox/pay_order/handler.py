"""Pay an order at the simulated gateway, as the citizen does at their bank."""

from collections.abc import Mapping
from typing import Any

from chepai_sandbox.http import Answer, entry
from chepai_sandbox.payments import NOT_YET, pay, pay_when_known
from chepai_sandbox.worlds import Worlds

worlds = Worlds.from_env()


@entry("POST", "/sandbox/payments/{order}/pay", "Pay an order at the simulated gateway")
def handler(event: Mapping[str, Any]) -> Answer:
    patient = "patient" in (event.get("queryStringParameters") or {})
    status = (pay_when_known if patient else pay)(event["pathParameters"]["order"], worlds)
    return Answer(202 if status == NOT_YET else 200, {"status": status})
