"""The AWS clients of one simulator, and the names of what the sandbox owns."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2})


@cache
def client(service: str) -> Any:
    """A low-level client; region, credentials and endpoint come from the environment."""
    return boto3.client(service, config=_CONFIG)
