"""What a citizen's phone loads before it shows anything."""

from collections.abc import Callable

from infra.browsing.face import Face

LIMIT = 200 * 1024
"""Bytes over the wire, compressed: about a second on a slow line."""


def test_the_first_page_is_light(open_face: Callable[..., Face]):
    face = open_face()
    loaded: dict[str, int] = {}
    face.page.on(
        "requestfinished",
        lambda asked: loaded.update({asked.url: asked.sizes()["responseBodySize"]}),
    )
    face.go("/")
    face.page.wait_for_load_state("networkidle")
    assert len(loaded) > 3
    assert sum(loaded.values()) <= LIMIT, loaded
