"""Where a deployment stands: its stage, its city, and every name that follows from the two.

Stacks find each other by these names alone. What AWS names itself (keys, secrets, streams, API
ids) is written to a parameter of a known name by the stack that makes it.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

STAGES = ("sandbox", "staging", "production")
# Suite of algorithms (chepai/domain/digests.py) → the kind of key that signs in it.
SUITES = {"intl": "ECC_NIST_EDWARDS25519", "sm": "SM2"}


@dataclass(frozen=True)
class Place:
    """One city on one stage. `vendor` is the built third-party layer, None where the runtime
    has the packages already (the embedded city)."""

    stage: str
    city: str
    region: str = ""
    acknowledged_region: str = ""
    issuer: str = ""
    audience: str = ""
    vendor: Path | None = None
    suite: str = "intl"

    def __post_init__(self) -> None:
        if self.stage not in STAGES:
            raise ValueError(f"stage {self.stage!r} is none of {', '.join(STAGES)}")
        if self.suite not in SUITES:
            raise ValueError(f"suite {self.suite!r} is none of {', '.join(SUITES)}")
        if not self.is_sandbox and not self.issuer:
            raise ValueError(f"stage {self.stage} needs the address of its identity issuer")
        if self.stage == "production":
            self._keep_personal_data_at_home()

    def _keep_personal_data_at_home(self) -> None:
        # Personal Information Protection Law Arts 36 and 40: state organs keep it in the country.
        if not self.region:
            raise ValueError("production holds personal data: name its region")
        if not self.region.startswith("cn-") and self.acknowledged_region != self.region:
            raise ValueError(
                f"production holds personal data and {self.region} is outside mainland China; "
                f"if that is lawful here, say acknowledge_region={self.region}"
            )

    @property
    def is_sandbox(self) -> bool:
        return self.stage == "sandbox"

    @property
    def signing_key(self) -> str:
        """The kind of key that signs the office's own records."""
        return SUITES[self.suite]

    @property
    def token_audience(self) -> str:
        return self.audience or f"chepai-{self.stage}-{self.city}"

    def name(self, thing: str) -> str:
        return f"chepai-{self.stage}-{self.city}-{thing}"

    def stack(self, thing: str) -> dict[str, Any]:
        """What every stack is told: its name and, where it is fixed, its region."""
        from aws_cdk import DefaultStackSynthesizer

        return {
            "stack_name": self.name(thing),
            # The rule asks for a parameter of the account that only the CDK's own command needs.
            "synthesizer": DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
            "env": {"region": self.region} if self.region else None,
            "suppress_template_indentation": True,
        }

    def parameter(self, thing: str) -> str:
        """The parameter that holds an identifier which AWS invented."""
        return f"/chepai/{self.stage}/{self.city}/{thing}"

    def table(self, name: str) -> str:
        return arn("dynamodb", f"table/{self.name(name)}")

    def bucket(self, name: str) -> str:
        # Names of buckets are shared by all accounts of a partition.
        return f"{self.name(name)}-{pseudo().account}"

    def queue(self, name: str) -> str:
        return arn("sqs", self.name(name))

    def queue_url(self, name: str) -> str:
        here = pseudo()
        return f"https://sqs.{here.region}.{here.suffix}/{here.account}/{self.name(name)}"

    def function(self, name: str) -> str:
        return arn("lambda", f"function:{self.name(name)}")

    def machine(self, name: str) -> str:
        return arn("states", f"stateMachine:{self.name(name)}")

    def executions(self, machine: str) -> str:
        return arn("states", f"execution:{self.name(machine)}:*")


@dataclass(frozen=True)
class Pseudo:
    """What only the deployment knows."""

    partition: str
    region: str
    account: str
    suffix: str


@cache
def pseudo() -> Pseudo:
    """The tokens of the deployment's partition, region and account.

    Each read of one is a call into Node, and the tokens never change: asked once, and only by
    those who synthesise.
    """
    from aws_cdk import Aws

    return Pseudo(Aws.PARTITION, Aws.REGION, Aws.ACCOUNT_ID, Aws.URL_SUFFIX)


def arn(service: str, resource: str) -> str:
    """An ARN of this deployment's partition, region and account."""
    here = pseudo()
    return f"arn:{here.partition}:{service}:{here.region}:{here.account}:{resource}"
