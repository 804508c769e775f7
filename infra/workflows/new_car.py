"""Registration of a new car (新车上牌): from the owner's application to plates at the door."""

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

NAME = "new_car"
TAKE_IN = "Take in the application"
WHERE = "Where does the case stand?"
VERIFY = "Verify the car and the buyer"
WEIGH = "Weigh the findings"
IN_ORDER = "Is everything in order?"
CORRECTION = "Wait for a correction"
AGENCY = "Wait for the agency"
INSPECTION = "Wait for the inspection"
OFFICER = "Hand to an officer"
OWNER = "Wait for the owner to sign and choose a number"
FEE = "Wait for the fee"
ACCEPT = "Accept the application"
REVIEW = "Review the application"
RECHECK = "Check the facts again before registration"
ASK = "Ask the national register"
QUERY = "Query the national register"
ENTER = "Enter the registration"
MAKE = "Make the plates and papers"
SEND = "Send the parcel"
KEEP = "Keep the parcel for pick-up"
CLOSE = "Close the application"
DELIVERED = "Plates and papers delivered"


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
                "inspection": INSPECTION,
                "officer": OFFICER,
                "owner": OWNER,
                "fee": FEE,
                "review": REVIEW,
                "recheck": RECHECK,
                "register": ASK,
                "make": MAKE,
                "send": SEND,
                "keep": KEEP,
                "close": CLOSE,
                "stop": STOP,
            },
            path="$.taken.outcome",
        ),
        VERIFY: verify(_checks(), "Every fact is asked of the agency that answers for it", WEIGH),
        WEIGH: task("weigh_findings", "Judge all facts together, once", then=IN_ORDER),
        IN_ORDER: question(
            "The outcome of the weighing, in one word",
            {
                "verified": OWNER,
                "needs_correction": CORRECTION,
                "awaiting_source": AGENCY,
                "on_site": INSPECTION,
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
        INSPECTION: wait(
            "wait_for_inspection",
            "An inspector must see the car; facts and number are kept",
            then=VERIFY,
            late=STOP,
        ),
        OFFICER: wait(
            "wait_for_officer",
            "A ground of suspicion must be looked into on site (R164 Art. 74)",
            then=VERIFY,
            late="Remind the officer",
            ways_out={"Refused": STOP},
        ),
        "Remind the officer": remind(
            "remind_officer", "The investigation is overdue: tell the supervisor", then=OFFICER
        ),
        OWNER: wait(
            "wait_for_owner",
            "The owner confirms, signs and chooses a number",
            then=FEE,
            late=STOP,
        ),
        FEE: wait("wait_for_fee", "The fee goes to the treasury", then=ACCEPT, late=STOP),
        ACCEPT: task(
            "accept_application",
            "The legal clock starts here (R164 Art. 12)",
            then=REVIEW,
            ways_out={"NumberLost": OWNER},
        ),
        REVIEW: wait(
            "review_application",
            "Automatic, but for sampled and flagged cases",
            then=RECHECK,
            late="Remind the reviewer",
            ways_out={"Refused": STOP},
        ),
        "Remind the reviewer": remind(
            "remind_reviewer", "The review is overdue: tell the supervisor", then=REVIEW
        ),
        RECHECK: wait(
            "recheck_facts",
            "Invoice, tax, insurance, status and mortgage must still hold",
            then=ASK,
            late="Remind the police",
            ways_out={"NoLongerInOrder": WEIGH},
        ),
        "Remind the police": remind(
            "remind_police", "The status of the car must be known: ask again", then=RECHECK
        ),
        ASK: wait(
            "ask_the_register",
            "The national register is asked with our own key",
            then=ENTER,
            late=QUERY,
            ways_out={"RegisterRefused": STOP},
        ),
        QUERY: remind(
            "query_the_register",
            "No answer is no refusal: query by our key, never ask blindly again",
            then=ASK,
        ),
        ENTER: task(
            "enter_registration",
            "Number bound, car entered, licence and mark issued, in one transaction",
            then=MAKE,
            phase=Phase.AFTER,
        ),
        MAKE: wait(
            "make_plates_and_papers",
            "The plate maker and the print room work on the order",
            then=SEND,
            late="Remind the plate maker",
            ways_out={"MustBeMadeAgain": MAKE},
            phase=Phase.AFTER,
        ),
        "Remind the plate maker": remind(
            "remind_plate_maker",
            "The order is overdue: ask again and tell a clerk",
            then=MAKE,
            phase=Phase.AFTER,
        ),
        SEND: wait(
            "send_parcel",
            "The courier collects, carries and delivers to the owner in person",
            then=CLOSE,
            late="Trace the parcel",
            ways_out={"ParcelLost": MAKE, "ParcelReturned": KEEP},
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
        CLOSE: task(
            "close_application",
            "Tell insurer and tax the number, ask for a rating",
            then=DELIVERED,
            phase=Phase.AFTER,
        ),
        DELIVERED: succeed("The car is registered and its owner holds everything"),
        **way_back(),
    }
    return machine("Registration of a new car, with no errand for its owner", TAKE_IN, states)


def _checks() -> list[State]:
    return [
        check(
            "check_identity",
            "Check the identity",
            "The police say who the owner is (F01)",
            "Identity not answered yet",
        ),
        check(
            "check_certificate",
            "Check the certificate of conformity",
            "The maker says what it built (F03)",
            "Certificate not answered yet",
        ),
        check(
            "check_announcement",
            "Check the product announcement",
            "The ministry says which models may be sold (F04)",
            "Announcement not answered yet",
        ),
        check(
            "check_pre_inspection",
            "Check the pre-inspection",
            "The maker inspected the car at the factory (F05)",
            "Pre-inspection not answered yet",
        ),
        check(
            "check_invoice",
            "Check the invoice",
            "The tax office says who bought the car (F06)",
            "Invoice not answered yet",
        ),
        check(
            "check_purchase_tax",
            "Check the purchase tax",
            "The tax office says whether it is paid (F07)",
            "Purchase tax not answered yet",
        ),
        check(
            "check_compulsory_insurance",
            "Check the compulsory insurance",
            "The insurer says whether the car is insured (F08)",
            "Insurance not answered yet",
        ),
        check(
            "check_vessel_tax",
            "Check the vessel tax",
            "The tax office says whether it is paid (F09)",
            "Vessel tax not answered yet",
        ),
        check(
            "check_vehicle_status",
            "Check the status of the car",
            "The police say whether it is stolen or sealed (F10)",
            "Status of the car not answered yet",
        ),
    ]
