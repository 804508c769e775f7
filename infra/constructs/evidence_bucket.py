"""A bucket for evidence: what lies in it cannot be altered or removed by anybody for a time."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra import rights
from infra.acknowledgements import acknowledge
from infra.place import Place
from infra.profile_check import CITIES, load

# Registration archives are kept for the life of the car and longer; the archive bureau sets the
# term, and a term that runs can be made longer but never shorter. What the city's profile promises
# (`archive_days`) is the least of any stage but the sandbox.
_KEPT_DAYS = {"production": 3650}
# In the sandbox the lock is short and of the kind that an operator may lift, so that a city can
# be taken down; no role of ours may lift it on any stage.
_KEPT_DAYS_IN_THE_SANDBOX = 1


class EvidenceBucket(Construct):
    """One bucket: closed, encrypted with our key, versioned, and locked from the first byte on."""

    def __init__(self, scope: Construct, name: str, place: Place, *, key: str) -> None:
        """`key` is the ARN of the key that encrypts what is put."""
        super().__init__(scope, f"bucket-{name}")
        self.bucket = s3.CfnBucket(
            self,
            "Bucket",
            bucket_name=place.bucket(name),
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
                        bucket_key_enabled=True,
                        server_side_encryption_by_default=(
                            s3.CfnBucket.ServerSideEncryptionByDefaultProperty(
                                sse_algorithm="aws:kms", kms_master_key_id=key
                            )
                        ),
                    )
                ]
            ),
            versioning_configuration=s3.CfnBucket.VersioningConfigurationProperty(status="Enabled"),
            object_lock_enabled=True,
            object_lock_configuration=s3.CfnBucket.ObjectLockConfigurationProperty(
                object_lock_enabled="Enabled",
                rule=s3.CfnBucket.ObjectLockRuleProperty(default_retention=_retention(place)),
            ),
        )
        self.bucket.apply_removal_policy(
            RemovalPolicy.DESTROY if place.is_sandbox else RemovalPolicy.RETAIN
        )
        s3.CfnBucketPolicy(
            self,
            "OnlyEncrypted",
            bucket=self.bucket.ref,
            policy_document=rights.policy(
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [self.bucket.attr_arn, f"{self.bucket.attr_arn}/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ),
        )
        acknowledge(self.bucket, "evidence bucket")


def _retention(place: Place) -> s3.CfnBucket.DefaultRetentionProperty:
    if place.is_sandbox:
        return s3.CfnBucket.DefaultRetentionProperty(
            mode="GOVERNANCE", days=_KEPT_DAYS_IN_THE_SANDBOX
        )
    promised = load(CITIES / f"{place.city}.toml").privacy.archive_days
    days = max(promised, _KEPT_DAYS.get(place.stage, 0))
    return s3.CfnBucket.DefaultRetentionProperty(mode="COMPLIANCE", days=days)
