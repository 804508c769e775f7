"""Show every service's machine, drawn, with how many cases stand at each state now."""

from chepai.domain.refusals import FieldInvalid
from chepai.edge.api import Call, NoBody, route
from chepai.edge.machines import QUERY, MachinesNow, Overview

overview = Overview.from_env()


@route(
    "GET", "/v1/staff/machines", summary="The machines of all services, with counts",
    answer=MachinesNow, query=QUERY, errors=(FieldInvalid,),
)  # fmt: skip
def handler(call: Call[NoBody]) -> MachinesNow:
    return overview.read(call)
