"""Where people look: the pages' bucket and the content network in front of pages and API.

One address for both, so there is no CORS; `infra/local/front_door.py` is the same on a laptop.
"""

from collections.abc import Iterator

from aws_cdk import Fn, RemovalPolicy, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra import rights
from infra.acknowledgements import acknowledge
from infra.constructs.published import publish
from infra.constructs.service_function import Wiring
from infra.front import CONTENT_SECURITY_POLICY, PERMISSIONS, SANDBOX_PATH, SERVICE_PATHS
from infra.place import Place, pseudo

# Names that AWS gives to its own policies: nothing kept, everything passed on but the host.
_NOTHING_KEPT = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
_KEPT = "658327ea-f89d-4fab-a63d-7e88639e58f6"
_ALL_BUT_THE_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
_TWO_YEARS = 63072000
_SERVICES, _SANDBOX = "services", "sandbox"

# What is no file is the index: the pages find their own way from there.
_INDEX = """
function handler(event) {
  if (!event.request.uri.split('/').pop().includes('.')) event.request.uri = '/index.html';
  return event.request;
}
"""


class Pages(Stack):
    """Files that anybody may read, and the one address of the city."""

    def __init__(self, scope: Construct, place: Place) -> None:
        super().__init__(scope, "pages", **place.stack("pages"))
        self._place = place
        bucket = self._bucket()
        network = self._network(bucket)
        self._only_the_network_reads(bucket, network)
        publish(self, place, "pages/address", network.attr_domain_name)

    def _bucket(self) -> s3.CfnBucket:
        bucket = s3.CfnBucket(
            self,
            "bucket",
            bucket_name=self._place.bucket("pages"),
            public_access_block_configuration=s3.CfnBucket.PublicAccessBlockConfigurationProperty(
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
            ),
            ownership_controls=s3.CfnBucket.OwnershipControlsProperty(
                rules=[
                    s3.CfnBucket.OwnershipControlsRuleProperty(
                        object_ownership="BucketOwnerEnforced"
                    )
                ]
            ),
            bucket_encryption=s3.CfnBucket.BucketEncryptionProperty(
                server_side_encryption_configuration=[
                    s3.CfnBucket.ServerSideEncryptionRuleProperty(
                        server_side_encryption_by_default=(
                            s3.CfnBucket.ServerSideEncryptionByDefaultProperty(
                                sse_algorithm="AES256"
                            )
                        )
                    )
                ]
            ),
            versioning_configuration=s3.CfnBucket.VersioningConfigurationProperty(status="Enabled"),
        )
        # Everything in it is built from the repository again.
        bucket.apply_removal_policy(RemovalPolicy.DESTROY)
        acknowledge(bucket, "pages bucket")
        return bucket

    def _network(self, bucket: s3.CfnBucket) -> cloudfront.CfnDistribution:
        reader = cloudfront.CfnOriginAccessControl(
            self,
            "reader",
            origin_access_control_config=cloudfront.CfnOriginAccessControl.OriginAccessControlConfigProperty(
                name=self._place.name("pages"),
                origin_access_control_origin_type="s3",
                signing_behavior="always",
                signing_protocol="sigv4",
            ),
        )
        index = cloudfront.CfnFunction(
            self,
            "index",
            name=self._place.name("pages-index"),
            auto_publish=True,
            function_code=_INDEX,
            function_config=cloudfront.CfnFunction.FunctionConfigProperty(
                comment="What is no file is the index", runtime="cloudfront-js-2.0"
            ),
        )
        distribution = cloudfront.CfnDistribution(
            self,
            "network",
            distribution_config=cloudfront.CfnDistribution.DistributionConfigProperty(
                comment=self._place.name("pages"),
                enabled=True,
                http_version="http2and3",
                ipv6_enabled=True,
                default_root_object="index.html",
                origins=[self._files(bucket, reader), *self._apis()],
                default_cache_behavior=cloudfront.CfnDistribution.DefaultCacheBehaviorProperty(
                    target_origin_id="pages",
                    viewer_protocol_policy="redirect-to-https",
                    cache_policy_id=_KEPT,
                    response_headers_policy_id=self._headers().ref,
                    compress=True,
                    function_associations=[
                        cloudfront.CfnDistribution.FunctionAssociationProperty(
                            event_type="viewer-request", function_arn=index.attr_function_arn
                        )
                    ],
                ),
                cache_behaviors=[*_to_the_services(), *self._to_the_sandbox()],
                viewer_certificate=cloudfront.CfnDistribution.ViewerCertificateProperty(
                    cloud_front_default_certificate=True
                ),
            ),
        )
        acknowledge(distribution, "content network")
        return distribution

    def _files(
        self, bucket: s3.CfnBucket, reader: cloudfront.CfnOriginAccessControl
    ) -> cloudfront.CfnDistribution.OriginProperty:
        return cloudfront.CfnDistribution.OriginProperty(
            id="pages",
            domain_name=bucket.attr_regional_domain_name,
            origin_access_control_id=reader.ref,
            s3_origin_config=cloudfront.CfnDistribution.S3OriginConfigProperty(
                origin_access_identity=""
            ),
        )

    def _apis(self) -> Iterator[cloudfront.CfnDistribution.OriginProperty]:
        wiring = Wiring(self, self._place, ())
        yield _origin(_SERVICES, wiring.find("api/front"))
        if self._place.is_sandbox:
            yield _origin(_SANDBOX, wiring.find("issuer"))

    def _to_the_sandbox(self) -> Iterator[cloudfront.CfnDistribution.CacheBehaviorProperty]:
        if self._place.is_sandbox:
            yield _handed_on(f"{SANDBOX_PATH}*", _SANDBOX)

    def _headers(self) -> cloudfront.CfnResponseHeadersPolicy:
        policy = cloudfront.CfnResponseHeadersPolicy
        return policy(
            self,
            "headers",
            response_headers_policy_config=policy.ResponseHeadersPolicyConfigProperty(
                name=self._place.name("pages"),
                security_headers_config=policy.SecurityHeadersConfigProperty(
                    content_security_policy=policy.ContentSecurityPolicyProperty(
                        content_security_policy=CONTENT_SECURITY_POLICY, override=True
                    ),
                    content_type_options=policy.ContentTypeOptionsProperty(override=True),
                    frame_options=policy.FrameOptionsProperty(frame_option="DENY", override=True),
                    referrer_policy=policy.ReferrerPolicyProperty(
                        referrer_policy="no-referrer", override=True
                    ),
                    strict_transport_security=policy.StrictTransportSecurityProperty(
                        access_control_max_age_sec=_TWO_YEARS,
                        include_subdomains=True,
                        override=True,
                    ),
                ),
                custom_headers_config=policy.CustomHeadersConfigProperty(
                    items=[
                        policy.CustomHeaderProperty(header=name, value=value, override=True)
                        for name, value in (
                            ("cross-origin-opener-policy", "same-origin"),
                            ("permissions-policy", PERMISSIONS),
                        )
                    ]
                ),
            ),
        )

    def _only_the_network_reads(
        self, bucket: s3.CfnBucket, network: cloudfront.CfnDistribution
    ) -> None:
        objects = f"{bucket.attr_arn}/*"
        s3.CfnBucketPolicy(
            self,
            "readers",
            bucket=bucket.ref,
            policy_document=rights.policy(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudfront.amazonaws.com"},
                    "Action": "s3:GetObject",
                    "Resource": objects,
                    "Condition": {"StringEquals": {"AWS:SourceArn": _arn_of(network)}},
                },
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [bucket.attr_arn, objects],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
            ),
        )


