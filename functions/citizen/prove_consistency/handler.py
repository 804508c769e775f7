"""Prove that an earlier sealed ledger is the beginning of a later one."""

from chepai.domain.refusals import FieldInvalid, NothingSealed, SizeUnknown
from chepai.edge.api import Call, NoBody, route
from chepai.edge.sealed_log import Consistency, consistency
from chepai.records.seals import Seals

seals = Seals.from_env()


@route(
    "GET", "/v1/ledger/consistency", summary="That the sealed ledger only ever grew",
    answer=Consistency, errors=(FieldInvalid, NothingSealed, SizeUnknown), tag="inform",
    query={
        "from": "the size of a checkpoint that you kept",
        "to": "a larger size; that of the newest checkpoint unless given",
    },
)  # fmt: skip
def handler(call: Call[NoBody]) -> Consistency:
    return consistency(seals, call)
