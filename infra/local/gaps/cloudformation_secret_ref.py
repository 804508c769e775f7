"""ministack's CloudFormation resolves the `Ref` of a secret to its name; on AWS it is the ARN.

A role that may read the ARN would not match what the function asks for.
"""

from collections.abc import Callable
from typing import Any

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners


def _name(arn: str) -> str:
    for name, secret in secretsmanager._secrets.items():
        if secret["ARN"] == arn:
            return str(name)
    return arn


def _arn_as_id(provision: Callable[..., Any]) -> Callable[..., Any]:
    def provision_by_arn(first: str, *arguments: Any, **more: Any) -> Any:
        _, attributes = provision(_name(first), *arguments, **more)
        return attributes["Arn"], attributes

    return provision_by_arn


def apply() -> None:
    secret = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
    delete = secret["delete"]
    secret["create"] = _arn_as_id(secret["create"])
    secret["update"] = _arn_as_id(secret["update"])
    secret["delete"] = lambda arn, properties: delete(_name(arn), properties)
