"""The pages about the interface, as the layer carries them."""

import base64
import gzip
import json
from pathlib import Path

import pytest

from chepai.edge import pages
from infra import served
from infra.served import OPENAPI


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder: Path = tmp_path_factory.mktemp("layer") / "served"
    served.write(folder)
    return folder


def read(folder: Path, name: str) -> str:
    return gzip.decompress((folder / f"{name}.gz").read_bytes()).decode()


def test_the_page_brings_everything_it_needs(made):
    page = read(made, "api.html")
    assert "SwaggerUIBundle" in page
    assert "src='http" not in page
    assert "href='http" not in page


def test_every_problem_has_an_anchor_in_both_languages(made):
    page = read(made, "problems.html")
    for code in json.loads((served.CATALOGUE / "en" / "problems.json").read_text("utf-8")):
        assert f'id="{code}"' in page
    assert 'lang="zh-CN"' in page
    assert 'lang="en"' in page


def test_pages_are_small_enough_to_hand_out(made):
    # A function answers with 6 MB at most.
    assert all(each.stat().st_size < 1_000_000 for each in made.iterdir())


def test_a_route_hands_out_its_page(made, monkeypatch):
    monkeypatch.setattr(pages, "SERVED", made)
    handler = pages.page("/openapi.json", media_type="application/json", summary="It")(
        lambda: "openapi.json"
    )
    answer = handler({}, None)
    assert answer["headers"]["content-encoding"] == "gzip"
    body = gzip.decompress(base64.b64decode(answer["body"])).decode()
    assert body == OPENAPI.read_text(encoding="utf-8")


def test_a_page_that_was_not_made_is_unknown(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "SERVED", tmp_path)
    handler = pages.page("/docs", media_type="text/html", summary="It")(lambda: "api.html")
    assert handler({}, None)["statusCode"] == 404
