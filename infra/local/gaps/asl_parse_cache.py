"""moto's engine parses the definition anew at every execution: 0.1-1 s of ANTLR in Python.

What it parses into is never written to while it runs, but for a lazily made key of each component
(its retry counters lie under that key), so one parse serves all executions once the keys are made.
"""

import functools
from typing import Any

from moto.stepfunctions.parser.asl.component.component import Component
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from infra.local.patching import put

UPSTREAM = AmazonStateLanguageParser.parse
DEFINITIONS_KEPT = 256


def _make_keys(value: Any, seen: set[int]) -> None:
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, EvalComponent):
        _ = value.heap_key
    if isinstance(value, Component):
        _make_keys(vars(value), seen)
    elif isinstance(value, dict):
        for item in value.values():
            _make_keys(item, seen)
    elif isinstance(value, list | tuple | set):
        for item in value:
            _make_keys(item, seen)


@functools.lru_cache(DEFINITIONS_KEPT)
def parse_once(definition: str) -> Any:
    """The program and its parse tree; raises what the upstream parser raises."""
    parsed = UPSTREAM(definition)
    _make_keys(parsed[0], set())
    return parsed


def apply() -> None:
    put(AmazonStateLanguageParser, "parse", staticmethod(parse_once))
