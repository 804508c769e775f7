"""Where scenarios are played: the city, and the hasty one for stories of time running out."""

from dataclasses import dataclass

from infra.local.scenarios.stage import Scenario


@dataclass(frozen=True)
class Urls:
    """The one address of each city; `hasty` is "" while no scenario needs it."""

    usual: str
    hasty: str = ""

    def of(self, scenario: Scenario) -> str:
        return self.hasty if scenario.hasty else self.usual
