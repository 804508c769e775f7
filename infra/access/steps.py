"""What the steps of the state machines may touch."""

from collections.abc import Mapping

from infra.access import Access


def _tables(*several: Mapping[str, str]) -> dict[str, str]:
    """The union of several rights, verb by verb."""
    verbs: dict[str, set[str]] = {}
    for one in several:
        for table, words in one.items():
            verbs.setdefault(table, set()).update(words.split())
    return {table: " ".join(sorted(words)) for table, words in verbs.items()}


_READS_CASE = {"applications": "GetItem", "cities": "GetItem"}
_PARKS = _READS_CASE | {"facts": "Query", "waits": "PutItem DeleteItem"}
_MOVES_CASE = _READS_CASE | {"applications": "GetItem UpdateItem", "ledger": "PutItem"}
_CLOSES_CASE = _MOVES_CASE | {"applications": "GetItem UpdateItem DeleteItem"}
_REMINDS = _tables(_MOVES_CASE, {"facts": "Query", "waits": "BatchGetItem"})
_ASKS = {"questions": "SendMessage"}

_WAITS = Access(tables=_PARKS, queues=_ASKS, answers=True)
_MOVES_AND_WAITS = Access(tables=_tables(_PARKS, _MOVES_CASE), queues=_ASKS, answers=True)
# Whether the ledger is sealed: without it nothing is registered.
_ASKS_THE_REGISTER = Access(
    tables=_tables(_PARKS, _MOVES_CASE, {"seals": "GetItem"}), queues=_ASKS, answers=True
)
_REMINDER = Access(tables=_REMINDS, queues=_ASKS)

ACCESS: dict[str, Access] = {
    "take_in_application": Access(tables=_READS_CASE),
    "check_identity": _WAITS,
    "check_certificate": _WAITS,
    "check_announcement": _WAITS,
    "check_pre_inspection": _WAITS,
    "check_invoice": _WAITS,
    "check_purchase_tax": _WAITS,
    "check_compulsory_insurance": _WAITS,
    "check_vessel_tax": _WAITS,
    "check_vehicle_status": _WAITS,
    "check_mortgage": _WAITS,
    "weigh_findings": Access(tables=_tables(_MOVES_CASE, {"facts": "Query"}), queues=_ASKS),
    "weigh_reissue": Access(
        tables=_tables(_MOVES_CASE, {"facts": "Query", "people": "GetItem", "vehicles": "GetItem"}),
        queues=_ASKS,
    ),
    "wait_for_correction": _WAITS,
    "wait_for_agency": _WAITS,
    "wait_for_inspection": _WAITS,
    "wait_for_officer": _WAITS,
    "wait_for_owner": _WAITS,
    "wait_for_cosignature": _WAITS,
    "wait_for_fee": _WAITS,
    "accept_application": Access(
        tables=_tables(_MOVES_CASE, {"numbers": "UpdateItem", "payments": "UpdateItem"}),
        queues=_ASKS,
    ),
    "review_application": Access(
        tables=_tables(_PARKS, _MOVES_CASE),
        queues=_ASKS,
        keys={"draws": "GenerateMac"},
        answers=True,
    ),
    "recheck_facts": _WAITS,
    "ask_the_register": _ASKS_THE_REGISTER,
    "query_the_register": _REMINDER,
    "enter_registration": Access(
        tables=_tables(
            _MOVES_CASE, {"facts": "Query", "numbers": "UpdateItem", "vehicles": "PutItem"}
        ),
        queues=_ASKS,
    ),
    "replace_at_the_register": _ASKS_THE_REGISTER,
    "query_replacement": _REMINDER,
    "enter_new_certificate": Access(
        tables=_tables(_MOVES_CASE, {"facts": "Query", "vehicles": "GetItem UpdateItem"}),
        queues=_ASKS,
    ),
    "make_plates_and_papers": _MOVES_AND_WAITS,
    "print_certificate": _MOVES_AND_WAITS,
    "remind_print_room": _REMINDER,
    "send_parcel": _MOVES_AND_WAITS,
    "keep_for_pick_up": _MOVES_AND_WAITS,
    "close_application": Access(tables=_CLOSES_CASE, queues=_ASKS),
    "remind_agency": _REMINDER,
    "remind_officer": _REMINDER,
    "remind_reviewer": _REMINDER,
    "remind_police": _REMINDER,
    "remind_plate_maker": _REMINDER,
    "trace_parcel": _REMINDER,
    "remind_owner": _REMINDER,
    "remind_payment_office": _REMINDER,
    "stop_application": Access(
        tables=_tables(_MOVES_CASE, {"facts": "Query", "waits": "BatchGetItem DeleteItem"}),
        queues=_ASKS,
    ),
    "free_number": Access(tables=_tables(_MOVES_CASE, {"numbers": "GetItem UpdateItem"})),
    "refund_fee": _WAITS,
    "close_stopped": Access(
        tables=_tables(_CLOSES_CASE, {"facts": "Query", "payments": "UpdateItem"}), queues=_ASKS
    ),
    "hand_to_clerk": Access(tables=_MOVES_CASE),
}
