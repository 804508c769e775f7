"""Hand out the description of the interface that tools read."""

from chepai.edge.pages import page


@page("/openapi.json", media_type="application/json", summary="The description (OpenAPI 3.1)")
def handler() -> str:
    return "openapi.json"
