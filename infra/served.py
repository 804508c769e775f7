"""The pages about the interface and the machines' drawings, made when the layer is staged.

The script and styles of the page are those that Powertools brings, so nothing is fetched from
elsewhere when somebody opens it.
"""

import gzip
import html
import json
from importlib.resources import files
from pathlib import Path

from aws_lambda_powertools.event_handler.openapi.swagger_ui.html import generate_swagger_html

from infra import drawing

_ROOT = Path(__file__).parent.parent
OPENAPI = _ROOT / "docs" / "openapi.json"
CATALOGUE = _ROOT / "layers" / "chepai" / "python" / "chepai" / "catalogue"

_PAGE = """<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chepai 车牌: problems</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: auto; padding: 1rem }}
dt {{ font-weight: 600; margin-top: 1.5rem }}
dd {{ margin: .25rem 0 }}
dd[lang=en] {{ color: #555 }}
:target {{ background: #fff3c4 }}
</style>
<h1>请求被拒绝的原因 · Why a request is refused</h1>
<dl>
{entries}
</dl>
</html>
"""


def write(folder: Path) -> None:
    """Put every page into `folder`, gzipped the same way every time."""
    folder.mkdir()
    description = OPENAPI.read_text(encoding="utf-8")
    for name, text in (
        ("openapi.json", description),
        ("api.html", _api(description)),
        ("problems.html", _problems()),
        ("machines.json", json.dumps(drawing.everywhere(), ensure_ascii=False)),
    ):
        (folder / f"{name}.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def _api(description: str) -> str:
    brought = files("aws_lambda_powertools.event_handler.openapi.swagger_ui")
    # A "</script>" inside the description would end the page's own script.
    spec = json.dumps(json.loads(description), ensure_ascii=False).replace("</", "<\\/")
    return generate_swagger_html(
        spec,
        brought.joinpath("swagger-ui-bundle.min.js").read_text(encoding="utf-8"),
        brought.joinpath("swagger-ui.min.css").read_text(encoding="utf-8"),
        "",
        None,
    ).replace("<title>Swagger UI</title>", "<title>Chepai 车牌</title>")


def _problems() -> str:
    said = {
        language: json.loads((CATALOGUE / language / "problems.json").read_text(encoding="utf-8"))
        for language in ("zh-CN", "en")
    }
    entries = [
        f'<dt id="{html.escape(code)}">{html.escape(code)}</dt>\n'
        + "\n".join(
            f'<dd lang="{language}">{html.escape(" ".join(said[language][code].values()))}</dd>'
            for language in said
        )
        for code in sorted(said["en"])
    ]
    return _PAGE.format(entries="\n".join(entries))
