"""The simulated partners and the sandbox's identity provider, behind an API of their own.

Deployed before the front door: making a token check reads the issuer's description.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from aws_cdk import Stack
from constructs import Construct

from infra.access import Access, of_group
from infra.assets import Assets
from infra.constructs.public_api import PublicApi
from infra.constructs.published import publish
from infra.constructs.service_function import Wiring
from infra.place import Place
from infra.profile_check import CITIES, load
from infra.stacks.services import Machines, add_functions

if TYPE_CHECKING:
    from chepai.edge.api import Declaration


class Sandbox(Stack):
    """Only on the stage that says sandbox. It speaks the public protocol and nothing else."""

    def __init__(
        self,
        scope: Construct,
        place: Place,
        *,
        assets: Assets,
        machines: Machines,
        declared: Mapping[str, "Declaration"],
    ) -> None:
        super().__init__(scope, "sandbox", **place.stack("sandbox"))
        api = PublicApi(self, "partners-and-identity", place)
        limits = sign_in_limits(place.city)
        entries = {
            name: _at(api.address, limits, access) for name, access in of_group("sandbox").items()
        }
        functions = add_functions(self, Wiring(self, place, machines), "sandbox", entries, assets)
        api.add(declared, {name: functions[name].ref for name in declared})
        publish(self, place, "issuer", api.address)
        publish(self, place, "api/sandbox-id", api.api.ref)


@cache
def sign_in_limits(city: str) -> str:
    """What the city's profile says of sign-ins, as the sandbox's issuer reads it."""
    said = load(CITIES / f"{city}.toml").security
    return json.dumps({name: getattr(said, name) for name in _OF_SIGN_INS})


_OF_SIGN_INS = (
    "sign_in_failures",
    "lockout_minutes",
    "session_hours",
    "session_idle_minutes",
    "token_minutes",
)


def _at(address: str, limits: str, access: Access) -> Access:
    """The entry with `{sandbox}` and `{security}` in its settings filled in."""
    return replace(
        access,
        environment={
            name: value.replace("{sandbox}", address).replace("{security}", limits)
            for name, value in access.environment.items()
        },
    )
