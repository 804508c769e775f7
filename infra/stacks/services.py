"""What works: the functions of each group, the machines, and the API in front of them.

One stack a group of functions, one for the machines and one for the gateway: CloudFormation
takes 500 resources a stack. They know each other by name alone, so each can be changed by itself.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.access import Access, of_group
from infra.assets import Assets
from infra.constructs.public_api import PublicApi
from infra.constructs.published import publish
from infra.constructs.service_function import Code, ServiceFunction, Wiring, code_of
from infra.constructs.workflow import Workflow
from infra.definitions import Definition, steps_of
from infra.place import Place

if TYPE_CHECKING:
    from chepai.edge.api import Declaration

Machines = tuple[str, ...]


class Functions(Stack):
    """All functions of one group, with the layers under them."""

    def __init__(
        self, scope: Construct, place: Place, *, group: str, assets: Assets, machines: Machines
    ) -> None:
        super().__init__(scope, group, **place.stack(group))
        add_functions(self, Wiring(self, place, machines), group, of_group(group), assets)


def add_functions(
    stack: Stack, wiring: Wiring, group: str, entries: Mapping[str, Access], assets: Assets
) -> dict[str, ServiceFunction]:
    """Put the functions of a group into a stack, each with the rights of its entry."""
    layers = [
        _layer(stack, wiring.place, "chepai", assets.layer),
        _layer(stack, wiring.place, "vendor", assets.vendor),
    ]
    if group == "sandbox":
        layers.append(_layer(stack, wiring.place, "simulation", assets.sandbox_layer))
    return {
        name: ServiceFunction(
            stack,
            name,
            group=group,
            access=access,
            code=Code(*code_of(stack, assets.functions[name]), layers),
            wiring=wiring,
        )
        for name, access in entries.items()
    }


def _layer(stack: Stack, place: Place, name: str, asset: Path) -> str:
    bucket, key = code_of(stack, asset)
    return lambda_.CfnLayerVersion(
        stack,
        f"layer-{name}",
        layer_name=place.name(f"{stack.node.id}-{name}"),
        content=lambda_.CfnLayerVersion.ContentProperty(s3_bucket=bucket, s3_key=key),
        compatible_runtimes=["python3.13"],
        compatible_architectures=["arm64"],
    ).ref


class Workflows(Stack):
    """One machine a service; every step belongs to at least one of them."""

    def __init__(
        self,
        scope: Construct,
        place: Place,
        *,
        definitions: Mapping[str, Definition],
        steps: set[str],
    ) -> None:
        super().__init__(scope, "workflows", **place.stack("workflows"))
        for name, definition in definitions.items():
            Workflow(self, name, definition=definition, steps=steps, place=place)
        used = {step for each in definitions.values() for step in steps_of(each)}
        if idle := steps - used:
            raise LookupError(f"no workflow calls these steps: {', '.join(sorted(idle))}")


class FrontDoor(Stack):
    """The gateway: every route that citizens, staff and partners use."""

    def __init__(
        self, scope: Construct, place: Place, *, declared: Mapping[str, "Declaration"]
    ) -> None:
        super().__init__(scope, "api", **place.stack("api"))
        issuer = place.issuer or Wiring(self, place, ()).find("issuer")
        front = PublicApi(self, "front", place, issuer=issuer, audience=place.token_audience)
        front.add(declared, {name: place.name(name) for name in declared})
        publish(self, place, "api/front", front.address)
        publish(self, place, "api/front-id", front.api.ref)
