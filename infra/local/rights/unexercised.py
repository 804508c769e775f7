"""Rights that no scenario uses, each with why it is needed and where it is exercised.

Most of it happens only when something goes wrong at one moment: an answer that overtakes its
question, a machine that died, a wait that a reminder ends. A right that is in neither a record nor
this table is one too many.
"""

from collections.abc import Mapping
from typing import NamedTuple

from infra import definitions
from infra.access import Access, of_group
from infra.local.rights.matrix import Right, entries


class Excuse(NamedTuple):
    """Why a right is there though no scenario needs it, and the test that does."""

    why: str
    exercise: str


_STEPS = "tests/workflows/"
# By the verb and resource, for every step that waits.
OF_WAITING_STEPS: Mapping[tuple[str, str], Excuse] = {
    ("dynamodb:DeleteItem", "table/waits"): Excuse(
        "an answer that came while the token was being parked: the place is cleared again",
        _STEPS + "test_facts.py",
    ),
    ("dynamodb:PutItem", "table/waits"): Excuse(
        "the token is parked when the answer is not there yet", _STEPS + "test_happy_path.py"
    ),
    ("sqs:SendMessage", "queue/questions"): Excuse(
        "the question goes out when the answer is not there yet", _STEPS + "test_happy_path.py"
    ),
    ("states:SendTaskSuccess", "machine"): Excuse(
        "the answer was there before the token was parked", _STEPS + "test_facts.py"
    ),
    ("states:SendTaskFailure", "machine"): Excuse(
        "the refusal was there before the token was parked", _STEPS + "test_way_back.py"
    ),
}
REMINDS = Excuse(
    "the whole step runs only when a wait is overdue: the hasty city overdues some, never all",
    _STEPS + "test_way_back.py",
)
ARCHIVES = Excuse(
    "a message that comes again finds its place in the archive taken",
    "tests/functions/partners/test_hooks.py",
)
PLAYS_A_PARTNER = Excuse(
    "the simulated partners share one small set of rights to what is theirs; no stage but the"
    " sandbox has them",
    "tests/functions/sandbox/test_stories.py",
)
# What a citizen's function reads and enters when a clerk serves somebody: one story walks through
# the usual ones, the tests through every route that a session opens.
OF_COUNTERS = frozenset(
    {
        ("dynamodb:GetItem", "table/sessions"),
        ("dynamodb:Query", "table/ledger"),
        ("dynamodb:PutItem", "table/ledger"),
    }
)
SERVED = Excuse("a clerk serves somebody at a counter", "tests/functions/staff/test_counter.py")
# By function and verb; "" as the verb stands for all that the function has.
OF_FUNCTIONS: Mapping[tuple[str, str], Excuse] = {
    ("hand_to_clerk", ""): Excuse("a machine that cannot go on by itself", _STEPS + "test_runs.py"),
    ("wait_for_officer", ""): Excuse("an open suspicion", _STEPS + "test_staff.py"),
    ("wait_for_cosignature", ""): Excuse("a mortgaged car", _STEPS + "test_way_back.py"),
    ("stop_application", "sqs:SendMessage"): Excuse(
        "a question that is still out is called off", _STEPS + "test_way_back.py"
    ),
    ("sweep", ""): Excuse(
        "what streams and machines leave undone when they fail", "tests/journeys/test_crash.py"
    ),
    ("stop_application", "dynamodb:DeleteItem"): Excuse(
        "a token that is still parked is forgotten", _STEPS + "test_way_back.py"
    ),
    ("weigh_reissue", "sqs:SendMessage"): Excuse(
        "the owner is told that something is for them to do", _STEPS + "test_staff.py"
    ),
    ("ask_partner", "secretsmanager:GetSecretValue"): Excuse(
        "a certificate or an announcement that did not come by itself is asked for",
        "tests/functions/background/test_ask_partner.py",
    ),
    ("check_again", "sqs:SendMessage"): Excuse(
        "the questions that are still open are asked once more",
        "tests/functions/citizen/test_acts.py",
    ),
    ("decide_review", "states:StartExecution"): Excuse(
        "a refusal of either service that is reversed starts the next run", _STEPS + "test_staff.py"
    ),
    **{
        (name, f"states:{verb}"): Excuse(
            "a case of either service is looked into and resumed",
            "tests/functions/staff/test_operating.py",
        )
        for name, verbs in (
            ("act_on_cases", "DescribeExecution StartExecution"),
            ("read_case_machine", "DescribeExecution GetExecutionHistory"),
        )
        for verb in verbs.split()
    },
    **{
        (name, ""): SERVED
        for name in (
            "claim_review",
            "list_counter_sessions",
            "list_inspections",
            "read_back",
            "take_fee",
        )
    },
    ("watch_frequencies", ""): Excuse("the clock calls it", "tests/journeys/test_supervision.py"),
    ("end_retention", ""): Excuse(
        "the clock calls it in the night", "tests/functions/citizen/test_my_data.py"
    ),
    ("resume", ""): Excuse(
        "the certificate of a car tells about which model to ask next", _STEPS + "test_facts.py"
    ),
}


def of(unused: Mapping[str, frozenset[Right]]) -> dict[str, frozenset[Right]]:
    """What is left of unused rights when all that is excused here is taken away."""
    has = entries()
    left = {
        name: frozenset(right for right in rights if excuse_of(name, right, has[name]) is None)
        for name, rights in unused.items()
    }
    return {name: rights for name, rights in left.items() if rights}


def excuse_of(name: str, right: Right, entry: Access) -> Excuse | None:
    """Why a function has a right that was not used; None when nobody says so."""
    for verb in (right.action, ""):
        if excuse := OF_FUNCTIONS.get((name, verb)):
            return excuse
    if "sessions" in entry.tables and (right.action, right.resource) in OF_COUNTERS:
        return SERVED
    if name in of_group("sandbox"):
        return PLAYS_A_PARTNER
    if name in of_group("partners") and right.action == "s3:GetObject":
        return ARCHIVES
    if name.startswith(("remind_", "query_", "trace_")) and name in of_group("steps"):
        return REMINDS
    if not (entry.answers and definitions.answers_of(name)):
        return None
    kind = right.resource.partition("/")[0]
    return OF_WAITING_STEPS.get((right.action, right.resource)) or OF_WAITING_STEPS.get(
        (right.action, kind)
    )
