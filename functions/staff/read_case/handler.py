"""Show one application to staff: its history with the chain checked, its waits and reasons."""

from chepai.domain.refusals import ApplicationUnknown, FieldInvalid
from chepai.edge.api import Call, NoBody, route
from chepai.edge.disclosing import QUERY
from chepai.edge.dossier import Dossier, Files

files = Files.from_env()


@route(
    "GET", "/v1/staff/applications/{application_id}", summary="One application, for staff",
    answer=Dossier,
    errors=(ApplicationUnknown, FieldInvalid), query=QUERY,
)  # fmt: skip
def handler(call: Call[NoBody]) -> Dossier:
    return files.read(call)
