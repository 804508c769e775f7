"""List prices of us-east-1 and what an application costs by them.

On demand, without free tiers, volume discounts and private contracts. Noted in November 2026 and
not read from a live price list: the price of transitions stands so in an archived copy of the
provider's own page, those of DynamoDB (lowered in November 2024) and Lambda in articles of others;
those of the gateway, KMS and SQS are the long-standing ones and were not looked up again. Check
them before a bill is planned by them; ratios between designs depend on them little.
"""

from collections.abc import Mapping

PER_MILLION: Mapping[str, tuple[float, str]] = {
    "transitions": (25.00, "AWS Step Functions, Standard Workflows, state transitions"),
    "http": (1.00, "Amazon API Gateway, HTTP APIs, requests (first 300 million a month)"),
    "invocations": (0.20, "AWS Lambda, requests"),
    "gb_seconds": (13.3334, "AWS Lambda, arm64, GB-seconds (first tier)"),
    "write_units": (0.625, "Amazon DynamoDB, on-demand write request units"),
    "read_units": (0.125, "Amazon DynamoDB, on-demand read request units"),
    "kms": (3.00, "AWS KMS, symmetric and HMAC requests"),
    "sqs": (0.40, "Amazon SQS, standard queue requests"),
}

# Secrets and city profiles are read once for each container and cost an application nothing.
# What a warm invocation is billed for: its AWS calls take a few milliseconds each and its own work
# fewer. Seconds of the embedded city say nothing about it, so this one figure is assumed.
BILLED_SECONDS = 0.025
MEMORY_GB = 0.5


def dollars(counted: Mapping[str, float]) -> dict[str, float]:
    """$ per million applications, by what it is paid for; `counted` is per application."""
    return {thing: counted[thing] * PER_MILLION[thing][0] for thing in counted}
