"""A sandbox can be taken down with all it holds, and nothing else can."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.emptying import empty
from infra.place import Place

SANDBOX = Place("sandbox", "qingdao")


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield boto3.client("s3", region_name="us-east-1")


def test_every_version_goes_and_no_other_bucket_is_touched(s3):
    names = (f"{SANDBOX.name('seals')}-1", "chepai-staging-qingdao-seals-1")
    for name in names:
        s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
        lock = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
        s3.put_object_lock_configuration(
            Bucket=name,
            ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": lock},
        )
        for body in (b"1", b"2"):
            s3.put_object(Bucket=name, Key="checkpoints/1", Body=body)
        s3.delete_object(Bucket=name, Key="checkpoints/1")
    assert empty(SANDBOX, s3) == 3
    s3.delete_bucket(Bucket=names[0])
    assert len(s3.list_object_versions(Bucket=names[1])["Versions"]) == 2


def test_evidence_of_any_other_stage_is_kept(s3):
    with pytest.raises(ValueError, match="is kept"):
        empty(Place("staging", "qingdao", issuer="https://issuer.example"), s3)
