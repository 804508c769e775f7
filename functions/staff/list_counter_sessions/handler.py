"""Show the session that runs at the own desk, and what the desk did today."""

from chepai.edge.api import Call, NoBody, route
from chepai.edge.counter import MySessions, Serving

serving = Serving.from_env()


@route("GET", "/v1/staff/sessions", summary="My session, and the desk's day", answer=MySessions)
def handler(call: Call[NoBody]) -> MySessions:
    return serving.mine(call)
