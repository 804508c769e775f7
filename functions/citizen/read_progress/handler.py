"""Show how far an application is: who is asked, who is late, who holds it, what remains to do."""

from chepai.domain.refusals import ApplicationUnknown
from chepai.edge.acting import read_own
from chepai.edge.api import Call, NoBody, route
from chepai.edge.progress import Progress, Watching

watching = Watching.from_env()


@route(
    "GET", "/v1/applications/{application_id}/progress", summary="Live progress",
    answer=Progress, errors=(ApplicationUnknown,), tag="follow",
)  # fmt: skip
def handler(call: Call[NoBody]) -> Progress:
    applications = watching.applications
    own = read_own(call, applications)
    return watching.progress(own)
