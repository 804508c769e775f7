"""The claims of a token as the gateway hands them on: everything is text."""

import time

from chepai.edge.roles import STAFF


def claims_of(
    who: str, roles: str = "citizen", *, aal: str = "2", unit: str = "u1"
) -> dict[str, str]:
    """A citizen's claims, or those of a member of staff who signed in with both factors."""
    said = {"sub": who, "scope": roles, "aal": aal, "unit": unit}
    if not STAFF & set(roles.split()):
        return said | {"exp": "4102444800"}
    at = int(time.time())
    session = {"iat": str(at), "exp": str(at + 900), "auth_time": str(at), "sid": "s-1"}
    return said | session | {"amr": "[pwd swk]"}