# What is the same for everybody, for as long as the answer itself says.
_FOR_EVERYBODY = "/v1/city/figures"


def _to_the_services() -> Iterator[cloudfront.CfnDistribution.CacheBehaviorProperty]:
    # The first path that fits decides, so this one comes before all of /v1.
    yield cloudfront.CfnDistribution.CacheBehaviorProperty(
        path_pattern=_FOR_EVERYBODY,
        target_origin_id=_SERVICES,
        viewer_protocol_policy="https-only",
        allowed_methods=["GET", "HEAD", "OPTIONS"],
        cache_policy_id=_KEPT,
        origin_request_policy_id=_ALL_BUT_THE_HOST,
        compress=True,
    )
    for path in SERVICE_PATHS:
        yield _handed_on(path, _SERVICES)
        yield _handed_on(f"{path}/*", _SERVICES)


def _origin(name: str, address: str) -> cloudfront.CfnDistribution.OriginProperty:
    return cloudfront.CfnDistribution.OriginProperty(
        id=name,
        domain_name=Fn.select(2, Fn.split("/", address)),
        custom_origin_config=cloudfront.CfnDistribution.CustomOriginConfigProperty(
            origin_protocol_policy="https-only", origin_ssl_protocols=["TLSv1.2"]
        ),
    )


def _handed_on(path: str, origin: str) -> cloudfront.CfnDistribution.CacheBehaviorProperty:
    return cloudfront.CfnDistribution.CacheBehaviorProperty(
        path_pattern=path,
        target_origin_id=origin,
        viewer_protocol_policy="https-only",
        allowed_methods=["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
        cache_policy_id=_NOTHING_KEPT,
        origin_request_policy_id=_ALL_BUT_THE_HOST,
        compress=True,
    )


def _arn_of(network: cloudfront.CfnDistribution) -> str:
    # A content network belongs to no region.
    return f"arn:{pseudo().partition}:cloudfront::{pseudo().account}:distribution/{network.ref}"
