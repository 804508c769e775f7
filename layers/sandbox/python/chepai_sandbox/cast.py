"""Who plays which partner in the sandbox; manufacturers come from the city's profile."""

from collections.abc import Mapping

from chepai.partners.directory import HOOKS, SECOND_MESSAGE_GATEWAY, USUAL

LENDER = "91370200MA3TXK003T"
INSURER = "insurer-haibin"
SELLER = "91370200MA3TXK003T"

PARTNERS: Mapping[str, str] = {
    **{partner: kind for kind, partner in USUAL.items()},
    INSURER: "insurer",
    LENDER: "lender",
    SECOND_MESSAGE_GATEWAY: "message_gateway",
}
"""From partner id to kind; who is not here is a manufacturer."""

SIGNS_WITH_ED25519 = frozenset(HOOKS) - {"message_gateway"}
"""Kinds whose word is evidence: a shared secret cannot prove which side signed."""
