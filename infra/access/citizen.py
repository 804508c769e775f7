"""What the functions behind the citizen's app may touch."""

from collections.abc import Mapping

from infra.access import Access
from infra.access.unions import union

_READS_CASE = {"applications": "GetItem", "cities": "GetItem"}
_READS_FACTS = union(_READS_CASE, {"facts": "Query"})
_ACTS = union(_READS_FACTS, {"applications": "UpdateItem", "facts": "PutItem", "ledger": "PutItem"})
_ASKS = {"questions": "SendMessage"}
_READS_CITY = {"cities": "GetItem"}
_FILES: Mapping[str, str] = {
    # The guards of the car and of the repeated request are rows beside the case.
    "applications": "GetItem PutItem",
    "cities": "GetItem",
    "facts": "Query",
    "ledger": "PutItem",
    "people": "GetItem ConditionCheckItem",
    "vehicles": "GetItem",
}

ACCESS: dict[str, Access] = {
    "register_new_car": Access(
        tables=_FILES,
        indexes={"facts/by_buyer": "Query"},
        machines={"new_car": "StartExecution"},
    ),
    "read_application": Access(tables=_READS_FACTS),
    "read_progress": Access(tables=_READS_FACTS),
    "sign_application": Access(tables=_ACTS),
    # The only function that can open the secrets by which numbers are dealt.
    "offer_numbers": Access(
        tables=union(_ACTS, {"numbers": "GetItem PutItem UpdateItem BatchGetItem"}),
        keys={"blind": "GenerateMac"},
        queues=_ASKS,
    ),
    "choose_number": Access(tables=union(_ACTS, {"numbers": "GetItem PutItem UpdateItem"})),
    "order_payment": Access(tables=union(_ACTS, {"payments": "PutItem"}), queues=_ASKS),
    "keep_delivery_address": Access(
        tables=union(_ACTS, {"people": "GetItem UpdateItem"}),
        keys={"people": "Decrypt GenerateDataKey"},
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
    "check_eligibility": Access(tables=_READS_CITY),
    "list_number_segments": Access(tables={"numbers": "GetItem"}),
}
