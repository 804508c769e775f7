"""Sign a citizen or a member of staff in, and let the police tell the identity result."""

from collections.abc import Mapping
from typing import Any

from chepai.edge.strict_json import read
from chepai_sandbox.http import Answer, bytes_of, entry
from chepai_sandbox.identity import SignIn, claims_of, strongest, token
from chepai_sandbox.making import identify
from chepai_sandbox.worlds import Worlds

worlds = Worlds.from_env()


@entry("POST", "/sandbox/identity/token", "A token of the sandbox identity provider")
def handler(event: Mapping[str, Any]) -> Answer:
    sign_in = SignIn.model_validate(read(bytes_of(event)))
    claims = claims_of(sign_in)
    if sign_in.person_id:
        identify(sign_in.person_id, strongest(sign_in), worlds)
    return Answer(200, token(claims))
