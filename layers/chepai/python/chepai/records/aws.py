"""The AWS clients of one container: made once, from one shared session."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

# One layer of retries only: Step Functions, queues and callers repeat what fails here.
_CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"total_max_attempts": 2, "mode": "standard"},
    max_pool_connections=10,
)


@cache
def client(service: str) -> Any:
    """A low-level client; the region, credentials and endpoint come from the environment."""
    return _session().client(service, config=_CONFIG)


@cache
def _session() -> boto3.session.Session:
    # Five sessions cost a thousand million instructions more than one at a cold start.
    return boto3.session.Session()
