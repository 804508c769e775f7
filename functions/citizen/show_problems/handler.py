"""Show every code with which a request can be refused, and what it means."""

from chepai.edge.pages import page


@page("/docs/problems", media_type="text/html; charset=utf-8", summary="What each code means")
def handler() -> str:
    return "problems.html"
