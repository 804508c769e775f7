"""An identifier that AWS invented, left under a known name for the stacks that need it."""

from aws_cdk import Stack
from aws_cdk import aws_ssm as ssm

from infra.place import Place


def publish(stack: Stack, place: Place, thing: str, value: str) -> None:
    """Write the parameter that `Wiring.find(thing)` reads in another stack."""
    ssm.CfnParameter(
        stack,
        f"parameter-{thing.replace('/', '-')}",
        name=place.parameter(thing),
        type="String",
        value=value,
        description="An identifier that AWS invented, for the stacks that need it",
    )
