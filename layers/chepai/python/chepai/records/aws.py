"""The AWS clients of one container: made once, from one shared session."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NotConnected
from botocore.parsers import ResponseParserError

# One layer of retries only: Step Functions, queues and callers repeat what fails here.
_CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"total_max_attempts": 2, "mode": "standard"},
    max_pool_connections=10,
)
_BUSY = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_AWAY: tuple[type[Exception], ...] = (HTTPClientError, NotConnected, ResponseParserError)


def passes(error: Exception) -> bool:
    """Whether trouble with AWS passes by itself: no answer, half of one, busy, or away.

    What was asked may have been done all the same: whoever asks again finds it done.
    """
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or error.response["Error"]["Code"] in _BUSY
    return isinstance(error, _AWAY)


@cache
def client(service: str) -> Any:
    """A low-level client; the region, credentials and endpoint come from the environment."""
    return session().client(service, config=_CONFIG)


@cache
def session() -> boto3.session.Session:
    """The one session that all clients of the container share."""
    # Five sessions cost a thousand million instructions more than one at a cold start.
    return boto3.session.Session()
