"""moto's state-machine engine builds a new boto3 client for every task it runs.

It also aims every client at its own server. Here a client comes from whoever runs the machine:
the emulator keeps one per service, a test hands in plain Python functions. The engine passes
nothing but a region to its client factory, so the region names the factory.
"""

from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.utils import boto_client

from infra.local.patching import swap

ClientFactory = Callable[[str, str], Any]

UPSTREAM = boto_client.boto_client_for
_factories: dict[str, ClientFactory] = {}


def serve(region: str, factory: ClientFactory) -> None:
    """Tasks run in `region` get their clients from `factory(service, role)`."""
    _factories[region] = factory


def served(region: str) -> bool:
    return region in _factories


def forget(region: str) -> None:
    _factories.pop(region, None)


def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
    """Raises KeyError when nobody serves the region: a machine must not reach a real account."""
    return _factories[region](service, getattr(state_credentials, "role_arn", ""))


def apply() -> None:
    if boto_client.boto_client_for is UPSTREAM:
        swap("moto.stepfunctions", "boto_client_for", UPSTREAM, client_for)
