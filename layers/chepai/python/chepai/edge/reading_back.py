"""Reading back before signing: every line is read out, and the person signs with their own hand.

The strokes of the pad are sealed in the vault like a name; the case and the ledger know their
digest. Who cannot or will not use the pad signs the printed sheet, and its number is kept.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

import rfc8785
from pydantic import Field

from chepai.domain.digests import SHA_256, digest_by
from chepai.domain.life_cycle import Act
from chepai.domain.refusals import FieldInvalid, FieldProblem, VersionConflict
from chepai.edge.acting import may_act, read_own
from chepai.edge.api import Answer, Body, Call
from chepai.edge.clock import now
from chepai.edge.confirming import confirmation
from chepai.edge.referring import Reference
from chepai.records.accesses import Accesses
from chepai.records.applications import Applications, stamp
from chepai.records.facts import Facts
from chepai.records.people import People
from chepai.records.sessions import READ_BACK, Sessions

Stroke = Annotated[list[Annotated[int, Field(ge=0, le=4096)]], Field(min_length=2, max_length=800)]
PAD, PAPER = "PAD", "PAPER"


class ReadBack(Body):
    """What was read out, by the digest of its text, and how the person signed it.

    `strokes` are the lines of the pad as x, y, x, y …; `slip_no` is the number of the sheet that
    was signed instead. One of both.
    """

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    read_out: Literal[True]
    strokes: Annotated[list[Stroke], Field(default_factory=list, max_length=80)]
    slip_no: Reference | None = None


class ReadBackDone(Answer):
    """What was kept of it; `mark` is the digest of the strokes, or the number of the sheet."""

    application_id: str
    digest: str
    signed_on: str
    mark: str
    at: str


@dataclass(frozen=True)
class ReadingBack:
    """The adapters that reading back takes."""

    applications: Applications
    facts: Facts
    sessions: Sessions
    people: People

    @classmethod
    def from_env(cls) -> Self:
        return cls(
            Applications.from_env(), Facts.from_env(), Sessions.from_env(), People.from_env()
        )

    def note(self, call: Call[ReadBack]) -> ReadBackDone:
        """Keep that the text as it stands now was read out and signed.

        Raises VersionConflict when an agency said something else in the meantime,
        NotWaitingForThis, or FieldInvalid for no mark or two.
        """
        said, at = call.body, now()
        if bool(said.strokes) == bool(said.slip_no):
            raise FieldInvalid(FieldProblem("strokes", "one_of_two"))
        case = read_own(call, self.applications)
        may_act(case, Act.SIGN)
        if confirmation(case, self.facts).digest != said.digest:
            raise VersionConflict
        session = call.caller.counter
        on, mark = PAPER, said.slip_no or ""
        if said.strokes:
            drawn = rfc8785.dumps(said.strokes)
            on, mark = PAD, digest_by(SHA_256)(drawn).hex()
            # Sealed first: a case never says that it was signed with what nobody has.
            self.people.keep(str(session["person_id"]), {"signature": drawn.decode()})
        done = {"digest": said.digest, "on": on, "mark": mark, "at": stamp(at)}
        told: dict[str, Any] = {"case": case.application_id, **done}
        Accesses().append(case.person_id, READ_BACK, told, actor=call.caller.actor())
        self.sessions.note_read_back(dict(session), case.application_id, done)
        return ReadBackDone(
            application_id=case.application_id,
            digest=said.digest,
            signed_on=on,
            mark=mark,
            at=done["at"],
        )
