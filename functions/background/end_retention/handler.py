"""Let go of personal data that has been kept long enough, and say so in the ledger."""

from typing import Any

from chepai.edge.keeping_no_longer import Retention

retention = Retention.from_env()


def handler(_event: dict[str, Any], _context: Any) -> None:
    retention.look()
