"""Reconcile our books with the statements of treasury, register, plate maker and print room."""

from typing import Any

from chepai.edge.reconciling import Reconciling

reconciling = Reconciling.from_env()


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    return reconciling.run(str(event.get("day", "")), anew=event.get("anew") is True)
