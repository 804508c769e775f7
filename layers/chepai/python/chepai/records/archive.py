"""Partners' messages as they came, byte by byte with their signatures: written once, locked.

Who keeps a message may see that its place is taken and by which digest, but never what is in it:
that takes the key of the evidence, which no function that takes messages may open.
"""

import os
from collections.abc import Mapping
from typing import Self

from botocore.exceptions import ClientError

from chepai.records.aws import client
from chepai.records.table import TryAgain

_DIGEST = "digest"
# A second put of the same key at the same moment is told to come again.
_BUSY = frozenset({"ConditionalRequestConflict", "OperationAborted", "SlowDown"})


class Archive:
    """One object a message: `messages/<partner>/<message id>`."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    @classmethod
    def from_env(cls) -> Self:
        return cls(os.environ["ARCHIVE_BUCKET"])

    def keep(
        self, partner: str, message_id: str, headers: Mapping[str, str], body: bytes, digest: str
    ) -> bool:
        """Keep a message unless it is kept; False when another body has its place.

        `digest` is of the body. Raises TryAgain while somebody else puts the same message.
        """
        place = {"Bucket": self._bucket, "Key": f"messages/{partner}/{message_id}"}
        try:
            client("s3").put_object(
                **place,
                Body=written(headers, body),
                IfNoneMatch="*",
                ContentType="message/http",
                Metadata={_DIGEST: digest},
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _BUSY:
                raise TryAgain from None
            if code != "PreconditionFailed":
                raise
            known = client("s3").head_object(**place)["Metadata"]
            return bool(known.get(_DIGEST) == digest)
        return True


def written(headers: Mapping[str, str], body: bytes) -> bytes:
    """The object: headers a line each, an empty line, the body."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in sorted(headers.items()))
    return lines.encode("ascii") + b"\r\n" + body
