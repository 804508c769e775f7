"""Registration of a new car (新车上牌): from the owner's application to plates at the door."""

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

NAME = "new_car"
VERIFY = "Verify the car and the buyer"
IN_ORDER = "Is everything in order?"
INSPECTION = "Wait for the inspection"
OWNER = "Wait for the owner to sign and choose a number"
RECHECK = "Check the facts again before registration"
ASK = "Ask the national register"
ENTER = "Enter the registration"
MAKE = "Make the plates and papers"
DELIVERED = "Plates and papers delivered"


def definition() -> State:
    """The machine in Amazon States Language (JSONPath), with `${step}` for each function."""
    states = {
        **taking_in(
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
            }
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
        **putting_right(VERIFY),
        INSPECTION: wait(
            "wait_for_inspection",
            "An inspector must see the car; facts and number are kept",
            then=VERIFY,
            late=STOP,
        ),
        **looking_into(
            "A ground of suspicion must be looked into on site (R164 Art. 74)", then=VERIFY
        ),
        OWNER: wait(
            "wait_for_owner",
            "The owner confirms, signs and chooses a number",
            then=FEE,
            late=STOP,
        ),
        **accepting("R164 Art. 12", approved=RECHECK, ways_out={"NumberLost": OWNER}),
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
            held_by="SealingStopped",
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
        **delivering(
            "The courier collects, carries and delivers to the owner in person",
            make_again=MAKE,
            closing="Tell insurer and tax the number, ask for a rating",
            delivered=DELIVERED,
        ),
        DELIVERED: succeed("The car is registered and its owner holds everything"),
        **way_back(),
    }
    return machine("Registration of a new car, with no errand for its owner", TAKE_IN, states)


def _checks() -> list[State]:
    return [
        identity_check(),
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
        status_check(),
    ]
