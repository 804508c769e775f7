"""Beat: file an invented application of each service and see it to the end that it has to have."""

from typing import Any

from chepai_sandbox.heart import beat


def handler(_event: dict[str, Any], _context: Any) -> dict[str, str]:
    return beat()
