"""Reissue of the vehicle registration certificate (补换领登记证书): the owner in person, once."""

from infra.workflows.fragments import (
    STOP,
    Phase,
    State,
    check,
    machine,
    question,
    remind,
    succeed,
    take_in,
    task,
    verify,
    wait,
    way_back,
)

NAME = "certificate_reissue"
TAKE_IN = "Take in the application"
WHERE = "Where does the case stand?"
VERIFY = "Verify the owner and the car"
WEIGH = "Weigh the findings"
IN_ORDER = "May the certificate be reissued?"
CORRECTION = "Wait for a correction"
AGENCY = "Wait for the agency"
COSIGN = "Wait for the lender to co-sign"
OFFICER = "Hand to an officer"
OWNER = "Wait for the owner to sign"
FEE = "Wait for the fee"
ACCEPT = "Accept the application"
REVIEW = "Review the application"
REPLACE = "Replace it at the national register"
QUERY = "Query the national register"
ENTER = "Enter the new certificate"
PRINT = "Print the certificate"
SEND = "Send the parcel"
KEEP = "Keep the parcel for pick-up"
CLOSE = "Close the application"
DELIVERED = "New certificate delivered"


def definition() -> State:
    """The machine in Amazon States Language (JSONPath), with `${step}` for each function."""
    states = {
        TAKE_IN: take_in("take_in_application", "Find out where the case stands", WHERE),
        WHERE: question(
            "A later run goes on where the last one stopped",
            {
                "verify": VERIFY,
                "correction": CORRECTION,
                "agency": AGENCY,
                "officer": OFFICER,
                "owner": OWNER,
                "fee": FEE,
                "review": REVIEW,
                "recheck": REPLACE,
                "register": REPLACE,
                "make": PRINT,
                "send": SEND,
                "keep": KEEP,
                "close": CLOSE,
                "stop": STOP,
            },
            path="$.taken.outcome",
        ),
        VERIFY: verify(_checks(), "Every fact is asked of the agency that answers for it", WEIGH),
        WEIGH: task("weigh_reissue", "Judge facts and history together, once", then=IN_ORDER),
        IN_ORDER: question(
            "The outcome of the weighing, in one word",
            {
                "verified": OWNER,
                "needs_correction": CORRECTION,
                "awaiting_source": AGENCY,
                "cosignature": COSIGN,
                "on_site": OFFICER,
                "suspicious": OFFICER,
                "refused": STOP,
            },
        ),
        CORRECTION: wait(
            "wait_for_correction",
            "The owner or an agency has something to put right",
            then=VERIFY,
            late=STOP,
        ),
        AGENCY: wait(
            "wait_for_agency",
            "An agency's answer is still missing",
            then=VERIFY,
            late="Remind the agency",
        ),
        "Remind the agency": remind(
            "remind_agency", "Ask the agency again, one rank higher", then=AGENCY
        ),
        COSIGN: wait(
            "wait_for_cosignature",
            "Under a mortgage owner and lender apply jointly (R164 Art. 32)",
            then=WEIGH,
            late=STOP,
            ways_out={"Refused": STOP},
        ),
        OFFICER: wait(
            "wait_for_officer",
            "Unusual frequency or a fresh change is looked into in person (R164 Art. 74)",
            then=WEIGH,
            late="Remind the officer",
            ways_out={"Refused": STOP},
        ),
        "Remind the officer": remind(
            "remind_officer", "The investigation is overdue: tell the supervisor", then=OFFICER
        ),
        OWNER: wait("wait_for_owner", "The owner confirms and signs", then=FEE, late=STOP),
        FEE: wait("wait_for_fee", "The fee goes to the treasury", then=ACCEPT, late=STOP),
        ACCEPT: task(
            "accept_application", "The legal clock starts here (R164 Art. 52)", then=REVIEW
        ),
        REVIEW: wait(
            "review_application",
            "Automatic, but for sampled and flagged cases",
            then=REPLACE,
            late="Remind the reviewer",
            ways_out={"Refused": STOP},
        ),
        "Remind the reviewer": remind(
            "remind_reviewer", "The review is overdue: tell the supervisor", then=REVIEW
        ),
        REPLACE: wait(
            "replace_at_the_register",
            "The old certificate is void, a new one with a new number takes its place",
            then=ENTER,
            late=QUERY,
            ways_out={"RegisterRefused": STOP},
        ),
        QUERY: remind(
            "query_replacement",
            "No answer is no refusal: query by our key, never ask blindly again",
            then=REPLACE,
        ),
        ENTER: task(
            "enter_new_certificate",
            "Old certificate void, new one entered, once",
            then=PRINT,
            phase=Phase.AFTER,
        ),
        PRINT: wait(
            "print_certificate",
            "The print room works on the order",
            then=SEND,
            late="Remind the print room",
            ways_out={"MustBeMadeAgain": PRINT},
            phase=Phase.AFTER,
        ),
        "Remind the print room": remind(
            "remind_print_room",
            "The order is overdue: ask again and tell a clerk",
            then=PRINT,
            phase=Phase.AFTER,
        ),
        SEND: wait(
            "send_parcel",
            "The courier delivers to the owner in person, ID shown",
            then=CLOSE,
            late="Trace the parcel",
            ways_out={"ParcelLost": PRINT, "ParcelReturned": KEEP},
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
        CLOSE: task("close_application", "Ask for a rating", then=DELIVERED, phase=Phase.AFTER),
        DELIVERED: succeed("The owner holds the new certificate, the old one is void"),
        **way_back(),
    }
    return machine("Reissue of a vehicle registration certificate", TAKE_IN, states)


def _checks() -> list[State]:
    return [
        check(
            "check_identity",
            "Check the identity",
            "The police say who the owner is (F01)",
            "Identity not answered yet",
        ),
        check(
            "check_vehicle_status",
            "Check the status of the car",
            "The police say whether it is stolen or sealed (F10)",
            "Status of the car not answered yet",
        ),
        check(
            "check_mortgage",
            "Check the mortgage",
            "The lenders say whether one of them must agree (F14)",
            "Mortgage not answered yet",
        ),
    ]
