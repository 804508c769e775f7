"""What the state machines of all services share: how a task retries, waits and fails.

States hand identifiers and outcome words on and nothing else; limits come from the city profile
by way of the first state's answer.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeAlias

State: TypeAlias = dict[str, Any]
States: TypeAlias = dict[str, State]


class Phase(StrEnum):
    """Where a state stands: only before registration does a withdrawal lead to the way back."""

    BEFORE = "before"
    AFTER = "after"
    BACK = "back"


CLERK = "Put the case on a clerk's desk"
STOP = "Stop the application"
TAKE_IN = "Take in the application"
WHERE = "Where does the case stand?"
WEIGH = "Weigh the findings"
CORRECTION = "Wait for a correction"
AGENCY = "Wait for the agency"
OFFICER = "Hand to an officer"
FEE = "Wait for the fee"
ACCEPT = "Accept the application"
REVIEW = "Review the application"
QUERY = "Query the national register"
SEND = "Send the parcel"
KEEP = "Keep the parcel for pick-up"
CLOSE = "Close the application"

# Trouble that passes by itself; the steps may all run twice.
PASSING = [
    "TryAgain",
    "VersionConflict",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Runtime.ExitError",
    "Sandbox.Timedout",
]
TECHNICAL = ["StepFailed", *PASSING, "States.TaskFailed", "States.Timeout"]
SECONDS_FOR_A_STEP = 60

RETRY = [
    {
        "ErrorEquals": PASSING,
        "IntervalSeconds": 1,
        "MaxAttempts": 6,
        "BackoffRate": 2,
        "MaxDelaySeconds": 20,
        "JitterStrategy": "FULL",
    }
]


# Something of the office's own must be mended first; until then the state tries again. With some
# minutes between two tries a machine's history lasts for more than a week.
HELD = {
    "IntervalSeconds": 30,
    "MaxAttempts": 4000,
    "BackoffRate": 2,
    "MaxDelaySeconds": 300,
    "JitterStrategy": "FULL",
}


def task(
    step: str,
    comment: str,
    *,
    then: str,
    ways_out: Mapping[str, str] | None = None,
    phase: Phase = Phase.BEFORE,
) -> State:
    """A state that is done when its function returns; `ways_out` maps error names to states."""
    return _task(step, comment, then, ways_out or {}, phase) | {
        "Resource": "arn:${partition}:states:::lambda:invoke",
        "TimeoutSeconds": SECONDS_FOR_A_STEP,
        "ResultSelector": {"outcome.$": "$.Payload.outcome"},
    }


def wait(
    step: str,
    comment: str,
    *,
    then: str,
    late: str,
    ways_out: Mapping[str, str] | None = None,
    held_by: str = "",
    phase: Phase = Phase.BEFORE,
) -> State:
    """A state that waits for an answer; `late` is where it goes when its patience ends.

    `held_by` names the error by which it says that it may not even ask yet.
    """
    ways = {"States.Timeout": late, **(ways_out or {})}
    state = _task(step, comment, then, ways, phase) | {
        "Resource": "arn:${partition}:states:::lambda:invoke.waitForTaskToken",
        "TimeoutSecondsPath": f"$.taken.patience.{step}",
        "ResultSelector": {"outcome.$": "$.outcome"},
    }
    state["Parameters"]["Payload"]["token.$"] = "$$.Task.Token"
    if held_by:
        state["Retry"] = [{"ErrorEquals": [held_by], **HELD}, *state["Retry"]]
    return state


def remind(step: str, comment: str, *, then: str, phase: Phase = Phase.BEFORE) -> State:
    """A reminder; the machine goes on with a longer patience for what is late.

    What it knew is replaced as a whole: what was late is no error any more, or a later refusal
    would read it as one.
    """
    return task(step, comment, then=then, phase=phase) | {
        "ResultSelector": {
            "application_id.$": "$.Payload.application_id",
            "run.$": "$.Payload.run",
            "taken": {"outcome.$": "$.Payload.outcome", "patience.$": "$.Payload.patience"},
        },
        "ResultPath": "$",
    }


def check(step: str, state: str, comment: str, silence: str) -> State:
    """One branch of the verification: one fact, and a named end when its source stays silent.

    Only the end of patience is caught inside the branch; a withdrawal and technical trouble must
    reach the parallel state, or the branch would swallow them.
    """
    asked = wait(step, comment, then="", late=silence)
    del asked["Next"]
    asked |= {
        "End": True,
        "Catch": [{"ErrorEquals": ["States.Timeout"], "ResultPath": "$.error", "Next": silence}],
    }
    quiet = {
        "Type": "Pass",
        "Comment": "Silence is not an answer: the case will wait for the agency",
        "Result": {"outcome": "unavailable"},
        "ResultPath": "$.last",
        "End": True,
    }
    return {"StartAt": state, "States": {state: asked, silence: quiet}}


def verify(branches: list[State], comment: str, then: str) -> State:
    """All facts at once; what the branches say is read from the records, not carried along."""
    return {
        "Type": "Parallel",
        "Comment": comment,
        "Branches": branches,
        "ResultPath": None,
        "Retry": [],
        "Catch": [
            {"ErrorEquals": ["Withdrawn"], "ResultPath": "$.error", "Next": STOP},
            {"ErrorEquals": TECHNICAL, "ResultPath": "$.error", "Next": CLERK},
        ],
        "Next": then,
    }


def question(comment: str, ways: Mapping[str, str], *, path: str = "$.last.outcome") -> State:
    """A choice on one outcome word; a word nobody foresaw goes to a clerk."""
    return {
        "Type": "Choice",
        "Comment": comment,
        "Choices": [
            {"Variable": path, "StringEquals": word, "Next": state} for word, state in ways.items()
        ],
        "Default": CLERK,
    }


def take_in(step: str, comment: str, then: str) -> State:
    """The first state: where the case stands and how long each wait may last."""
    state = task(step, comment, then=then)
    state["ResultSelector"] = {
        "outcome.$": "$.Payload.outcome",
        "patience.$": "$.Payload.patience",
    }
    state["ResultPath"] = "$.taken"
    return state


def identity_check() -> State:
    return check(
        "check_identity",
        "Check the identity",
        "The police say who the owner is (F01)",
        "Identity not answered yet",
    )


def status_check() -> State:
    return check(
        "check_vehicle_status",
        "Check the status of the car",
        "The police say whether it is stolen or sealed (F10)",
        "Status of the car not answered yet",
    )


def taking_in(stands: Mapping[str, str]) -> States:
    """The first two states; `stands` says which state a later run goes on with."""
    return {
        TAKE_IN: take_in("take_in_application", "Find out where the case stands", WHERE),
        WHERE: question(
            "A later run goes on where the last one stopped",
            {**stands, "send": SEND, "keep": KEEP, "close": CLOSE, "stop": STOP},
            path="$.taken.outcome",
        ),
    }


def putting_right(verify_again: str) -> States:
    """Waiting for the owner or an agency to put something right, and to answer at all."""
    return {
        CORRECTION: wait(
            "wait_for_correction",
            "The owner or an agency has something to put right",
            then=verify_again,
            late=STOP,
        ),
        AGENCY: wait(
            "wait_for_agency",
            "An agency's answer is still missing",
            then=verify_again,
            late="Remind the agency",
        ),
        "Remind the agency": remind(
            "remind_agency", "Ask the agency again, one rank higher", then=AGENCY
        ),
    }


def looking_into(why: str, then: str) -> States:
    """An officer decides on a ground that a machine may not decide on."""
    return {
        OFFICER: wait(
            "wait_for_officer",
            why,
            then=then,
            late="Remind the officer",
            ways_out={"Refused": STOP},
        ),
        "Remind the officer": remind(
            "remind_officer", "The investigation is overdue: tell the supervisor", then=OFFICER
        ),
    }


def accepting(law: str, *, approved: str, ways_out: Mapping[str, str] | None = None) -> States:
    """From the fee to the approval; `law` is the article whose clock starts."""
    return {
        FEE: wait("wait_for_fee", "The fee goes to the treasury", then=ACCEPT, late=STOP),
        ACCEPT: task(
            "accept_application",
            f"The legal clock starts here ({law})",
            then=REVIEW,
            ways_out=ways_out,
        ),
        REVIEW: wait(
            "review_application",
            "Automatic, but for sampled and flagged cases",
            then=approved,
            late="Remind the reviewer",
            ways_out={"Refused": STOP},
        ),
        "Remind the reviewer": remind(
            "remind_reviewer", "The review is overdue: tell the supervisor", then=REVIEW
        ),
    }


def delivering(how: str, *, make_again: str, closing: str, delivered: str) -> States:
    """From the parcel to the close; what is lost goes back to `make_again`."""
    return {
        SEND: wait(
            "send_parcel",
            how,
            then=CLOSE,
            late="Trace the parcel",
            ways_out={"ParcelLost": make_again, "ParcelReturned": KEEP},
            phase=Phase.AFTER,
        ),
        "Trace the parcel": remind(
            "trace_parcel",
            "The parcel is overdue: ask the courier where it is",
            then=SEND,
            phase=Phase.AFTER,
        ),
        KEEP: wait(
            "keep_for_pick_up",
            "What could not be delivered is kept for the owner",
            then=CLOSE,
            late="Remind the owner to pick it up",
            phase=Phase.AFTER,
        ),
        "Remind the owner to pick it up": remind(
            "remind_owner", "The parcel still waits at the counter", then=KEEP, phase=Phase.AFTER
        ),
        CLOSE: task("close_application", closing, then=delivered, phase=Phase.AFTER),
    }


def way_back() -> States:
    """What undoes a case before registration, in the order it is shown, and a clerk's desk."""
    return {
        STOP: _with_cause(
            task(
                "stop_application",
                "Say why it ends and call off what was asked",
                then="Free the number",
                # Nobody's time runs out while the office owes a review that was asked for.
                ways_out={"ReviewOwed": "Remind the reviewer who was asked"},
                phase=Phase.BACK,
            )
        ),
        "Remind the reviewer who was asked": remind(
            "remind_reviewer", "The owner waits for the review they asked for", then=CORRECTION
        ),
        "Free the number": task(
            "free_number",
            "A number that was held may be chosen by others again",
            then="Refund the fee",
            phase=Phase.BACK,
        ),
        "Refund the fee": wait(
            "refund_fee",
            "An unpaid order is cancelled, a paid one refunded in full",
            then="Close what was stopped",
            late="Remind the payment office",
            phase=Phase.BACK,
        ),
        "Remind the payment office": remind(
            "remind_payment_office",
            "The refund is overdue: ask again and tell a clerk",
            then="Refund the fee",
            phase=Phase.BACK,
        ),
        "Close what was stopped": task(
            "close_stopped",
            "The car may be applied for again",
            then="How did it end?",
            phase=Phase.BACK,
        ),
        "How did it end?": question(
            "Withdrawn, refused and expired are all proper ends",
            {
                "withdrawn": "Withdrawn by the owner",
                "rejected": "Refused with reasons",
                "not_accepted": "Not accepted, with reasons",
                "expired": "Expired without an answer from the owner",
            },
        ),
        "Withdrawn by the owner": _end("Everything done before was undone"),
        "Refused with reasons": _end("The owner has the reasons and the way to a review"),
        "Not accepted, with reasons": _end("The owner has the reasons and the way to a review"),
        "Expired without an answer from the owner": _end("The owner may apply again"),
        CLERK: _with_cause(
            task(
                "hand_to_clerk",
                "The machine cannot go on by itself: the case gets an owner and a reason",
                then="A clerk must look at this",
                phase=Phase.BACK,
            )
        ),
        "A clerk must look at this": {
            "Type": "Fail",
            "Comment": "Start the next run when the cause is mended",
            "Error": "ClerkMustLook",
            "Cause": "See the runbook: a clerk must look at this (docs/runbook/clerk-must-look.md)",
        },
    }


