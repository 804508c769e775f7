"""Objects that are written once and can never be altered."""

import os
from dataclasses import dataclass
from typing import Self

from botocore.exceptions import ClientError

from chepai.records.aws import client


class OtherwiseWritten(Exception):
    """Something else lies already where an object was to be written once."""


@dataclass(frozen=True)
class Evidence:
    """One bucket with a lock."""

    bucket: str

    @classmethod
    def from_env(cls, name: str) -> Self:
        """The bucket that a function was granted under a name."""
        return cls(os.environ[f"{name.upper()}_BUCKET"])

    def put_once(self, key: str, body: bytes, *, kind: str) -> bool:
        """Write an object unless it is there; whether it was this call that wrote it.

        `kind` is its media type. Raises OtherwiseWritten when what is there says another thing.
        """
        try:
            client("s3").put_object(
                Bucket=self.bucket, Key=key, Body=body, ContentType=kind, IfNoneMatch="*"
            )
        except ClientError as refused:
            if refused.response["Error"]["Code"] != "PreconditionFailed":
                raise
            if self.read(key) != body:
                raise OtherwiseWritten(key) from None
            return False
        return True

    def read(self, key: str) -> bytes:
        found = client("s3").get_object(Bucket=self.bucket, Key=key)
        return bytes(found["Body"].read())
