"""Question an access to my data: the office answers by a day that I see."""

from chepai.domain.data_requests import Doubt
from chepai.domain.refusals import AccessUnknown, IdempotencyKeyReused
from chepai.edge.api import Body, Call, route
from chepai.edge.data_requests import Asked, asked
from chepai.edge.my_accesses import MyAccesses

accesses = MyAccesses.from_env()


class Question(Body):
    """In which way the access seems wrong. Nothing else need be sent."""

    doubt: Doubt


@route(
    "POST", "/v1/me/accesses/{access_id}/question", summary="Question an access to my data",
    body=Question, answer=Asked, status=201, keyed=True, tag="me", limit="create",
    errors=(AccessUnknown, IdempotencyKeyReused),
)  # fmt: skip
def handler(call: Call[Question]) -> Asked:
    return asked(accesses.question(call, call.body.doubt))
