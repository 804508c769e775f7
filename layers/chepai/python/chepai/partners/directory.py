"""The kinds of partner: under which word each speaks to us and keeps its keys."""

from collections.abc import Mapping

HOOKS: Mapping[str, str] = {
    "manufacturer": "manufacturers",
    "announcement": "announcements",
    "tax": "tax",
    "insurer": "insurers",
    "police": "police",
    "lender": "lenders",
    "payment": "payments",
    "plate_maker": "plates",
    "print_room": "plates",
    "courier": "couriers",
    "message_gateway": "messages",
    "register": "register",
}
"""From a partner's kind to the path /hooks/<word>/{partner} and the secret keys-<word>."""
