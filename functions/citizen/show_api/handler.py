"""Show how the interface is called: every route, to read and to try."""

from chepai.edge.pages import page


@page("/docs", media_type="text/html; charset=utf-8", summary="How to call this interface")
def handler() -> str:
    return "api.html"
