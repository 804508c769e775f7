"""Show the newest signed checkpoint of the sealed ledger, and the keys that sign it."""

from chepai.domain.refusals import NothingSealed
from chepai.edge.api import Call, NoBody, route
from chepai.edge.sealed_log import Checkpoint, newest
from chepai.records.seals import Seals

seals = Seals.from_env()


@route(
    "GET", "/v1/ledger/checkpoint", summary="The newest checkpoint of the sealed ledger",
    answer=Checkpoint, errors=(NothingSealed,), tag="inform",
)  # fmt: skip
def handler(call: Call[NoBody]) -> Checkpoint:
    return newest(seals)
