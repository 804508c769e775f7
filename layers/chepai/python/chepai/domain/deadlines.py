"""How long a new car's inspection mark lasts."""

from datetime import date

INSPECTION_MARK_YEARS = 2


def mark_until(registered: date) -> date:
    """The end of a new car's inspection mark: the month's end, two years on (RTSR Art. 16)."""
    month_after = registered.month % 12 + 1
    year = registered.year + INSPECTION_MARK_YEARS + (1 if month_after == 1 else 0)
    return date.fromordinal(date(year, month_after, 1).toordinal() - 1)
