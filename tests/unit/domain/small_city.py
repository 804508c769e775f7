"""A small city in good order: one car registered, one application withdrawn, one still open."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import rfc8785

from chepai.domain.invariants import Snapshot
from chepai.domain.ledger import Actor, entry

NOW = datetime(2026, 5, 12, 2, 0, tzinfo=UTC)
AT = "2026-05-12T01:50:00.000Z"
Row = dict[str, Any]
SYSTEM = Actor(role="system", id="test")

REGISTERED, WITHDRAWN, OPEN = (f"app_{letter * 26}" for letter in "ABC")
CARS = {REGISTERED: "LSVAAAAA1TA000001", WITHDRAWN: "LSVAAAAA1TA000002", OPEN: "LSVAAAAA1TA000003"}
PEOPLE = {application: f"per_{application[-1] * 26}" for application in CARS}
TICKET = f"tkt_{'A' * 26}"
NUMBER, HELD = "鲁B12345", "鲁B54321"
PATHS = {
    REGISTERED: (
        *("verifying", "awaiting_owner", "awaiting_fee", "accepted", "reviewing", "approved"),
        *("registering", "registered", "in_production", "dispatched", "closed"),
    ),
    WITHDRAWN: ("verifying", "awaiting_owner", "awaiting_fee", "withdrawn"),
    OPEN: ("verifying", "awaiting_owner", "awaiting_fee"),
}


def chain(application: str) -> list[Row]:
    """The entries of a case, one for each status on its path."""
    made: list[Row] = []
    for seq, status in enumerate(PATHS[application], start=1):
        made.append(
            entry(
                chain=application,
                seq=seq,
                prev=made[-1]["hash"] if made else "",
                at=AT,
                actor=SYSTEM,
                act="registered" if status == "registered" else f"to {status}",
                before={"status": PATHS[application][seq - 2]} if seq > 1 else {},
                after={"status": status},
            )
        )
    return made


def case(application: str, **more: Any) -> Row:
    entries = chain(application)
    return {
        "application_id": application,
        "service": "new_car",
        "status": PATHS[application][-1],
        "version": len(entries),
        "chain_head": entries[-1]["hash"],
        "vin": CARS[application],
        "person_id": PEOPLE[application],
        "payment_id": f"pay_{application[-1] * 26}",
        "submitted_at": AT,
        "plate_kind": "02",
        "fee_fen": 14000,
        **more,
    }


KEY = "key#tax-office#key-1"


def facts_of(subject: str, kind: str, *says: Mapping[str, Any]) -> list[Row]:
    """Versions of one fact, chained."""
    made: list[Row] = []
    for version, said in enumerate(says, start=1):
        row = {
            "subject": subject,
            "version_key": f"{kind}#{version:06d}",
            "says": dict(said),
            "occurred_at": AT,
            "received_at": AT,
            "partner": "tax-office",
            "message_id": f"msg_{sha256(f'{subject}{kind}{version}'.encode()).hexdigest()[:26]}",
            "kid": "key-1",
            "digest": "0" * 64,
        } | ({"prev": made[-1]["hash"]} if made else {})
        made.append(row | {"hash": sha256(rfc8785.dumps(row)).hexdigest()})
    return made


def _facts() -> list[Row]:
    vin, model = f"vin#{CARS[REGISTERED]}", "model#SBX7000"
    facts = facts_of(f"person#{PEOPLE[REGISTERED]}", "F01", {"result": "MATCH"})
    facts += facts_of(vin, "F03", {"vin": CARS[REGISTERED], "model": "SBX7000"})
    facts += facts_of(model, "F04", {"model": "SBX7000", "status": "LISTED"})
    for kind in ("F05", "F06", "F07", "F08", "F09", "F10"):
        facts += facts_of(vin, kind, {"vin": CARS[REGISTERED]}, {"vin": CARS[REGISTERED]})
    paid = {"status": "PAID", "amount_fen": 14000, "order_no": "SB1"}
    for application in (REGISTERED, WITHDRAWN):
        facts += facts_of(f"payment#pay_{application[-1] * 26}", "A02", paid)
    says = {"result": "REGISTERED", "vin": CARS[REGISTERED], "plate_no": NUMBER}
    return facts + facts_of(f"application#{REGISTERED}", "A04", says)


def _reads() -> list[Row]:
    to = {"fields": ["phone"], "purpose": "tell", "case": REGISTERED, "receiver": "sms"}
    body = entry(chain=f"person#{PEOPLE[REGISTERED]}", seq=1, prev="", at=AT, actor=SYSTEM,
                 act="read", after=to)  # fmt: skip
    return [body]


def _ticket_entries() -> list[Row]:
    first = entry(chain=f"ticket#{TICKET}", seq=1, prev="", at=AT, actor=SYSTEM, act="received")
    second = entry(chain=f"ticket#{TICKET}", seq=2, prev=first["hash"], at=AT, actor=SYSTEM,
                   act="claimed")  # fmt: skip
    return [first, second]


def _seals(ledger: list[Row]) -> list[Row]:
    leaves = [
        {"place": f"leaf#{row['chain']}#{row['seq']}", "index": nth}
        for nth, row in enumerate(ledger)
    ]
    return [*leaves, {"place": "log#head", "size": len(leaves), "root": "cm9vdA=="}]


def _payment(application: str, state: str, **more: str) -> Row:
    return {
        "payment_id": f"pay_{application[-1] * 26}",
        "application_id": application,
        "amount_fen": 14000,
        "state": state,
        **more,
    }


def _number(number: str, state: str, application: str, **more: str) -> Row:
    key = {"number_key": f"02#{number}", "number": number, "plate_kind": "02"}
    return key | {"state": state, "application_id": application} | more


def _tables() -> dict[str, list[Row]]:
    ledger = [*chain(REGISTERED), *chain(WITHDRAWN), *chain(OPEN), *_reads(), *_ticket_entries()]
    until = (NOW + timedelta(days=3)).isoformat()
    soon = (NOW + timedelta(minutes=1)).isoformat()
    return {
        "applications": [
            case(REGISTERED, number=NUMBER, accepted_at=AT, legal_end="2026-05-14"),
            case(WITHDRAWN, ending="withdrawn"),
            case(OPEN, number=HELD, number_held_until=until, queue_shard="owner#1", due_at=soon),
            {"application_id": f"vin#{CARS[OPEN]}#new_car", "case": OPEN},
        ],
        "ledger": ledger,
        "facts": _facts(),
        "numbers": [
            _number(NUMBER, "bound", REGISTERED, vin=CARS[REGISTERED]),
            _number(HELD, "reserved", OPEN, held_until=until),
            {"number_key": f"hold#{PEOPLE[OPEN]}", "application_id": OPEN, "held_until": until},
        ],
        "vehicles": [
            {
                "vin": CARS[REGISTERED],
                "application_id": REGISTERED,
                "number": NUMBER,
                "plate_kind": "02",
            }
        ],
        "payments": [
            _payment(REGISTERED, "captured", captured_at=AT),
            _payment(WITHDRAWN, "refunded", captured_at=AT),
        ],
        "partners": [
            {"partner_id": "tax-office", "kind": "tax"},
            {"partner_id": KEY, "alg": "ed25519", "from": "2020-01-01T00:00:00+00:00"},
        ],
        "people": [{"person_id": PEOPLE[OPEN], "sealed": "11010519491231002X"}],
        "tickets": [
            {
                "ticket_id": TICKET,
                "kind": "consult",
                "state": "open",
                "queue": "nobody#consult",
                "owed_at": soon,
                "desk": "due#1",
                "desk_at": soon,
                "version": 2,
                "chain_head": _ticket_entries()[-1]["hash"],
            },
            {"ticket_id": "figures#2026-05#consult#1", "received": 1},
        ],
        "seals": _seals(ledger),
    }


def picture(change: Callable[[dict[str, list[Row]], Row], object] | None = None) -> Snapshot:
    """The city in good order, or as `change` leaves its tables and what else is known."""
    tables = deepcopy(_tables())
    known: Row = {
        "orders": [
            _payment(REGISTERED, "PAID"),
            _payment(WITHDRAWN, "REFUNDED"),
        ],
        "registrations": [
            {
                "application_id": REGISTERED,
                "vin": CARS[REGISTERED],
                "plate_no": NUMBER,
                "state": "REGISTERED",
            }
        ],
        "acknowledged": frozenset({str(_facts()[0]["message_id"])}),
        "opened": {PEOPLE[REGISTERED]: 1},
        "canaries": ("王沙盒",),
        "archived": frozenset(f"{f['partner']}/{f['message_id']}" for f in _facts()),
        "checkpoints": {"checkpoints/000000000009": "chepai/ledger\n9\ncm9vdA==\n"},
    }
    if change:
        change(tables, known)
    return Snapshot(taken_at=NOW, tables=tables, **known)


def find(rows: list[Row], name: str, value: str) -> Row:
    return next(row for row in rows if row.get(name) == value)
