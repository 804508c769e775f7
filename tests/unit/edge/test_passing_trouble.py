"""Trouble with AWS that passes by itself is done again, and no clerk is called for it."""

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from chepai.edge.step import StepFailed, Task, step
from chepai.records.aws import passes
from chepai.records.table import TryAgain

EVENT = {"application_id": "app_1", "run": 1, "step": "weigh_findings"}


def answered(code: str, status: int) -> ClientError:
    said = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(said, "PutItem")


PASSING = [
    ConnectionClosedError(endpoint_url="x"),
    EndpointConnectionError(endpoint_url="x", error="x"),
    ConnectTimeoutError(endpoint_url="x"),
    ReadTimeoutError(endpoint_url="x"),
    ResponseParserError("half of it"),
    answered("InternalServerError", 500),
    answered("ServiceUnavailable", 503),
    answered("ThrottlingException", 400),
]
LASTING = [
    ValueError("a fault of ours"),
    answered("ValidationException", 400),
    answered("AccessDeniedException", 400),
]


def failing(error: Exception) -> Any:
    def work(_: Task) -> str:
        raise error

    return step(work)


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_what_passes_is_tried_again(error: Exception) -> None:
    assert passes(error)
    with pytest.raises(TryAgain):
        failing(error)(EVENT, None)


@pytest.mark.parametrize("error", LASTING, ids=lambda error: type(error).__name__)
def test_what_lasts_needs_a_person(error: Exception) -> None:
    assert not passes(error)
    with pytest.raises(StepFailed):
        failing(error)(EVENT, None)
