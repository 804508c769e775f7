"""What the functions that take partners' messages may touch."""

from infra.access import Access

# A message is one new row under its subject; what was said before is read, never changed.
_KEEPS = {"facts": "Query PutItem"}
# Evidence is kept as it came; a head tells whether a place is taken, and opens nothing.
_ARCHIVES = {"archive": "PutObject HeadObject"}


def _hears(kind: str) -> Access:
    return Access(tables=_KEEPS, buckets=_ARCHIVES, secrets={f"keys-{kind}": "GetSecretValue"})


def _hears_of_orders(kind: str) -> Access:
    """Whether the order was this partner's stands in its application."""
    return Access(
        tables=_KEEPS | {"applications": "GetItem"},
        buckets=_ARCHIVES,
        secrets={f"keys-{kind}": "GetSecretValue"},
    )


def _hears_of_persons(kind: str) -> Access:
    return Access(
        tables=_KEEPS,
        buckets=_ARCHIVES,
        keys={"blind": "GenerateMac"},
        secrets={f"keys-{kind}": "GetSecretValue"},
    )


ACCESS: dict[str, Access] = {
    "hear_manufacturers": Access(
        tables=_KEEPS | {"cities": "GetItem"},
        buckets=_ARCHIVES,
        secrets={"keys-manufacturers": "GetSecretValue"},
    ),
    "hear_announcements": _hears("announcements"),
    "hear_tax": _hears_of_persons("tax"),
    "hear_insurers": _hears_of_persons("insurers"),
    "hear_police": Access(
        tables=_KEEPS | {"people": "GetItem UpdateItem"},
        buckets=_ARCHIVES,
        keys={"blind": "GenerateMac", "people": "GenerateDataKey"},
        secrets={"keys-police": "GetSecretValue"},
    ),
    "hear_lenders": _hears("lenders"),
    "hear_payments": _hears("payments"),
    "hear_plates": _hears_of_orders("plates"),
    "hear_couriers": _hears_of_orders("couriers"),
    "hear_messages": Access(tables=_KEEPS, secrets={"keys-messages": "GetSecretValue"}),
    "hear_register": Access(
        # A segment's secret is padded by the key, its numbers entered where they are dealt from.
        tables=_KEEPS | {"cities": "GetItem", "numbers": "GetItem UpdateItem"},
        buckets=_ARCHIVES,
        keys={"draws": "GenerateMac"},
        secrets={"keys-register": "GetSecretValue"},
        timeout=15,
    ),
}
