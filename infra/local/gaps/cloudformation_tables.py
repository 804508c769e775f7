"""ministack's CloudFormation drops a table's time-to-live and point-in-time recovery.

So expired items would never go, and a test could not see whether recovery is on.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners


def _apply_settings(name: str, properties: Mapping[str, Any]) -> None:
    expiry = properties.get("TimeToLiveSpecification")
    if expiry:
        enabled = str(expiry.get("Enabled", True)).lower() == "true"
        dynamodb._update_ttl(
            {
                "TableName": name,
                "TimeToLiveSpecification": {
                    "Enabled": enabled,
                    "AttributeName": expiry["AttributeName"],
                },
            }
        )
    recovery = properties.get("PointInTimeRecoverySpecification")
    for replica in properties.get("Replicas") or ():
        recovery = recovery or replica.get("PointInTimeRecoverySpecification")
    if recovery:
        dynamodb._update_continuous_backups(
            {"TableName": name, "PointInTimeRecoverySpecification": recovery}
        )


def _with_settings(provision: Callable[..., Any], properties_at: int) -> Callable[..., Any]:
    def provision_all(*arguments: Any, **more: Any) -> Any:
        name, attributes = provision(*arguments, **more)
        _apply_settings(name, arguments[properties_at])
        return name, attributes

    return provision_all


def apply() -> None:
    for kind in ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"):
        table = provisioners._RESOURCE_HANDLERS[kind]
        # The properties are the second argument of a creation and the third of an update.
        table["create"] = _with_settings(table["create"], 1)
        table["update"] = _with_settings(table["update"], 2)
