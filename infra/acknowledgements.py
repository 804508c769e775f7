"""Every finding of the template rules that stays, with the reason. Nothing else may silence one."""

from collections.abc import Iterator, Sequence
from typing import Any

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct

# Kind of resource → finding → why it stays.
TABLE: dict[str, dict[str, str]] = {}


def acknowledge(construct: IConstruct, kind: str, **known: Any) -> None:
    """Say on the construct itself which findings stay and why."""
