"""What streams, queues and the clock call, and what that may touch."""

from chepai.domain.facts import FactKind
from infra.access import Access, Every, Queue, Stream

# That a text message arrived wakes nobody; that it did not, sends it by another supplier.
_A_MESSAGE_THAT_FAILED = {
    "Keys": {"version_key": {"S": [{"prefix": f"{FactKind.MESSAGE}#"}]}},
    "NewImage": {"says": {"M": {"result": {"S": ["FAILED"]}}}},
}
_ANY_OTHER_FACT = {
    "Keys": {
        "version_key": {
            "S": [{"prefix": f"{kind}#"} for kind in FactKind if kind is not FactKind.MESSAGE]
        }
    }
}
WAKES = ({"dynamodb": _ANY_OTHER_FACT}, {"dynamodb": _A_MESSAGE_THAT_FAILED})

ACCESS: dict[str, Access] = {
    # The only function that tells waiting states what a fact means for them.
    "resume": Access(
        tables={
            "applications": "GetItem",
            "cities": "GetItem",
            "facts": "Query",
            "waits": "Query BatchGetItem PutItem DeleteItem",
        },
        queues={"questions": "SendMessage"},
        answers=True,
        on=Stream("facts", only=WAKES),
        timeout=60,
    ),
    "sweep": Access(
        tables={
            "applications": "GetItem BatchGetItem UpdateItem",
            "cities": "GetItem",
            "facts": "Query",
            "ledger": "PutItem",
            "tickets": "GetItem BatchGetItem UpdateItem",
            "waits": "BatchGetItem PutItem DeleteItem",
        },
        indexes={"applications/by_queue": "Query", "tickets/by_desk": "Query"},
        queues={"questions": "SendMessage"},
        machines={
            "new_car": "StartExecution DescribeExecution",
            "certificate_reissue": "StartExecution DescribeExecution",
        },
        answers=True,
        on=Every(minutes=1),
        timeout=60,
    ),
    # The only writer of the sealed log; it appends, and nobody takes anything away.
    "seal_ledger": Access(
        tables={
            "ledger": "BatchGetItem",
            "facts": "BatchGetItem",
            "seals": "GetItem BatchGetItem PutItem UpdateItem BatchWriteItem ConditionCheckItem",
            "traces": "BatchWriteItem",
        },
        indexes={"ledger/by_hour": "Query", "facts/by_hour": "Query"},
        buckets={"seals": "GetObject PutObject"},
        keys={"ledger": "GetPublicKey Sign"},
        on=Every(minutes=1),
        timeout=60,
        memory=1024,
    ),
    # Counts what is sealed; nothing that a case or its sealing needs waits for it.
    "count_figures": Access(
        tables={
            "applications": "BatchGetItem",
            "cities": "GetItem",
            "facts": "BatchGetItem",
            "figures": "GetItem BatchGetItem PutItem UpdateItem",
            "ledger": "BatchGetItem",
            "seals": "GetItem",
        },
        on=Every(minutes=1),
        timeout=60,
    ),
    # Personal data leaves here, and only here, for the partner that a question is for.
    # What may not be asked leaves its case on a clerk's desk.
    "ask_partner": Access(
        tables={
            "applications": "GetItem UpdateItem",
            "cities": "GetItem",
            "partners": "GetItem UpdateItem",
            "people": "GetItem",
            "ledger": "Query PutItem",
        },
        queues={"questions": "SendMessage"},
        keys={"people": "Decrypt"},
        secrets={
            f"keys-{word}": "GetSecretValue"
            for word in (
                "manufacturers", "announcements", "tax", "insurers", "police", "lenders",
                "payments", "plates", "couriers", "messages", "register",
            )
        },
        on=Queue("questions"),
        timeout=30,
    ),
    # Ends what has been kept long enough; it destroys keys and opens none.
    "end_retention": Access(
        tables={
            "applications": "BatchGetItem",
            "cities": "GetItem",
            "ledger": "Query PutItem",
            "people": "GetItem UpdateItem DeleteItem",
        },
        indexes={"applications/by_person": "Query", "people/by_look_day": "Query"},
        on=Every(minutes=1440),
        timeout=300,
    ),
    # Binds seeds and draws what is over: every hour, so that a run that fails is made up for.
    "draw_rechecks": Access(
        tables={
            "applications": "GetItem",
            "cities": "GetItem",
            "ledger": "Query PutItem",
            "seals": "GetItem",
            "supervision": "GetItem BatchGetItem PutItem UpdateItem",
            "traces": "Query",
        },
        indexes={"supervision/by_desk": "Query"},
        keys={"draws": "GenerateMac"},
        on=Every(minutes=60),
        timeout=300,
    ),
    "watch_frequencies": Access(
        tables={
            "applications": "BatchGetItem",
            "cities": "GetItem",
            "ledger": "PutItem",
            "supervision": "GetItem PutItem",
            "traces": "Query",
        },
        indexes={"applications/by_person": "Query"},
        on=Every(minutes=60),
        timeout=300,
    ),
    # Every hour the days that are over; `make match` asks for any day.
    "reconcile": Access(
        tables={
            "applications": "BatchGetItem UpdateItem",
            "cities": "GetItem",
            "facts": "Query",
            "ledger": "PutItem",
            "payments": "BatchGetItem UpdateItem",
            "supervision": "GetItem PutItem UpdateItem",
            "traces": "Query",
        },
        indexes={"payments/by_captured_day": "Query", "payments/by_refunded_day": "Query"},
        queues={"questions": "SendMessage"},
        on=Every(minutes=60),
        timeout=300,
    ),
}  # fmt: skip
