"""A whole city behind the fault proxy: its functions, its partners and its citizens' phones."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra import partners_registry
from infra import publish as infra_publish
from infra.access import of_group
from infra.local.city import City
from infra.local.emulator import Emulator, free_port
from infra.local.faults.emulator import FaultyEmulator
from infra.local.faults.proxy import FROM, FaultProxy
from infra.local.faults.rules import Choice

PHONE, PARTNERS, OFFICE = "phone", "partners", "office"
"""Who asks over HTTP: a citizen or clerk, a partner, and we ourselves on the way to a partner."""


class FaultyCity(City):
    """`proxy.choice` says what fails; with no rules all goes through."""

    emulator = FaultyEmulator
    choice: Choice
    proxy: FaultProxy

    def _make_emulator(self) -> Emulator:
        emulator = super()._make_emulator()
        # What simulates partners is the test's own and is to be reliable.
        spared = {"", *of_group("sandbox")}
        self.proxy = FaultProxy(free_port(), emulator.port, self.choice, spared=spared).start()
        if isinstance(emulator, FaultyEmulator):
            emulator.behind(self.proxy.url)
        return emulator

    def _reached_by(self, who: str, url: str) -> str:
        return f"{self.proxy.url}{FROM}{who}{urlsplit(url).path}"

    def rotate_keys(self) -> None:
        """A new key for every partner, on both sides; the old ones end after their overlap."""
        profile = infra_publish.profile_of(self.place.city)
        partners_registry.publish(
            self.place,
            hooks=self._reached_by(PARTNERS, self.parameter("api/front")),
            sandbox=self._reached_by(OFFICE, self.parameter("issuer")),
            makers=partners_registry.connected_makers(profile),
            client=self.client,
            rotate=True,
        )

    def stop(self) -> None:
        """Stop all that was started."""
        super().stop()
        if hasattr(self, "proxy"):
            self.proxy.stop()


@contextmanager
def faulty_city(state: Path, choice: Choice, **settings: Any) -> Iterator[FaultyCity]:
    """A started one on free ports, with its state in `state`."""
    city = FaultyCity(state, port=0, pages=False, **settings)
    city.choice = choice
    with city:
        yield city
