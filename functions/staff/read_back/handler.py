"""Keep that the text was read out to who sits at the desk, and signed by their own hand."""

from chepai.domain.refusals import (
    ApplicationUnknown,
    FieldInvalid,
    NotWaitingForThis,
    SessionOver,
    VersionConflict,
)
from chepai.edge.api import Call, route
from chepai.edge.reading_back import ReadBack, ReadBackDone, ReadingBack

reading = ReadingBack.from_env()


@route(
    "POST", "/v1/staff/applications/{application_id}/read-back",
    summary="Read out before signing, and the mark of the hand",
    body=ReadBack, answer=ReadBackDone,
    errors=(ApplicationUnknown, FieldInvalid, NotWaitingForThis, SessionOver, VersionConflict),
)  # fmt: skip
def handler(call: Call[ReadBack]) -> ReadBackDone:
    return reading.note(call)
