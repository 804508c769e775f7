"""ministack gives an HTTP API the address of a host name that only some machines can resolve.

`<id>.execute-api.localhost` is found where the system's resolver answers for every name under
localhost, which macOS and small containers do not. The path form of the same API is found
everywhere.
"""

from collections.abc import Callable
from typing import Any

from ministack.services import apigateway
from ministack.services.cloudformation import provisioners


def address(endpoint: str, api: str) -> str:
    """Where the default stage of an HTTP API answers."""
    return f"{endpoint}/_aws/execute-api/{api}/$default"


def apply(endpoint: str) -> None:
    handlers = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]
    upstream: Callable[..., Any] = handlers["create"]

    def create(*arguments: Any, **more: Any) -> Any:
        api, attributes = upstream(*arguments, **more)
        apigateway._apis[api]["apiEndpoint"] = address(endpoint, api)
        return api, {**attributes, "ApiEndpoint": address(endpoint, api)}

    handlers["create"] = create
