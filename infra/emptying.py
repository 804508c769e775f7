"""Take everything out of a sandbox's buckets, so that its stacks can go."""

from typing import Any

from infra.place import Place

_AT_ONCE = 1000


def empty(place: Place, s3: Any) -> int:
    """Remove every version of every object of a sandbox's buckets; how many.

    The lock of a sandbox is of the kind that an operator may lift, and no function's role may.
    Raises ValueError for any other stage: what lies there is evidence.
    """
    if not place.is_sandbox:
        raise ValueError(f"the evidence of stage {place.stage} is kept")
    removed = 0
    for bucket in s3.list_buckets()["Buckets"]:
        if bucket["Name"].startswith(place.name("")):
            removed += _empty(bucket["Name"], s3)
    return removed


def _empty(bucket: str, s3: Any) -> int:
    removed = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        for begin in range(0, len(found), _AT_ONCE):
            part = found[begin : begin + _AT_ONCE]
            s3.delete_objects(
                Bucket=bucket,
                BypassGovernanceRetention=True,
                Delete={
                    "Objects": [{"Key": e["Key"], "VersionId": e["VersionId"]} for e in part],
                    "Quiet": True,
                },
            )
            removed += len(part)
    return removed
