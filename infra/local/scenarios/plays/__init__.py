"""All scenarios by name, in the order in which they are told."""

from infra.local.scenarios.plays import (
    agencies,
    certificate,
    counter,
    deadlines,
    delivery,
    figures,
    new_car,
    number_and_fee,
    operators,
    registration,
    tickets,
)
from infra.local.scenarios.stage import Scenario

SCENARIOS: dict[str, Scenario] = {
    each.name: each
    for module in (
        new_car,
        # Early: it waits for the clock while the others act.
        figures,
        agencies,
        number_and_fee,
        registration,
        operators,
        deadlines,
        delivery,
        certificate,
        counter,
        tickets,
    )
    for each in module.SCENARIOS
}
