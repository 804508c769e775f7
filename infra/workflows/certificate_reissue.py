"""Reissue of the vehicle registration certificate (补换领登记证书): the owner in person, once."""

from infra.workflows.fragments import (
    AGENCY,
    CORRECTION,
    FEE,
    OFFICER,
    QUERY,
    REVIEW,
    SEND,
    STOP,
    TAKE_IN,
    WEIGH,
    Phase,
    State,
    accepting,
    check,
    delivering,
    identity_check,
    looking_into,
    machine,
    putting_right,
    question,
    remind,
    status_check,
    succeed,
    taking_in,
    task,
    verify,
    wait,
    way_back,
)

NAME = "certificate_reissue"
VERIFY = "Verify the owner and the car"
IN_ORDER = "May the certificate be reissued?"
COSIGN = "Wait for the lender to co-sign"
OWNER = "Wait for the owner to sign"
REPLACE = "Replace it at the national register"
ENTER = "Enter the new certificate"
PRINT = "Print the certificate"
DELIVERED = "New certificate delivered"


def definition() -> State:
    """The machine in Amazon States Language (JSONPath), with `${step}` for each function."""
    states = {
        **taking_in(
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
            }
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
        **putting_right(VERIFY),
        COSIGN: wait(
            "wait_for_cosignature",
            "Under a mortgage owner and lender apply jointly (R164 Art. 32)",
            then=WEIGH,
            late=STOP,
            ways_out={"Refused": STOP},
        ),
        **looking_into(
            "Unusual frequency or a fresh change is looked into in person (R164 Art. 74)",
            then=WEIGH,
        ),
        OWNER: wait("wait_for_owner", "The owner confirms and signs", then=FEE, late=STOP),
        **accepting("R164 Art. 52", approved=REPLACE),
        REPLACE: wait(
            "replace_at_the_register",
            "The old certificate is void, a new one with a new number takes its place",
            then=ENTER,
            late=QUERY,
            ways_out={"RegisterRefused": STOP},
            held_by="SealingStopped",
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
        **delivering(
            "The courier delivers to the owner in person, ID shown",
            make_again=PRINT,
            closing="Ask for a rating",
            delivered=DELIVERED,
        ),
        DELIVERED: succeed("The owner holds the new certificate, the old one is void"),
        **way_back(),
    }
    return machine("Reissue of a vehicle registration certificate", TAKE_IN, states)


def _checks() -> list[State]:
    return [
        identity_check(),
        status_check(),
        check(
            "check_mortgage",
            "Check the mortgage",
            "The lenders say whether one of them must agree (F14)",
            "Mortgage not answered yet",
        ),
    ]
