"""Show one application to staff: its history with the chain checked, its waits and reasons."""

from chepai.domain.refusals import ApplicationUnknown
from chepai.edge.api import Call, NoBody, route
from chepai.edge.dossier import Dossier, Files

files = Files.from_env()


@route(
    "GET", "/v1/staff/applications/{application_id}", summary="One application, for staff",
    answer=Dossier,
    errors=(ApplicationUnknown,),
)  # fmt: skip
def handler(call: Call[NoBody]) -> Dossier:
    return files.read(call.application_id)
