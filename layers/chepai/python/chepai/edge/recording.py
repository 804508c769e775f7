"""What staff do with their hands: an inspector sees the car, a clerk hands papers over."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field

from chepai.domain import vin as vins
from chepai.domain.application import Application
from chepai.domain.facts import Fact, FactKind, newest
from chepai.domain.life_cycle import CLERK, INSPECTOR, Act, Status
from chepai.domain.periods import city_day
from chepai.domain.refusals import FieldInvalid, FieldProblem, RecordingMissing
from chepai.domain.waiting import parcels
from chepai.edge.acting import Acting, must_be_as_read
from chepai.edge.api import Body, Call
from chepai.edge.clock import now
from chepai.edge.disclosing import CASE_WORK, COUNTER, ROW, Disclosing
from chepai.edge.referring import names_nobody

Number = Annotated[
    str, Field(max_length=64, pattern=r"^[A-Za-z0-9._/-]*$"), AfterValidator(names_nobody)
]


class Inspection(Body):
    """What the inspector read from the metal and found; `inspected_on` is today unless given.

    `recording_no` refers to the video of the whole inspection, `inspector_no` is the number of
    the inspector's certificate.
    """

    vin: Annotated[str, Field(min_length=1, max_length=40)]
    result: Literal["PASSED", "FAILED"]
    recording_no: Number = ""
    inspector_no: Number = ""
    inspected_on: date | None = None


class HandOver(Body):
    """The owner took plates and papers at the counter and showed an identity document."""

    identity_shown: Literal[True]


@dataclass(frozen=True)
class Recording:
    """The adapters that recording an act takes."""

    acting: Acting

    @classmethod
    def from_env(cls) -> Self:
        return cls(Acting.from_env())

    def inspection(self, call: Call[Inspection]) -> Application:
        """Record an inspection; the facts verified and the number chosen stay as they are.

        Raises RecordingMissing without the recording or the certified inspector (R164 Art. 73),
        FieldInvalid for a day that has not come.
        """
        seen = call.body
        for name in ("recording_no", "inspector_no"):
            if not getattr(seen, name):
                raise RecordingMissing(field=name)

        today = city_day(now())
        if seen.inspected_on and seen.inspected_on > today:
            raise FieldInvalid(FieldProblem("inspected_on", "in_the_future"))

        def work(before: Application, at: datetime) -> Application:
            must_be_as_read(before, call, before.version)
            said = self.acting.says(
                before,
                FactKind.INSPECTION,
                at,
                call.caller.id,
                vin=vins.normalise(seen.vin),
                result=seen.result,
                inspector=seen.inspector_no,
                recording_no=seen.recording_no,
                inspected_on=(seen.inspected_on or today).isoformat(),
                site=str(before.appointment.get("site_id", call.caller.unit)),
            )
            return self.acting.casework.move(
                before,
                Status(before.status),
                by=call.caller.actor(INSPECTOR),
                act="inspected",
                at=at,
                rule="R164-73",
                evidence=[f"recording/{seen.recording_no}"],
                also=[said, self.acting.seen(call, before, CASE_WORK)],
                # The appointment is kept: if the car must come again, another one is booked.
                appointment={},
            )

        return self.acting.any(call, Act.RECORD_INSPECTION, work)

    def hand_over(self, call: Call[HandOver]) -> Application:
        """Hand over what could not be delivered; a second time changes nothing."""

        def work(before: Application, at: datetime) -> Application:
            must_be_as_read(before, call, before.version)
            known = self.acting.facts.of_kind(before.subject, FactKind.DELIVERY)
            kept = _kept(known, before)
            if kept and kept.says["state"] == "DELIVERED":
                Disclosing().case(call, before, COUNTER, ROW)
                return before
            said = self.acting.says(
                before,
                FactKind.DELIVERY,
                at,
                call.caller.id,
                order_no=before.order_no,
                parcel=str(kept.says["parcel"]) if kept else "ALL",
                waybill=str(kept.says["waybill"]) if kept else f"counter-{before.order_no}",
                state="DELIVERED",
                identity_shown=True,
                attempts=0,
            )
            return self.acting.casework.move(
                before,
                Status(before.status),
                by=call.caller.actor(CLERK),
                act="handed_over",
                at=at,
                also=[said, self.acting.seen(call, before, COUNTER)],
            )

        return self.acting.any(call, Act.HAND_OVER, work)


def _kept(known: list[Fact], application: Application) -> Fact | None:
    """The parcel at the counter: the one that came back, or the one handed over already."""
    of_order = parcels(known, application.order_no).values()
    since = datetime.fromisoformat(application.since)
    handed = [f for f in of_order if f.says["state"] == "DELIVERED" and f.received_at > since]
    back = [f for f in of_order if f.says["state"] != "DELIVERED"]
    return newest(handed) or newest(back)
