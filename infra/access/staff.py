"""What the functions behind counters, hotline and operators may touch."""

from infra.access import Access
from infra.access.unions import union

# What staff see of a person is in the book of accesses first: the end of its chain is read, and
# a line put.
_BOOK = {"ledger": "Query PutItem"}
# Whose cases a list of matters names is read before it is shown.
_NAMES_CASES = {"applications": "BatchGetItem", **_BOOK}
# Whether the matter that a case is opened for is of this case.
_TIES = {"supervision": "GetItem", "tickets": "GetItem"}
_LISTS = Access(
    tables=union(_BOOK, {"applications": "BatchGetItem"}),
    indexes={"applications/by_queue": "Query"},
)
_ACTS = {
    "applications": "GetItem UpdateItem",
    "cities": "GetItem",
    "facts": "Query PutItem",
    **_BOOK,
}
# Of a person only what lies in the clear: no function of staff opens the vault.
_KNOWS_THE_HISTORY = {"people": "GetItem", "vehicles": "GetItem"}
_READS_ALL = Access(
    tables=union(
        _KNOWS_THE_HISTORY,
        {
            "applications": "GetItem",
            "cities": "GetItem",
            "facts": "Query",
            **_BOOK,
            **_TIES,
            "waits": "BatchGetItem",
        },
    )
)

# That nobody has acted on a case since its history was read is a condition of each write.
_SUPERVISES = {
    "applications": "GetItem ConditionCheckItem",
    "cities": "GetItem",
    "ledger": "Query PutItem",
}
_CHANGES_A_MATTER = {"supervision": "GetItem UpdateItem"}

_MACHINES = ("new_car", "certificate_reissue")
_SEES_THE_OPEN = Access(
    tables={"applications": "BatchGetItem", "cities": "GetItem"},
    indexes={"applications/by_queue": "Query", "ledger/by_hour": "Query"},
    timeout=20,
)
# Who had a hand in the case of a complaint is read from its history.
_WORKS_ON_A_TICKET = {
    "cities": "GetItem",
    "ledger": "Query PutItem",
    "tickets": "GetItem UpdateItem",
}
_ANSWERS_A_TICKET = Access(
    tables=_WORKS_ON_A_TICKET,
    keys={"words": "GenerateDataKey"},
    queues={"questions": "SendMessage"},
)

_READS_FIGURES = {"figures": "GetItem Query"}
_DEAD = ("questions-dead", "events-dead")
_LOOKS = "ReceiveMessage ChangeMessageVisibility"

