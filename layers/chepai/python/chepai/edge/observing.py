"""Logs and metrics of one function: identifiers and outcomes, never a request or a person.

Exceptions are told by type and place, without their text: a text may quote what was sent.
"""

import logging
import os
import traceback
from typing import Any

from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.metrics import MetricUnit

ALLOWED = frozenset(
    {
        "application_id", "run", "state", "step", "outcome", "code", "status", "route", "partner",
        "type", "message_id", "request_id", "payment_id", "error", "place", "count", "act",
        "milliseconds", "correlation_id", "attempt", "queue",
    }
)  # fmt: skip

logger = Logger(log_uncaught_exceptions=False)
metrics = Metrics(namespace="Chepai", service=os.environ.get("POWERTOOLS_SERVICE_NAME", "chepai"))
# botocore's debug and warning lines may hold requests.
logging.getLogger("botocore").setLevel(logging.ERROR)
logging.getLogger("urllib3").setLevel(logging.ERROR)


def tell(event: str, **known: Any) -> None:
    """One line; a key outside the allowed list is dropped rather than logged."""
    logger.info(event, extra={k: v for k, v in known.items() if k in ALLOWED})


def count(name: str, value: int) -> None:
    """One figure of this city, written at once; alarms and the dashboard read it."""
    with single_metric(name=name, unit=MetricUnit.Count, value=value, namespace="Chepai") as one:
        # An alarm is on the city's figure, whichever function wrote it.
        one.service = ""
        one.add_dimension("place", f"{os.environ['CHEPAI_STAGE']}-{os.environ['CHEPAI_CITY']}")


def tell_security(event: str, **known: Any) -> None:
    """One line about what a security officer looks into, told apart from all others by its kind."""
    logger.warning(
        "security_event", extra={k: v for k, v in known.items() if k in ALLOWED} | {"code": event}
    )
    count("SecurityEvents", 1)


def tell_trouble(event: str, error: BaseException, **known: Any) -> None:
    """One line about an error nobody foresaw: its class and the line of ours it came from."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "chepai" in f.filename]
    last = frames[-1] if frames else None
    place = f"{last.filename.rsplit('/', 1)[-1]}:{last.lineno}" if last else "outside"
    logger.error(
        event,
        extra={k: v for k, v in known.items() if k in ALLOWED}
        | {"error": type(error).__name__, "place": place},
    )
