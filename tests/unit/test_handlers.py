"""How small a handler stays: fetch, judge, keep."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HANDLERS = sorted((ROOT / "functions").glob("*/*/handler.py"))
# The sandbox plays other people's systems and has no rules of ours to keep apart.
OURS = [each for each in HANDLERS if each.parts[-3] != "sandbox"]

LINES, STATEMENTS, BRANCHES = 50, 8, 2
BANNED = re.compile(
    # "Service" is not among them: it is the office's own word for what citizens apply for.
    r"(^|_)(handler|lambda|manager|processor|util|helper|common|data|info)(_|$)"
)


def entry(source: Path) -> ast.FunctionDef:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    return next(
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "handler"
    )


def named(source: Path) -> str:
    return f"{source.parts[-3]}/{source.parts[-2]}"


@pytest.mark.parametrize("source", OURS, ids=named)
def test_a_handler_is_short(source):
    text = source.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES
    body = [each for each in entry(source).body if not _is_docstring(each)]
    assert len(body) <= STATEMENTS
    branching = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.If | ast.Match)]
    assert len(branching) <= BRANCHES


@pytest.mark.parametrize("source", HANDLERS, ids=named)
def test_a_function_is_one_file(source):
    files = [each.name for each in source.parent.iterdir() if each.name != "__pycache__"]
    assert files == ["handler.py"]


@pytest.mark.parametrize("source", HANDLERS, ids=named)
def test_a_handler_opens_with_what_it_is_for(source):
    said = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8")))
    assert said
    assert said[0].isupper()


@pytest.mark.parametrize("source", HANDLERS, ids=named)
def test_a_function_is_named_for_an_act(source):
    name = source.parts[-2]
    assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", name)
    assert not BANNED.search(name)


@pytest.mark.parametrize("source", OURS, ids=named)
def test_a_handler_neither_catches_nor_logs(source):
    tree = ast.parse(source.read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Try)]
    walked = list(ast.walk(tree))
    modules = {each.name for node in walked if isinstance(node, ast.Import) for each in node.names}
    modules |= {str(node.module) for node in walked if isinstance(node, ast.ImportFrom)}
    assert not modules & {"logging", "os", "aws_lambda_powertools"}


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