ACCESS: dict[str, Access] = {
    "list_open_applications": _LISTS,
    "list_reviews": _LISTS,
    "read_case": _READS_ALL,
    "read_case_evidence": Access(
        tables=union(
            _BOOK,
            _TIES,
            {
                "applications": "GetItem",
                "facts": "BatchGetItem",
                "seals": "GetItem BatchGetItem",
            },
        )
    ),
    "decide_review": Access(
        # A reversal takes the guard of the car again and starts the next run; who had a hand in
        # the case is read from its history.
        tables=union(_ACTS, {"applications": "PutItem"}),
        machines={"new_car": "StartExecution", "certificate_reissue": "StartExecution"},
    ),
    "decide_suspicion": Access(tables=union(_ACTS, _KNOWS_THE_HISTORY)),
    "enter_inspection": Access(tables=_ACTS),
    "hand_over": Access(tables=_ACTS),
    # Who follows what is entered before anything is answered.
    "trace_acts": Access(
        tables=union(_BOOK, {"traces": "Query", "facts": "Query", "applications": "BatchGetItem"}),
        indexes={"applications/by_person": "Query"},
    ),
    # Counters of agencies and months: of no person and no case.
    "read_scoreboard": Access(tables=_READS_FIGURES),
    "read_dashboard": Access(tables=union(_READS_FIGURES, {"cities": "GetItem"})),
    # What lies with the dead letters is looked at and left there; its cases are named, and so the
    # look is in the book of each of their owners.
    "list_dead_letters": Access(
        tables=union(_BOOK, {"applications": "BatchGetItem"}),
        queues=dict.fromkeys(_DEAD, f"{_LOOKS} GetQueueAttributes"),
    ),
    "replay_dead_letters": Access(
        tables=_BOOK,
        queues={"questions": "SendMessage", "questions-dead": f"{_LOOKS} DeleteMessage"},
    ),
    "list_rechecks": Access(
        tables=union(_NAMES_CASES, {"supervision": "BatchGetItem"}),
        indexes={"supervision/by_desk": "Query"},
    ),
    "read_draw": Access(
        tables=union(_NAMES_CASES, {"supervision": "GetItem Query", "traces": "Query"})
    ),
    "claim_recheck": Access(tables=union(_SUPERVISES, _CHANGES_A_MATTER)),
    "decide_recheck": Access(
        tables=union(_SUPERVISES, _CHANGES_A_MATTER, {"supervision": "PutItem"})
    ),
    "list_findings": Access(
        tables=union(_NAMES_CASES, {"supervision": "BatchGetItem"}),
        indexes={"supervision/by_desk": "Query"},
    ),
    "open_finding": Access(tables=union(_SUPERVISES, {"supervision": "PutItem"})),
    "answer_finding": Access(tables=union(_NAMES_CASES, _CHANGES_A_MATTER)),
    # A reversal moves the case in the decision's own transaction.
    "decide_finding": Access(
        tables=union(_SUPERVISES, _NAMES_CASES, _CHANGES_A_MATTER, {"applications": "UpdateItem"})
    ),
    "claim_counter_code": Access(
        tables=union(_BOOK, {"applications": "GetItem", "cities": "GetItem", "rates": "UpdateItem"})
    ),
    # What persons ask about their data. Who grants an erasure destroys keys and opens none.
    "list_privacy_requests": Access(
        tables=union(_BOOK, {"data_requests": "BatchGetItem"}),
        indexes={"data_requests/by_state": "Query"},
    ),
    "answer_privacy_request": Access(
        tables=union(
            _BOOK,
            {
                "applications": "BatchGetItem",
                "data_requests": "GetItem UpdateItem",
                "people": "GetItem UpdateItem DeleteItem",
            },
        ),
        indexes={"applications/by_person": "Query"},
    ),
    # The only staff function that finds a person by ID number, and so many an hour at most.
    "enter_relatives_wish": Access(
        tables=union(
            _BOOK,
            {
                "cities": "GetItem",
                "data_requests": "PutItem UpdateItem",
                "facts": "Query",
                "people": "GetItem",
            },
        ),
        keys={"blind": "GenerateMac"},
    ),
    # One-to-one at a counter. Of the person it knows what the police said masked; the pad's strokes
    # it can seal and not open.
    "open_counter_session": Access(
        tables=union(
            _BOOK,
            {
                "applications": "GetItem",
                "cities": "GetItem",
                "facts": "Query",
                "rates": "UpdateItem",
                "sessions": "GetItem PutItem",
            },
        )
    ),
    "list_counter_sessions": Access(
        tables=union(_BOOK, {"facts": "Query", "sessions": "GetItem BatchGetItem"}),
        indexes={"sessions/by_desk_day": "Query"},
    ),
    "close_counter_session": Access(
        tables=union(_BOOK, {"facts": "Query", "sessions": "GetItem UpdateItem DeleteItem"})
    ),
    "read_back": Access(
        tables=union(
            _BOOK,
            {
                "applications": "GetItem",
                "facts": "Query",
                "people": "GetItem UpdateItem",
                "powers": "GetItem",
                "sessions": "GetItem UpdateItem",
            },
        ),
        keys={"people": "GenerateDataKey"},
    ),
    "take_fee": Access(
        tables=union(
            _BOOK,
            {
                "applications": "GetItem UpdateItem",
                "cities": "GetItem",
                "powers": "GetItem",
                "rates": "UpdateItem",
                "sessions": "GetItem",
                "takings": "GetItem PutItem",
            },
        ),
        queues={"questions": "SendMessage"},
    ),
    "list_takings": Access(
        tables={"payments": "BatchGetItem", "takings": "GetItem BatchGetItem"},
        indexes={"takings/by_desk_day": "Query"},
    ),
    "count_takings": Access(
        tables=union(_BOOK, {"takings": "BatchGetItem UpdateItem"}),
        indexes={"takings/by_desk_day": "Query"},
    ),
    # Finds a person by the ID number that the caller says, so many an hour at most.
    "look_up_case": Access(
        tables=union(
            _BOOK,
            {
                "applications": "BatchGetItem",
                "cities": "GetItem",
                "facts": "Query",
                "people": "GetItem",
                "rates": "UpdateItem",
            },
        ),
        indexes={"applications/by_person": "Query"},
        keys={"blind": "GenerateMac"},
    ),
    "list_inspections": Access(
        tables=union(_BOOK, {"applications": "BatchGetItem", "cities": "GetItem", "slots": "Query"})
    ),
    "claim_review": Access(
        tables=union(_BOOK, {"applications": "GetItem UpdateItem", "cities": "GetItem"})
    ),
    # Questions and complaints. Whoever writes seals; one function alone opens what was written.
    "take_in_ticket": Access(
        tables=union(
            _BOOK,
            {
                "applications": "GetItem",
                "cities": "GetItem",
                "data_requests": "PutItem",
                "rates": "UpdateItem",
                "tickets": "PutItem UpdateItem",
            },
        ),
        keys={"words": "GenerateDataKey"},
        queues={"questions": "SendMessage"},
    ),
    "list_tickets": Access(
        tables={"tickets": "BatchGetItem"},
        indexes={"tickets/by_desk": "Query", "tickets/by_queue": "Query"},
    ),
    "read_ticket": Access(tables=union(_BOOK, {"tickets": "GetItem"}), keys={"words": "Decrypt"}),
    "claim_ticket": Access(tables=_WORKS_ON_A_TICKET),
    "answer_ticket": _ANSWERS_A_TICKET,
    "extend_ticket": _ANSWERS_A_TICKET,
    "hand_over_ticket": _ANSWERS_A_TICKET,
    "close_ticket": Access(tables=_WORKS_ON_A_TICKET, keys={"words": "GenerateDataKey"}),
    "read_ticket_figures": Access(tables={"tickets": "BatchGetItem"}),
    "delay_disclosure": Access(tables=union(_BOOK, {"cities": "GetItem"})),
    "end_delay": Access(tables=_BOOK),
    # Operators. The open cases are read as a whole once and then by what the ledger tells.
    "list_machines": _SEES_THE_OPEN,
    "list_queues": Access(
        tables=union(_BOOK, _SEES_THE_OPEN.tables, {"supervision": "BatchGetItem"}),
        indexes=_SEES_THE_OPEN.indexes,
    ),
    # The only reading of a history, which holds task tokens: one case's, and no token leaves.
    "read_case_machine": Access(
        tables=union(_BOOK, _TIES, {"applications": "GetItem"}),
        machines=dict.fromkeys(_MACHINES, "DescribeExecution GetExecutionHistory"),
        timeout=20,
    ),
    "act_on_cases": Access(
        tables=union(
            _BOOK,
            {
                "applications": "GetItem UpdateItem",
                "cities": "GetItem",
                "facts": "Query",
                "rates": "UpdateItem",
                "supervision": "BatchGetItem PutItem UpdateItem",
                "waits": "BatchGetItem",
            },
        ),
        queues={"questions": "SendMessage"},
        machines=dict.fromkeys(_MACHINES, "DescribeExecution StartExecution"),
        timeout=29,
    ),
    "claim_cases": Access(
        tables=union(
            _BOOK,
            {
                "applications": "GetItem",
                "cities": "GetItem",
                "supervision": "BatchGetItem PutItem UpdateItem",
            },
        ),
        timeout=29,
    ),
    "list_proposals": Access(
        tables=union(_BOOK, {"applications": "BatchGetItem", "supervision": "BatchGetItem"}),
        indexes={"supervision/by_desk": "Query"},
    ),
    "decide_proposal": Access(tables=union(_ACTS, {"supervision": "GetItem UpdateItem"})),
}
