"""What the functions behind the citizen's app may touch."""

from collections.abc import Mapping
from dataclasses import replace

from infra.access import Access
from infra.access.unions import union

_READS_CASE = {"applications": "GetItem", "cities": "GetItem"}
_READS_FACTS = union(_READS_CASE, {"facts": "Query"})
_CHANGES = union(_READS_CASE, {"applications": "UpdateItem", "ledger": "PutItem"})
# An act that the machine waits for is a fact, written in the transaction of the act.
_ACTS = union(_CHANGES, {"facts": "Query PutItem"})
_ASKS = {"questions": "SendMessage"}
_READS_CITY = {"cities": "GetItem"}
_FILES: Mapping[str, str] = {
    # The guards of the car and of the repeated request are rows beside the case.
    "applications": "GetItem PutItem",
    "cities": "GetItem",
    "ledger": "PutItem",
    "people": "GetItem ConditionCheckItem",
    "vehicles": "GetItem",
}
_KNOWS = {"cities": "GetItem", "facts": "Query", "people": "GetItem"}
# What creates, pays or deals takes a turn of its person's.
_COUNTED = {"rates": "UpdateItem"}
# Whether an agent may act here; owners' requests never ask.
_FOR_OTHERS = {"powers": "GetItem"}
_OF_PERSON = {"applications/by_person": "Query"}
_BOOK = {"ledger": "Query PutItem"}
_OWN_DATA = {"applications": "BatchGetItem", "people": "GetItem"}

_MOVES_A_TICKET = {"cities": "GetItem", "ledger": "PutItem", "tickets": "GetItem UpdateItem"}

# A case's history, the words it rests on, and where both are in the sealed log.
_EVIDENCE = {"ledger": "Query", "facts": "BatchGetItem", "seals": "GetItem BatchGetItem"}

