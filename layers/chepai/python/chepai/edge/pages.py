"""Pages that are made when the code is uploaded and only handed out when asked for."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chepai.domain.refusals import RouteUnknown
from chepai.edge.api import Answer, Declaration, Handler, route_key
from chepai.edge.problems import problem
from chepai.edge.roles import allowed

TAG = "pages"
SERVED = Path(__file__).parent.parent / "served"

# The pages bring their own scripts and ask nobody else for anything.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'"
)


class Page(Answer):
    """A document for people or tools; its media type is said by the route."""


def page(path: str, *, media_type: str, summary: str) -> Callable[[Callable[[], str]], Handler]:
    """Declare an address that hands out one file; the work names the file.

    Files are gzipped when they are made (infra/served.py), so they stay small on the way.
    """
    key = route_key("GET", path)
    if allowed(key):
        raise LookupError(f"{key} is handed out unasked: its row in chepai/edge/roles.py has roles")
    declared = Declaration("GET", path, summary, Page, tag=TAG)

    def wrap(work: Callable[[], str]) -> Handler:
        def handler(_event: dict[str, Any], _context: Any) -> dict[str, Any]:
            file = SERVED / f"{work()}.gz"
            if not file.is_file():
                return problem(RouteUnknown(), language="en")
            return {
                "statusCode": 200,
                "headers": {
                    "content-type": media_type,
                    "content-encoding": "gzip",
                    "cache-control": "public, max-age=300",
                    "content-security-policy": _POLICY,
                },
                "isBase64Encoded": True,
                "body": base64.b64encode(file.read_bytes()).decode(),
            }

        handler.declaration = declared  # type: ignore[attr-defined]  # read at build time
        return handler  # type: ignore[return-value]  # the attribute above makes it a Handler

    return wrap
