"""Show the person who is signed in what is known of them here, masked."""

from chepai.edge.api import Call, NoBody, route
from chepai.edge.knowing import Knowing, Me

knowing = Knowing.from_env()


@route("GET", "/v1/me", summary="Who I am here", answer=Me, tag="me")
def handler(call: Call[NoBody]) -> Me:
    return knowing.me(call.caller.person_id)
