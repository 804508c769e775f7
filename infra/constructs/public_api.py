"""An HTTP API whose routes are what the handlers declare, one function each."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aws_cdk import RemovalPolicy
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.constructs.service_function import LOG_DAYS
from infra.place import Place, arn

if TYPE_CHECKING:
    from chepai.edge.api import Declaration

# What one request leaves behind. No query string and no address of the caller: both can tell
# who somebody is.
_ACCESS_LOG = (
    '{"at":"$context.requestTime","request":"$context.requestId","route":"$context.routeKey",'
    '"status":"$context.status","ms":"$context.responseLatency",'
    '"refused":"$context.authorizer.error","trouble":"$context.integrationErrorMessage"}'
)
_BURST, _PER_SECOND = 400, 200
_ELSE = "$default"


class PublicApi(Construct):
    """The gateway: checks tokens and scopes, throttles, and hands each route to its function."""

    def __init__(
        self, scope: Construct, name: str, place: Place, *, issuer: str = "", audience: str = ""
    ) -> None:
        super().__init__(scope, name)
        self._place = place
        self.api = gateway.CfnApi(
            self,
            "Api",
            name=place.name(name),
            protocol_type="HTTP",
            description="Routes are declared beside their handlers; see docs/openapi.json.",
        )
        self._authorizer = self._tokens(issuer, audience) if issuer else None
        self._stage(name)

    @property
    def address(self) -> str:
        return self.api.attr_api_endpoint

    def add(self, declared: Mapping[str, "Declaration"], functions: Mapping[str, str]) -> None:
        """One route for each declaration. `functions`: the function's name by its folder."""
        taken: dict[str, str] = {}
        for name, each in declared.items():
            key = each.key
            if key in taken:
                raise ValueError(f"{name} and {taken[key]} both answer {key}")
            taken[key] = name
            self._route(name, each, functions[name])

    def _route(self, name: str, declared: "Declaration", function: str) -> None:
        place = Construct(self, name)
        integration = gateway.CfnIntegration(
            place,
            "Integration",
            api_id=self.api.ref,
            integration_type="AWS_PROXY",
            integration_method="POST",
            integration_uri=self._place.function(name),
            payload_format_version="2.0",
            timeout_in_millis=15_000,
        )
        signed_in = bool(declared.roles)
        if signed_in and self._authorizer is None:
            raise ValueError(f"{name} wants a sign-in, which this API does not check")
        route = gateway.CfnRoute(
            place,
            "Route",
            api_id=self.api.ref,
            route_key=declared.key,
            target=f"integrations/{integration.ref}",
            operation_name=name,
            authorization_type="JWT" if signed_in else "NONE",
            authorizer_id=self._authorizer.ref if signed_in and self._authorizer else None,
            authorization_scopes=sorted(declared.roles) or None,
        )
        if not signed_in:
            acknowledge(route, self._kind_of_open_route(declared.path))
        lambda_.CfnPermission(
            place,
            "MayCall",
            action="lambda:InvokeFunction",
            function_name=function,
            principal="apigateway.amazonaws.com",
            source_arn=arn("execute-api", f"{self.api.ref}/*/{_pattern(declared.path)}"),
        )

    def _kind_of_open_route(self, path: str) -> str:
        if self._authorizer is None:
            return "sandbox route"
        return "hook" if path.startswith("/hooks/") else "public route"

    def _tokens(self, issuer: str, audience: str) -> gateway.CfnAuthorizer:
        return gateway.CfnAuthorizer(
            self,
            "Tokens",
            api_id=self.api.ref,
            name="tokens",
            authorizer_type="JWT",
            identity_source=["$request.header.Authorization"],
            jwt_configuration=gateway.CfnAuthorizer.JWTConfigurationProperty(
                issuer=issuer, audience=[audience]
            ),
        )

    def _stage(self, name: str) -> None:
        written = logs.CfnLogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/vendedlogs/api/{self._place.name(name)}",
            retention_in_days=LOG_DAYS,
        )
        written.apply_removal_policy(
            RemovalPolicy.DESTROY if self._place.is_sandbox else RemovalPolicy.RETAIN
        )
        gateway.CfnStage(
            self,
            "Stage",
            api_id=self.api.ref,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=gateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=written.attr_arn, format=_ACCESS_LOG
            ),
            default_route_settings=gateway.CfnStage.RouteSettingsProperty(
                throttling_burst_limit=_BURST,
                throttling_rate_limit=_PER_SECOND,
                detailed_metrics_enabled=True,
            ),
        )


def _pattern(path: str) -> str:
    return path if path == _ELSE else f"*{path}"
