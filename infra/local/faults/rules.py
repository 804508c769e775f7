"""Which call fails how: rules, and the choice that a seed makes by them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b


class Kind(StrEnum):
    """What can happen to one request and its answer."""

    REQUEST_LOST = "request lost"
    RESPONSE_LOST = "response lost after commit"
    TWICE = "duplicate delivery"
    AT_ONCE = "two at the same moment"
    FIVE_TIMES = "delivered five times"
    HALF = "half a response"
    ERROR = "500"
    AWAY = "503"
    THROTTLED = "throttled"
    DENIED = "access denied"
    DELAYED = "delayed"
    SHUFFLED = "delayed at random"
    HANGS = "hangs"
    GARBAGE = "200 and garbage"
    SWALLOWED = "taken and forgotten"
    SLOW_ANSWER = "answered after it was acted upon"
    REPLAYED = "replayed, and altered"
    CRASH_BEFORE = "worker dies before the call"
    CRASH_AFTER = "worker dies after the call"


@dataclass(frozen=True)
class Call:
    """One request as the proxy sees it.

    `origin` is the function that makes it, or "phone", "partners" or "office" (a question of ours
    on its way to a partner); `service` and `operation` are AWS's words, or "http" and the path;
    `nth` counts the calls of one invocation; `tables` are those that it touches.
    """

    origin: str
    service: str
    operation: str
    tables: tuple[str, ...] = ()
    nth: int = 0
    journey: str = ""
    invocation: str = ""

    @property
    def place(self) -> str:
        """Where in the work it stands, whatever its identifiers are: the same in every run."""
        what = f"{self.service}.{self.operation}"
        return f"{self.origin}/{self.nth}/{what}/{'+'.join(self.tables)}"


@dataclass(frozen=True)
class Rule:
    """Of the calls that it fits, `rate` fail in this way; at one place `most` times at most.

    Empty sets fit everything. `seconds` is how long what waits does wait. `nth` 0 fits every call.
    """

    kind: Kind
    rate: float = 1.0
    most: int = 1_000_000
    services: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    seconds: float = 3.0
    nth: int = 0

    def fits(self, call: Call) -> bool:
        return (
            (not self.services or call.service in self.services)
            and (not self.operations or call.operation.split(" ")[0] in self.operations)
            and (not self.origins or call.origin in self.origins)
            and self.nth in (0, call.nth)
        )


@dataclass
class Choice:
    """Chooses by hash(seed, journey, place, attempt), so that a seed replays its faults.

    `rules` are those of each journey, by its name; "" are those of nobody in particular.
    """

    seed: int
    rules: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    _attempts: dict[tuple[str, str], int] = field(default_factory=dict)
    _failed: dict[tuple[str, str, Rule], int] = field(default_factory=dict)

    def of(self, call: Call) -> Rule | None:
        """The rule by which this call fails, None for one that goes through."""
        rules = self.rules.get(call.journey, ())
        if not rules:
            return None
        at = (call.journey, call.place)
        attempt = self._attempts[at] = self._attempts.get(at, 0) + 1
        for number, rule in enumerate(rules):
            if not rule.fits(call):
                continue
            failed = self._failed.get((*at, rule), 0)
            if failed < rule.most and self.chance(call, attempt, number) < rule.rate:
                self._failed[*at, rule] = failed + 1
                return rule
        return None

    def chance(self, call: Call, attempt: int, number: int = 0) -> float:
        """A number from 0 to 1 that is the same in every run of this seed."""
        text = f"{self.seed}|{call.journey}|{call.place}|{attempt}|{number}"
        return int.from_bytes(blake2b(text.encode(), digest_size=7).digest()) / (1 << 56)


SERVICES: Mapping[str, str] = {
    "DynamoDB": "dynamodb",
    "AWSStepFunctions": "stepfunctions",
    "AmazonSQS": "sqs",
    "TrentService": "kms",
    "secretsmanager": "secretsmanager",
}
"""AWS's word before the operation, without its date, and what we call the service."""
