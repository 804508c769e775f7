"""City profiles as published: a version never changes, so a container reads it once."""

import json
import os
from functools import cache, lru_cache
from time import monotonic
from typing import Any

from chepai.domain.profile import CityProfile
from chepai.records.table import Table

CURRENT = "current"


class Cities(Table):
    """City and version are the key; the row "current" names the version new cases get."""

    variable = "CITIES_TABLE"

    def profile(self, version: str) -> CityProfile:
        """The profile of this city that a case was filed under."""
        return _profile(self.name, os.environ["CHEPAI_CITY"], version)

    def current(self) -> CityProfile:
        """The profile that new cases get; a container looks it up once a minute."""
        return _current(self.name, os.environ["CHEPAI_CITY"], int(monotonic() / 60))

    def publish(self, city: str, version: str, body: dict[str, Any]) -> None:
        """Publish a version and make it current; the same version may come again unchanged."""
        text = json.dumps(body, ensure_ascii=False, sort_keys=True)
        self.put(
            {"city": city, "version": version, "body": text},
            when="attribute_not_exists(city) OR body = :body",
            body=text,
        )
        self.update({"city": city, "version": CURRENT}, sets={"now": version})


@cache
def _profile(table: str, city: str, version: str) -> CityProfile:
    row = Cities(table).get({"city": city, "version": version}, consistent=False)
    if row is None:
        raise LookupError(f"city profile {city} {version} is not published")
    return CityProfile.of(json.loads(row["body"]))


@lru_cache(maxsize=2)
def _current(table: str, city: str, _minute: int) -> CityProfile:
    row = Cities(table).get({"city": city, "version": CURRENT}, consistent=False)
    if row is None:
        raise LookupError(f"no city profile is published for {city}")
    return _profile(table, city, row["now"])
