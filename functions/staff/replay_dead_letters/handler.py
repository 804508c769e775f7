"""Send dead letters again, with the reason in the ledger first."""

from chepai.domain.refusals import QueueUnknown
from chepai.edge.api import Call, route
from chepai.edge.dead_letters import LettersSentAgain, Replaying, SentAgain

replaying = Replaying.from_env()


@route(
    "POST", "/v1/staff/dead-letters/{queue}/replay", summary="Send dead letters again",
    body=LettersSentAgain, answer=SentAgain, errors=(QueueUnknown,),
)  # fmt: skip
def handler(call: Call[LettersSentAgain]) -> SentAgain:
    return replaying.again(call)
