"""What citizens do while things fail: they wait, they press the button again, they look again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.scenarios.owner import Owner
from infra.local.scenarios.sandbox import Sandbox
from infra.local.scenarios.staff import approve_sampled
from infra.local.scenarios.stage import EndedWrongly, Stage
from infra.local.scenarios.wire import CityAway, Refused, Reply, Wire

PATIENCE_SECONDS = 420.0

Begin = Callable[[str, str], None]
Known = Callable[[], None]


class PatientWire(Wire):
    """A phone on a bad line: what it does not hear an answer to, it says again as it was."""

    transient = frozenset({429, 500, 502, 503, 504})
    attempts = 14

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        try:
            return super().ask(method, path, body, headers)
        except CityAway:
            return Reply(503, {}, b"")


@dataclass
class Journey:
    """One citizen's way through the city, under the rules of one row of the table.

    `begin` is told who it is about, `known` that the office has heard of the car.
    """

    name: str
    row: str
    play: str
    url: str
    begin: Begin
    known: Known
    stage: Stage = field(init=False)
    applications: list[str] = field(default_factory=list)
    secrets: tuple[str, ...] = ()
    ended: str = ""
    wrong: str = ""
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.stage = Stage(self.url, self.name)
        self.stage.wire = PatientWire(self.url)
        self.stage.sandbox = Sandbox(self.stage.wire)

    def run(self) -> "Journey":
        """Play it; whatever goes wrong is told in `wrong`, nothing is raised."""
        try:
            self.ended = PLAYS[self.play](self)
        except Exception as error:  # noqa: BLE001 (one journey's failure is a line of the table)
            self.wrong = f"{type(error).__name__}: {error}"
        self.applications = self.stage.applications
        return self

    def owner(self, **world: Any) -> Owner:
        """An invented person with a car; from here on the proxy knows whose calls are whose."""
        owner = PatientOwner(self.stage, self.stage.sandbox.car(**world))
        self.begin(owner.car.vin, owner.car.person_id)
        person = owner.car.person
        self.secrets = tuple(str(v) for k, v in person.items() if k != "person_id")
        # Who presses the button all the time is asked to wait: the owner looks before filing.
        self.stage.until("the car is known", lambda: _known(owner), patience=PATIENCE_SECONDS)
        self.known()
        return owner


def _known(owner: Owner) -> bool | None:
    try:
        return bool(owner.wire.get("/v1/me/invoices")["invoices"]) or None
    except Refused as no:
        if no.code == "VR-208":
            return None
        raise


class PatientOwner(Owner):
    """Waits longer: what fails is done again, and that takes its time."""

    def reaches(
        self, *statuses: str, patience: float = PATIENCE_SECONDS, going_on: bool = True
    ) -> dict[str, Any]:
        return super().reaches(*statuses, patience=patience, going_on=going_on)


def registers(journey: Journey) -> str:
    """A car is registered and its owner has exactly it."""
    owner = journey.owner()
    owner.registers()
    case = owner.reaches("closed")
    _has_one_car(owner, case)
    return str(case["status"])


def declined_first(journey: Journey) -> str:
    """The bank declines once; the second time the fee is paid."""
    owner = journey.owner(script={"payment": {"decline_first": 1}})
    owner.registers()
    owner.reaches("awaiting_fee")
    owner.pays()
    owner.pays()
    case = _paid_for(owner, "closed")
    _has_one_car(owner, case)
    return str(case["status"])


def thinks_again(journey: Journey) -> str:
    """The owner pays and withdraws; what cannot be undone any more goes on to its end."""
    owner = journey.owner()
    owner.registers()
    owner.reaches("awaiting_fee")
    owner.pays()
    try:
        owner.withdraws()
    except Refused as no:
        if no.code not in {"VR-303", "VR-304", "VR-307"}:
            raise
    case = _paid_for(owner, "withdrawn", "closed")
    if case["status"] == "withdrawn":
        if case.get("fee_state") not in {"refunded", "cancelled"}:
            raise EndedWrongly(f"the fee is {case.get('fee_state')}")
        if owner.vehicles():
            raise EndedWrongly("withdrawn, and the car is registered")
    else:
        _has_one_car(owner, case)
    return str(case["status"])


def certificate_anew(journey: Journey) -> str:
    """A registered car gets a new certificate, and stays one car."""
    owner = journey.owner()
    owner.registers()
    first = owner.reaches("closed")
    owner.reissues(reason="LOST")
    case = owner.reaches("closed")
    if case["certificate_no"] == first["certificate_no"]:
        raise EndedWrongly("the new certificate has the old number")
    _has_one_car(owner, {**first, "certificate_no": case["certificate_no"]})
    return str(case["status"])


def _paid_for(owner: Owner, *ends: str) -> dict[str, Any]:
    """The end of a case whose owner has nothing more to do; a reviewer may have."""
    case = owner.reaches("reviewing", *ends, going_on=False)
    if case["status"] == "reviewing":
        approve_sampled(owner.stage, owner.application_id)
        case = owner.reaches(*ends, going_on=False)
    return case


def _has_one_car(owner: Owner, case: Mapping[str, Any]) -> None:
    vehicles = owner.stage.until("the car is the owner's", lambda: owner.vehicles() or None)
    seen = [(each["number"], each["certificate_no"]) for each in vehicles]
    if seen != [(case["number"], case["certificate_no"])]:
        raise EndedWrongly(f"{case['number']} was registered, the owner has {seen}")


PLAYS: Mapping[str, Callable[[Journey], str]] = {
    "registers": registers,
    "declined_first": declined_first,
    "thinks_again": thinks_again,
    "certificate_anew": certificate_anew,
}
