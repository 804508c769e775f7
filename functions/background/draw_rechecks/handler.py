"""Draw what the supervision centre looks at again: bind seeds, draw what is over and sealed."""

from typing import Any

from chepai.edge.drawing import Drawing

drawing = Drawing.from_env()


def handler(_event: dict[str, Any], _context: Any) -> dict[str, int]:
    return drawing.all_due()
