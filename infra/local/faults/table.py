"""The list of faults, one by one, and the storms that mix them."""

from dataclasses import dataclass

from infra.local.faults.rules import Kind, Rule

AWS = frozenset({"dynamodb", "stepfunctions", "sqs", "kms", "secretsmanager", "s3"})
PHONE = frozenset({"phone"})
PARTNERS = frozenset({"partners"})
OFFICE = frozenset({"office"})

PLAYS = ("registers", "thinks_again", "declined_first", "certificate_anew")
ONE = ("registers",)


@dataclass(frozen=True)
class Fault:
    """One row of the table.

    `rules` hold for the journeys of this row alone; `disturbs` names what is done to the whole
    city while they are under way (`infra.local.faults.disturbances`). `elsewhere` says why this
    cannot be shown here and what covers it instead.
    """

    number: str
    name: str
    how: str
    rules: tuple[Rule, ...] = ()
    plays: tuple[str, ...] = PLAYS
    disturbs: str = ""
    elsewhere: str = ""


def _aws(kind: Kind, rate: float = 0.3, most: int = 2) -> tuple[Rule, ...]:
    return (Rule(kind, rate, most=most, services=AWS),)


FAULTS: tuple[Fault, ...] = (
    Fault("F1", "request lost", "between functions and AWS", _aws(Kind.REQUEST_LOST)),
    Fault("F2", "response lost after commit", "the same", _aws(Kind.RESPONSE_LOST)),
    Fault("F3", "duplicate delivery", "each call may arrive twice", _aws(Kind.TWICE, 0.3, 4)),
    Fault("F4", "half a response", "the connection ends in the middle", _aws(Kind.HALF)),
    Fault("F5", "500", "AWS fails", _aws(Kind.ERROR)),
    Fault("F6", "503", "AWS is away", _aws(Kind.AWAY)),
    Fault("F7", "throttled", "AWS asks for patience", _aws(Kind.THROTTLED)),
    Fault("F8", "delay of 3 s", "within the patience of the SDK", _aws(Kind.DELAYED, 0.06, 1)),
    Fault("F9", "hang", "beyond the patience of the SDK", _aws(Kind.HANGS, 0.015, 1)),
    Fault(
        "F10",
        "two writers on one case",
        "what a phone sends arrives twice at the same moment",
        (Rule(Kind.AT_ONCE, 0.8, origins=PHONE),),
    ),
    Fault("F11", "worker dies before a call", "os._exit, by the SDK's hook",
          (Rule(Kind.CRASH_BEFORE, 0.12, most=1, services=AWS),)),
    Fault("F12", "worker dies after a call", "the same, after the commit",
          (Rule(Kind.CRASH_AFTER, 0.12, most=1, services=AWS),)),
    Fault(
        "F13",
        "time-out in a step",
        "a call hangs till the function's own end",
        (Rule(Kind.HANGS, 0.6, most=2, services=frozenset({"dynamodb"}), nth=3,
              origins=frozenset({"accept_application", "enter_registration", "weigh_findings"})),),
        ONE,
    ),
    Fault("F14", "cold starts", "all workers end again and again", plays=ONE,
          disturbs="cold_starts"),
    Fault("F15", "concurrency 0", "a step's function is not run for a while", plays=ONE,
          disturbs="no_concurrency"),
    Fault("F16", "callback lost", "taken and forgotten on the way to us, once there is a case",
          (Rule(Kind.SWALLOWED, 0.4, most=2, origins=PARTNERS),)),
    Fault("F17", "callback ×5", "five at the same moment",
          (Rule(Kind.FIVE_TIMES, 1, origins=PARTNERS),)),
    Fault("F18", "callbacks out of order", "each delayed by chance",
          (Rule(Kind.SHUFFLED, 0.6, origins=PARTNERS, seconds=4.5),)),
    Fault("F19", "callback late", "later than the partner's own patience",
          (Rule(Kind.DELAYED, 0.35, most=1, origins=PARTNERS, seconds=9),)),
    Fault("F20", "callback early", "before the reply to our question",
          (Rule(Kind.SLOW_ANSWER, 1, origins=OFFICE, seconds=3.5),)),
    Fault("F21", "callback forged", "altered under its signature",
          (Rule(Kind.REPLAYED, 1, origins=PARTNERS),)),
    Fault("F22", "callback replayed", "as it was, two seconds later",
          (Rule(Kind.REPLAYED, 1, origins=PARTNERS),), ("thinks_again", "declined_first")),
    Fault("F23", "partner answers 5xx", "the first three times at each place",
          (Rule(Kind.AWAY, 1, most=3, origins=OFFICE),)),
    Fault("F24", "partner slow", "3 s each time", (Rule(Kind.DELAYED, 1, origins=OFFICE),)),
    Fault("F25", "partner answers 200 and garbage", "and has not understood",
          (Rule(Kind.GARBAGE, 0.4, most=2, origins=OFFICE),)),
    Fault("F26", "partner not reachable", "the connection breaks",
          (Rule(Kind.REQUEST_LOST, 0.5, most=3, origins=OFFICE),)),
    Fault("F27", "streams stopped", "every stream is switched off", plays=PLAYS,
          disturbs="streams_off"),
    Fault("F28", "sealer dead", "its clock is stopped",
          elsewhere="four hours cannot be waited for here; the unit tests of sealing move a clock"),
    Fault("F29", "clock wrong by 10 min", "ours and a partner's",
          elsewhere="workers share the machine's clock; the tests of signatures and of deadlines "
          "pass the time in, on both sides of each limit"),
    Fault("F30", "keys rotated, or denied", "every ring rotated; KMS and secrets refuse at times",
          (Rule(Kind.DENIED, 0.3, most=2, services=frozenset({"kms", "secretsmanager"})),),
          disturbs="keys_rotated"),
    Fault("F31", "poison row", "a fact that no rule can read comes by the stream", plays=ONE,
          disturbs="poison_rows"),
    Fault("F32", "dead letters sent again twice", "each question of ours is queued twice more",
          (Rule(Kind.FIVE_TIMES, 0.7, services=frozenset({"sqs"})),)),
    Fault("F33", "state machine replaced", "updated while cases are under way", plays=ONE,
          disturbs="machines_replaced"),
    Fault("F34", "old and new code side by side", "functions updated while cases are under way",
          plays=ONE, disturbs="code_replaced"),
    Fault("P1", "phone hears no answer", "what it sent was done; it sends the same again",
          (Rule(Kind.RESPONSE_LOST, 0.6, most=2, origins=PHONE),)),
    Fault("P2", "our answer to a partner lost", "it sends the same message again",
          (Rule(Kind.RESPONSE_LOST, 0.6, most=2, origins=PARTNERS),)),
)  # fmt: skip

