"""moto 5.2.5's `$.a[0].b` yields a list of one; on AWS a definite path yields the value itself.

A path is indefinite, and yields a list, only when it could match more than once: a wildcard, a
slice, a filter, a union or a descent. Upstream also parses the path at every use, which took a
fifth of an execution's time: parsed paths are kept.
"""

import functools
from typing import Any

import jsonpath_ng
from jsonpath_ng.ext.filter import Filter
from jsonpath_ng.ext.parser import parse as parse_path
from jsonpath_ng.jsonpath import Wildcard
from moto.stepfunctions.parser.asl.utils import json_path

from infra.local.patching import swap

UPSTREAM = json_path.extract_json
PATHS_KEPT = 4096


def _may_match_more_than_once(expression: Any) -> bool:
    if isinstance(expression, jsonpath_ng.Child):
        return _may_match_more_than_once(expression.left) or _may_match_more_than_once(
            expression.right
        )
    if isinstance(expression, jsonpath_ng.Fields):
        return len(expression.fields) > 1 or "*" in expression.fields
    if isinstance(expression, jsonpath_ng.Index):
        return len(expression.indices) > 1
    # The union is named, not imported: jsonpath-ng warns at whoever touches the class.
    return type(expression).__name__ == "Union" or isinstance(
        expression, jsonpath_ng.Slice | jsonpath_ng.Descendants | Wildcard | Filter
    )


@functools.lru_cache(PATHS_KEPT)
def _parsed(path: str) -> tuple[Any, bool]:
    expression = parse_path(path)
    return expression, not _may_match_more_than_once(expression)


def extract(path: str, data: Any) -> Any:
    """What a path selects; raises NoSuchJsonPathError when a definite path selects nothing."""
    expression, definite = _parsed(path)
    if not definite:
        return UPSTREAM(path, data)
    matches = expression.find(data)
    if not matches:
        raise json_path.NoSuchJsonPathError(json_path=path, data=data)
    return matches[0].value


def apply() -> None:
    if json_path.extract_json is UPSTREAM:
        swap("moto.stepfunctions", "extract_json", UPSTREAM, extract)
