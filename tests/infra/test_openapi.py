"""The description that is committed is the one that the handlers declare."""

import json
from functools import cache
from typing import Any

from openapi_spec_validator import validate

from infra import declarations, openapi
from infra.served import OPENAPI


@cache
def described() -> dict[str, Any]:
    return openapi.document()


def operations() -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation
        for path in described()["paths"].values()
        for operation in path.values()
    }


def test_it_fits_the_code():
    assert OPENAPI.read_text(encoding="utf-8") == openapi.text(described()), "run: make openapi"


def test_it_is_openapi_3_1():
    assert described()["openapi"].startswith("3.1")
    validate(json.loads(openapi.text(described())))


def test_every_route_of_the_front_door_is_in_it():
    routes = {
        name
        for group in ("citizen", "staff", "partners")
        for name, declared in declarations.of(group).items()
        if declared.tag != "pages"
    }
    assert set(operations()) == routes


def test_refusals_are_problem_details_with_their_codes():
    for name, operation in operations().items():
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"], name
                assert "VR-" in answer["description"], (name, status)


def test_paths_are_plural_nouns_under_a_version():
    for path in described()["paths"]:
        assert path.startswith(("/v1/", "/hooks/")), path
        assert path == path.lower(), path


def test_nothing_takes_a_document_or_a_picture():
    for name, operation in operations().items():
        taken = operation.get("requestBody", {}).get("content", {})
        assert set(taken) <= {"application/json"}, name
    assert '"format": "binary"' not in openapi.text(described())