# Each mixes five faults of different kinds, thinner than alone.
STORMS: tuple[tuple[str, tuple[Rule, ...]], ...] = (
    (
        "storm of the network",
        (
            *_aws(Kind.RESPONSE_LOST, 0.06),
            *_aws(Kind.REQUEST_LOST, 0.06),
            *_aws(Kind.HALF, 0.04),
            Rule(Kind.RESPONSE_LOST, 0.3, most=2, origins=PHONE | PARTNERS | OFFICE),
            *_aws(Kind.DELAYED, 0.02, 1),
        ),
    ),
    (
        "storm of partners",
        (
            Rule(Kind.SWALLOWED, 0.2, most=1, origins=PARTNERS),
            Rule(Kind.FIVE_TIMES, 0.3, origins=PARTNERS),
            Rule(Kind.SHUFFLED, 0.4, origins=PARTNERS, seconds=4),
            Rule(Kind.AWAY, 0.4, most=2, origins=OFFICE),
            Rule(Kind.GARBAGE, 0.2, most=1, origins=OFFICE),
        ),
    ),
    (
        "storm of machines",
        (
            Rule(Kind.CRASH_AFTER, 0.05, most=1, services=AWS),
            Rule(Kind.CRASH_BEFORE, 0.05, most=1, services=AWS),
            *_aws(Kind.RESPONSE_LOST, 0.08),
            *_aws(Kind.THROTTLED, 0.08),
            Rule(Kind.AT_ONCE, 0.4, origins=PHONE | PARTNERS),
        ),
    ),
)
