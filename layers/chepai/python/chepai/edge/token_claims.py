"""What a token must say beside its signature, which the gateway has checked.

Staff sign in with two factors of which one is cryptographic (GB/T 22239-2019, level 3), for a
session of at most eight hours; their tokens are short-lived, so that a session that its issuer
has ended or locked is over within minutes, at the price of no look-up (docs/decisions/0070).
"""

import re
from collections.abc import Mapping
from typing import Any

from chepai.domain.refusals import IdentityTooWeak, NotPermitted, NotSignedIn, RolesCombined
from chepai.edge.clock import now
from chepai.edge.roles import ADMINISTRATORS, PEOPLE, STAFF

SESSION_SECONDS = 8 * 3600
STAFF_TOKEN_SECONDS = 15 * 60

# RFC 8176: proof that the caller holds a key, in hardware or software, or on a smart card.
CRYPTOGRAPHIC = frozenset({"hwk", "swk", "sc"})
OTHER_FACTORS = frozenset({"pwd", "pin", "otp", "face", "fpt", "iris", "vbm"})
_WORD = re.compile(r"[a-z]+")


def roles_of(claims: Mapping[str, Any], allowed: tuple[str, ...]) -> frozenset[str]:
    """The roles of a token that may call a route which allows some.

    Raises NotSignedIn for a token that names nobody or never ends and for a session of staff
    that is over, RolesCombined, IdentityTooWeak for staff without both factors, NotPermitted.
    """
    if not claims.get("sub") or not claims.get("exp"):
        raise NotSignedIn
    roles = frozenset(str(claims.get("scope", "")).split())
    if combined(roles):
        raise RolesCombined
    if roles & STAFF:
        _session_runs(claims)
        _two_factors(str(claims.get("amr", "")))
    if not roles & set(allowed):
        raise NotPermitted
    return roles


def combined(roles: frozenset[str] | set[str]) -> bool:
    """Whether roles are together that nobody may hold at once.

    An administrator holds no other role of staff: who enters a court's paper or looks after the
    evidence would otherwise work on cases with it. Staff never act as citizens with one token.
    """
    mine = roles & STAFF
    return bool((mine & ADMINISTRATORS and len(mine) > 1) or (mine and roles & PEOPLE))


def _session_runs(claims: Mapping[str, Any]) -> None:
    try:
        ends, made, signed_in = (int(claims[name]) for name in ("exp", "iat", "auth_time"))
    except (KeyError, ValueError):
        raise NotSignedIn from None
    if ends - made > STAFF_TOKEN_SECONDS or now().timestamp() > signed_in + SESSION_SECONDS:
        raise NotSignedIn
    if not claims.get("sid"):
        raise NotSignedIn


def _two_factors(methods: str) -> None:
    # The gateway hands lists on as text: "[pwd hwk]".
    used = set(_WORD.findall(methods))
    if not (used & CRYPTOGRAPHIC and used & OTHER_FACTORS):
        raise IdentityTooWeak
