"""Keep whether I agree to an extra; what the law demands asks for no consent."""

from chepai.domain.refusals import ConsentNotNeeded, IdentityUnknown
from chepai.edge.api import Body, Call, route
from chepai.edge.my_data import Consented, MyData

data = MyData.from_env()


class Consent(Body):
    """Yes or no; a no counts from now on."""

    given: bool


@route(
    "PUT", "/v1/me/consents/{purpose}", summary="Agree to an extra, or no longer",
    body=Consent, answer=Consented, errors=(ConsentNotNeeded, IdentityUnknown), tag="me",
)  # fmt: skip
def handler(call: Call[Consent]) -> Consented:
    return data.consent(call, given=call.body.given)
