"""The server's clock, and the city's day on it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

CITY_ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    """The day in China: all legal periods count in it."""
    return now().astimezone(CITY_ZONE).date()