def succeed(comment: str) -> State:
    return _end(comment)


def machine(comment: str, start: str, states: States) -> State:
    """A whole definition; a case may be open for a year and no longer."""
    return {
        "Comment": comment,
        "StartAt": start,
        "TimeoutSeconds": 366 * 24 * 3600,
        "States": states,
    }


def _end(comment: str) -> State:
    return {"Type": "Succeed", "Comment": comment}


def _with_cause(state: State) -> State:
    del state["Parameters"]["Payload"]["cause"]
    state["Parameters"]["Payload"]["cause.$"] = "States.JsonToString($)"
    return state


def _task(step: str, comment: str, then: str, ways: Mapping[str, str], phase: Phase) -> State:
    payload: dict[str, Any] = {
        "application_id.$": "$.application_id",
        "run.$": "$.run",
        "step": step,
    }
    caught = [
        {"ErrorEquals": [error], "ResultPath": "$.error", "Next": state}
        for error, state in ways.items()
    ]
    if phase is Phase.BACK:
        payload["cause"] = "undo"
    if phase is Phase.BEFORE:
        caught.append({"ErrorEquals": ["Withdrawn"], "ResultPath": "$.error", "Next": STOP})
    if step != "hand_to_clerk":
        known = [name for name in TECHNICAL if name not in ways]
        caught.append({"ErrorEquals": known, "ResultPath": "$.error", "Next": CLERK})
    else:
        last = "A clerk must look at this"
        caught.append({"ErrorEquals": TECHNICAL, "ResultPath": "$.error", "Next": last})
    return {
        "Type": "Task",
        "Comment": comment,
        "Parameters": {"FunctionName": "${" + step + "}", "Payload": payload},
        "ResultPath": "$.last",
        "Retry": RETRY,
        "Catch": caught,
        "Next": then,
    }
