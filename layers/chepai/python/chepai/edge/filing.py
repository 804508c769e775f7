"""Filing an application: the applicant is known and not banned, the car is theirs to register."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, Self

from chepai.domain import reissue
from chepai.domain import vin as vins
from chepai.domain.application import Application
from chepai.domain.life_cycle import SYSTEM, Status
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile
from chepai.domain.refusals import (
    BannedFromApplying,
    IdentityUnknown,
    PowerUnknown,
    Refusal,
    VehicleAlreadyRegistered,
    VehicleUnknown,
)
from chepai.domain.services import NEW_CAR
from chepai.edge.api import Answer, Call
from chepai.edge.casework import look_again
from chepai.edge.clock import now
from chepai.edge.ids import derived_id, new_id
from chepai.edge.roles import AGENT
from chepai.edge.starting import start
from chepai.edge.views import Texts, status_text
from chepai.records.applications import Applications, queue_shard, stamp
from chepai.records.cities import Cities
from chepai.records.facts import Facts
from chepai.records.people import People
from chepai.records.table import ConditionFailed, Row
from chepai.records.vehicles import Vehicles

OWNER_FILES, BY_PHONE = "owner", "phone"
NoticeBy = Literal["SMS", "LETTER", "CALL"]
"""How somebody wants to be told of their case: nobody needs a phone that shows texts."""


class Filed(Answer):
    """The case that was entered; whether it is accepted is told when its facts are checked."""

    application_id: str
    location: str
    service: str
    status: str
    status_text: Texts
    submitted_at: str


@dataclass(frozen=True)
class Filing:
    """The adapters that filing an application takes."""

    applications: Applications
    cities: Cities
    people: People
    vehicles: Vehicles

    @classmethod
    def from_env(cls) -> Self:
        return cls(
            Applications.from_env(),
            Cities.from_env(),
            People.from_env(),
            Vehicles.from_env(),
        )

    @cached_property
    def facts(self) -> Facts:
        # Only the filing of a new car looks at invoices.
        return Facts.from_env()

    def profile(self) -> CityProfile:
        return self.cities.current()

    def file_new_car(
        self, call: Call[Any], vin: str, entries: Mapping[str, Any], **more: Any
    ) -> Application:
        """File the registration of a car that was ever invoiced to the caller.

        Raises VehicleUnknown for any other car, whosever it is; whether the invoice still stands
        is for the checks to judge.
        """
        if not call.caller.covers(NEW_CAR):
            raise PowerUnknown

        def enter() -> Application:
            person = self.applicant(call.caller.person_id)
            if vin not in self.facts.cars_of(str(person.get("blind_id", ""))):
                raise VehicleUnknown
            if self.vehicles.read(vin):
                raise VehicleAlreadyRegistered
            return self.file(call, NEW_CAR, vin, entries, **more)

        return self._once(call, NEW_CAR, enter)

    def file_reissue(
        self, call: Call[Any], text: str, reason: str, *, as_agent: bool, **more: Any
    ) -> Application:
        """File the reissue of the certificate of a car that is registered to the caller.

        Raises AgentNotAllowed, ServiceNotOffered, or VehicleUnknown for any other car.
        """

        def enter() -> Application:
            reissue.may_file(agent=as_agent, profile=self.profile())
            self.applicant(call.caller.person_id)
            vin = vins.normalise(text)
            vehicle = self.vehicles.read(vin) if vin else None
            if vehicle is None or vehicle["person_id"] != call.caller.person_id:
                raise VehicleUnknown
            entries = {"reason": reason, "old_certificate_no": vehicle["certificate_no"]}
            return self.file(
                call,
                reissue.SERVICE,
                vehicle["vin"],
                entries,
                number=vehicle["number"],
                plate_kind=vehicle["plate_kind"],
                **more,
            )

        return self._once(call, reissue.SERVICE, enter)

    def _once(self, call: Call[Any], service: str, enter: Callable[[], Application]) -> Application:
        """Enter a case; a request that is repeated answers its case whatever happened since.

        What was right when it was filed may be refused by now: the car is registered, the owner
        banned. Only a refusal looks for the earlier request, so that filing costs no read more.
        """
        try:
            return enter()
        except Refusal:
            earlier = self.applications.filed_by_request(
                call.caller.person_id, service, call.idempotency_key, call.fingerprint
            )
            if earlier is None:
                raise
            return earlier

    def applicant(self, person_id: str) -> Row:
        """What is known of the applicant. Raises IdentityUnknown or BannedFromApplying."""
        person = self.people.open_row(person_id)
        if not person or not person.get("blind_id"):
            raise IdentityUnknown
        if person.get("banned_until", "") >= stamp(now()):
            raise _banned(person)
        return person

    def file(
        self, call: Call[Any], service: str, vin: str, entries: Mapping[str, Any], **more: Any
    ) -> Application:
        """Enter the case and start its machine; the same request again answers the same case."""
        at = now()
        fresh = replace(self._fresh(call, service, vin, entries, at), **more)
        try:
            filed = self.applications.file(
                fresh,
                actor=call.caller.actor(),
                key=call.idempotency_key,
                fingerprint=call.fingerprint,
                also=[self.people.not_banned(call.caller.person_id, at)],
            )
        except ConditionFailed:
            raise _banned(self.people.open_row(call.caller.person_id) or {}) from None
        if filed.status == Status.VERIFYING:
            start(filed)
        return filed

    def _fresh(
        self, call: Call[Any], service: str, vin: str, entries: Mapping[str, Any], at: datetime
    ) -> Application:
        profile = self.profile()
        application_id = new_id("app")
        return Application(
            application_id=application_id,
            service=service,
            city=profile.city.code,
            profile_version=profile.version,
            person_id=call.caller.person_id,
            # Handing it in is the start of its verification: nobody has to open it first.
            status=Status.VERIFYING.value,
            submitted_at=stamp(at),
            vin=vin,
            filed_by=AGENT if call.caller.by_agent else OWNER_FILES,
            # Ways are compared: none may be slower or refused more.
            channel=str(call.caller.counter.get("way", BY_PHONE)),
            queue_shard=queue_shard(SYSTEM, application_id),
            due_at=stamp(at + look_again(SYSTEM)),
            entries=dict(entries),
            payment_id=derived_id("pay", application_id),
        )


def filed(application: Application) -> Filed:
    return Filed(
        application_id=application.application_id,
        location=f"/v1/applications/{application.application_id}",
        service=application.service,
        status=application.status,
        status_text=status_text(application),
        submitted_at=application.submitted_at,
    )


def _banned(person: Row) -> BannedFromApplying:
    until = datetime.fromisoformat(person["banned_until"]) if "banned_until" in person else now()
    return BannedFromApplying(until=city_day(until).isoformat())