ACCESS: dict[str, Access] = {
    "refuse_unknown": Access(),
    "register_new_car": Access(
        tables=union(_FOR_OTHERS, _FILES, _COUNTED),
        indexes={"facts/by_buyer": "Query"},
        machines={"new_car": "StartExecution"},
    ),
    "read_application": Access(tables=union(_FOR_OTHERS, _READS_FACTS)),
    "read_progress": Access(tables=union(_FOR_OTHERS, _READS_FACTS)),
    "sign_application": Access(tables=union(_FOR_OTHERS, _ACTS)),
    # The only function that can open the secrets by which numbers are dealt.
    "offer_numbers": Access(
        tables=union(
            _FOR_OTHERS,
            _CHANGES,
            _COUNTED,
            {"numbers": "GetItem PutItem UpdateItem BatchGetItem", "deals": "PutItem"},
        ),
        keys={"draws": "GenerateMac"},
        queues=_ASKS,
    ),
    "choose_number": Access(
        tables=union(_FOR_OTHERS, _ACTS, {"numbers": "GetItem PutItem UpdateItem"})
    ),
    # A number that lapses soon is kept for the fee.
    "order_payment": Access(
        tables=union(
            _FOR_OTHERS, _ACTS, _COUNTED, {"payments": "PutItem", "numbers": "UpdateItem"}
        ),
        queues=_ASKS,
    ),
    "keep_delivery_address": Access(
        tables=union(_CHANGES, {"people": "GetItem UpdateItem"}),
        # Seals what is new; what is kept it cannot open.
        keys={"people": "GenerateDataKey"},
        # Whoever was reached before hears of a change.
        queues=_ASKS,
    ),
    # The pages about the interface are in the layer; they touch nothing.
    "show_api": Access(memory=256),
    "show_problems": Access(memory=256),
    "describe_api": Access(memory=256),
    # Before signing in: the published profile, and no word about anybody.
    "list_services": Access(tables=_READS_CITY),
    "read_service": Access(tables=_READS_CITY),
    "list_links": Access(tables=_READS_CITY),
    "list_manufacturers": Access(tables=_READS_CITY),
    "read_city": Access(tables=_READS_CITY),
    # Counters only, and kept for minutes: nobody's case is in them.
    "read_city_figures": Access(tables={"figures": "GetItem Query", "cities": "GetItem"}),
    "check_eligibility": Access(tables=_READS_CITY),
    "read_checkpoint": Access(tables={"seals": "GetItem"}),
    "prove_consistency": Access(tables={"seals": "GetItem"}),
    "list_number_segments": Access(tables={"numbers": "GetItem BatchGetItem"}),
    "list_number_deals": Access(tables={"numbers": "GetItem BatchGetItem", "deals": "Query"}),
    "reissue_certificate": Access(
        tables=union(_FILES, _COUNTED), machines={"certificate_reissue": "StartExecution"}
    ),
    "read_me": Access(tables=_KNOWS),
    "list_my_invoices": Access(tables=_KNOWS, indexes={"facts/by_buyer": "Query"}),
    "list_my_vehicles": Access(
        tables={"vehicles": "BatchGetItem"}, indexes={"vehicles/by_owner": "Query"}
    ),
    "list_my_messages": Access(
        tables={"applications": "BatchGetItem", "ledger": "Query", "tickets": "BatchGetItem"},
        indexes={**_OF_PERSON, "tickets/by_person": "Query"},
    ),
    "list_my_applications": Access(tables={"applications": "BatchGetItem"}, indexes=_OF_PERSON),
    "read_receipt": Access(tables=union(_FOR_OTHERS, _READS_CASE)),
    "read_evidence": Access(tables={"applications": "GetItem", **_EVIDENCE}),
    "correct_entries": Access(tables=union(_FOR_OTHERS, _ACTS)),
    "dispute_fact": Access(tables=union(_CHANGES, _COUNTED, {"facts": "Query"}), queues=_ASKS),
    "check_again": Access(tables=union(_ACTS, {"waits": "BatchGetItem"}), queues=_ASKS),
    "ask_review": Access(tables=union(_CHANGES, _COUNTED)),
    "read_offer": Access(tables=union(_FOR_OTHERS, _READS_CASE, {"numbers": "GetItem"})),
    "take_temporary_plate": Access(tables=union(_CHANGES, _COUNTED, {"facts": "Query"})),
    # The code is a row beside the case.
    "make_counter_code": Access(tables=union(_CHANGES, _COUNTED, {"applications": "PutItem"})),
    "withdraw_application": Access(tables=_ACTS),
    "list_inspection_slots": Access(tables=_READS_CITY | {"slots": "Query"}),
    "book_inspection": Access(tables=union(_FOR_OTHERS, _CHANGES, {"slots": "PutItem"})),
    "move_inspection": Access(tables=union(_FOR_OTHERS, _CHANGES, {"slots": "PutItem DeleteItem"})),
    "cancel_inspection": Access(tables=union(_FOR_OTHERS, _CHANGES, {"slots": "DeleteItem"})),
    # Who had a hand in the case does not call back about a bad rating.
    "rate_service": Access(tables=union(_CHANGES, _BOOK, {"tickets": "PutItem UpdateItem"})),
    # One's own data. The book of accesses is read, and what is asked enters it.
    "list_my_accesses": Access(tables={"ledger": "Query", "seals": "GetItem BatchGetItem"}),
    "question_access": Access(
        tables=union(
            _BOOK,
            _COUNTED,
            {"ledger": "GetItem", "cities": "GetItem", "data_requests": "PutItem"},
        ),
    ),
    # Opens the vault for nobody but its person, and after a strong sign-in only.
    "copy_my_record": Access(
        tables=union(_BOOK, _OWN_DATA), indexes=_OF_PERSON, keys={"people": "Decrypt"}
    ),
    "erase_my_record": Access(
        tables=union(
            _BOOK,
            _OWN_DATA,
            _COUNTED,
            _READS_CITY,
            {"people": "UpdateItem DeleteItem", "data_requests": "GetItem PutItem"},
        ),
        indexes=_OF_PERSON,
    ),
    "restrict_my_record": Access(
        tables=union(
            _BOOK,
            _OWN_DATA,
            _COUNTED,
            _READS_CITY,
            {"people": "UpdateItem", "data_requests": "GetItem PutItem"},
        ),
        indexes=_OF_PERSON,
    ),
    "say_consent": Access(tables=union(_BOOK, {"people": "GetItem UpdateItem"})),
    "list_my_privacy_requests": Access(
        tables={"data_requests": "BatchGetItem"}, indexes={"data_requests/by_person": "Query"}
    ),
    "appeal_privacy_answer": Access(
        tables=union(_BOOK, {"cities": "GetItem", "data_requests": "GetItem UpdateItem"})
    ),
    # What comes in is sealed; whoever asked opens it again, and nobody else of these.
    "open_ticket": Access(
        tables=union(
            _BOOK,
            _CHANGES,
            _COUNTED,
            {
                "data_requests": "PutItem",
                "facts": "Query",
                "tickets": "PutItem UpdateItem",
            },
        ),
        keys={"words": "GenerateDataKey"},
        queues=_ASKS,
    ),
    "list_my_tickets": Access(
        tables={"data_requests": "BatchGetItem", "tickets": "BatchGetItem"},
        indexes={"data_requests/by_person": "Query", "tickets/by_person": "Query"},
    ),
    "read_my_ticket": Access(
        tables={"data_requests": "GetItem", "tickets": "GetItem"}, keys={"words": "Decrypt"}
    ),
    "add_to_ticket": Access(
        tables=union(_MOVES_A_TICKET, _COUNTED), keys={"words": "GenerateDataKey"}
    ),
    "rate_answer": Access(tables=_MOVES_A_TICKET, keys={"words": "GenerateDataKey"}),
    "withdraw_ticket": Access(tables=_MOVES_A_TICKET),
    "give_power": Access(
        tables=union(
            _COUNTED,
            {
                "cities": "GetItem",
                "ledger": "Query PutItem",
                "powers": "GetItem UpdateItem",
            },
        )
    ),
    "revoke_power": Access(tables={"ledger": "Query PutItem", "powers": "GetItem UpdateItem"}),
    "list_my_powers": Access(
        tables={"powers": "Query BatchGetItem"}, indexes={"powers/by_principal": "Query"}
    ),
}

# Where a clerk serves somebody at a counter: whether the session runs is read, and what is shown
# of the person is in the book first.
_AT_A_COUNTER = {"sessions": "GetItem", "ledger": "Query PutItem"}
ACCESS |= {
    name: replace(ACCESS[name], tables=union(ACCESS[name].tables, _AT_A_COUNTER))
    for name in (
        "ask_review", "book_inspection", "cancel_inspection", "check_again", "choose_number",
        "correct_entries", "dispute_fact", "give_power", "keep_delivery_address",
        "list_my_applications", "list_my_invoices", "list_my_messages", "list_my_powers",
        "list_my_vehicles", "make_counter_code", "move_inspection", "offer_numbers",
        "order_payment", "read_application", "read_evidence", "read_me", "read_offer",
        "read_progress", "read_receipt", "register_new_car", "reissue_certificate", "revoke_power",
        "sign_application", "take_temporary_plate", "withdraw_application",
    )
}  # fmt: skip
ACCESS["list_inspection_slots"] = replace(
    ACCESS["list_inspection_slots"],
    tables=union(ACCESS["list_inspection_slots"].tables, {"sessions": "GetItem"}),
)
