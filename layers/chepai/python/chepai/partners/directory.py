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

USUAL: Mapping[str, str] = {
    "announcement": "miit",
    "tax": "tax-qingdao",
    "insurer": "insurance-platform",
    "police": "police-qingdao",
    "lender": "lenders-platform",
    "payment": "treasury-qingdao",
    "plate_maker": "plates-qingdao",
    "print_room": "print-qingdao",
    "courier": "ems",
    "message_gateway": "sms-first",
    "register": "national-register",
}
"""Who is asked when a question names no partner: the one there is, or the first of several."""

SECOND_MESSAGE_GATEWAY = "sms-second"
