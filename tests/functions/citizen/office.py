"""A city with one citizen, one invoiced car and open segments, spoken to as the gateway does."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from chepai.domain.facts import FactKind
from chepai.domain.pool import commitment
from infra.access import of_group
from infra.publish import publish
from tests.claims import claims_of
from tests.functions.conftest import PLACE, City
from tests.functions.rights_used import within

PERSON = "per_01JZZZZZZZZZZZZZZZZZZZZZZ1"
OTHER = "per_01JZZZZZZZZZZZZZZZZZZZZZZ2"
VIN = "LSVAA4182E2184847"
FOREIGN_VIN = "LFV2A21KXA3123458"
BLIND, OTHER_BLIND = "a1" * 32, "b2" * 32
SECRET = bytes(range(32))


class Office:
    """Calls functions by folder name and keeps what they answered readable."""

    def __init__(self, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
        self.city = city
        self._monkeypatch = monkeypatch
        self._functions: dict[str, Any] = {}
        for name, value in {
            "CHEPAI_CITY": PLACE.city,
            "PEOPLE_KEY_ARN": city.find("key/people"),
            "BLIND_KEY_ARN": city.find("key/blind"),
            "DRAWS_KEY_ARN": city.find("key/draws"),
            **{
                f"{table.upper()}_TABLE": PLACE.name(table)
                for table in (
                    "applications", "people", "facts", "numbers", "vehicles", "ledger", "cities",
                    "payments", "slots", "waits",
                )
            },
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        publish(PLACE, boto3.client)
        self._machines()
        self._people()
        self._segments()

    def call(
        self,
        name: str,
        *,
        group: str = "citizen",
        person: str | None = PERSON,
        body: Any = None,
        raw: str | None = None,
        key: str | None = None,
        query: Mapping[str, str] | None = None,
        roles: str = "citizen",
        aal: str = "2",
        if_match: str = "",
        on_behalf_of: str = "",
        counter_session: str = "",
        citizen: str = "",
        **path: str,
    ) -> tuple[int, dict[str, Any]]:
        """Status and body of one call."""
        if name not in self._functions:
            self._functions[name] = self.city.function(group, name)
            self._monkeypatch.setenv("NEW_CAR_MACHINE_ARN", self.machine)
            self._monkeypatch.setenv("CERTIFICATE_REISSUE_MACHINE_ARN", self.machine)
        claims = claims_of(person, roles, aal=aal) if person else {}
        if citizen:
            claims["person"] = citizen
        event = {
            "headers": {
                **({"idempotency-key": key} if key else {}),
                **({"if-match": if_match} if if_match else {}),
                **({"on-behalf-of": on_behalf_of} if on_behalf_of else {}),
                **({"counter-session": counter_session} if counter_session else {}),
            },
            "pathParameters": path,
            "queryStringParameters": dict(query or {}),
            "body": raw if raw is not None else (json.dumps(body) if body is not None else None),
            "requestContext": {
                "requestId": "r",
                "http": {"method": "GET"},
                "authorizer": {"jwt": {"claims": claims}},
            },
        }
        with within(of_group(group)[name], PLACE):
            answer = self._functions[name](event)
        return answer["statusCode"], json.loads(answer.get("body") or "{}")

    def file(self, key: str = "k1") -> str:
        status, made = self.call("register_new_car", body={"vin": VIN}, key=key)
        assert status == 201, made
        return str(made["application_id"])

    def put(self, application_id: str, **changes: Any) -> None:
        """Set attributes of a case, as its machine would have."""
        from chepai.records.applications import Applications

        Applications.from_env().update({"application_id": application_id}, sets=changes)

    def ready_to_choose(self, application_id: str) -> None:
        self.put(application_id, status="awaiting_owner", plate_kind="02", energy="PETROL")

    def fact(self, subject: str, kind: FactKind, /, *, ago: int = 60, **says: Any) -> None:
        from chepai.records.facts import Facts

        at = datetime.now(UTC) - timedelta(seconds=ago)
        Facts.from_env().append(
            subject, kind, says, occurred_at=at, received_at=at, partner="tax",
            message_id=f"m-{subject}-{kind}-{at:%f}", kid="k", digest="d" * 64,
        )  # fmt: skip

    def facts(self, subject: str) -> dict[FactKind, Any]:
        from chepai.records.facts import Facts

        return Facts.from_env().of_subject(subject)

    def told(self, type_: str) -> list[dict[str, Any]]:
        """The questions of a type that wait in the queue."""
        return [each for each in self.city.rows_waiting("questions") if each["type"] == type_]

    def register(self, vin: str, person: str) -> None:
        """A car in the register already."""
        from chepai.records.vehicles import Vehicles

        Vehicles.from_env().put(
            {
                "vin": vin, "person_id": person, "application_id": "app_" + "9" * 26,
                "plate_kind": "02", "number": "鲁B12345", "certificate_no": "371234567890",
                "model": "SBX7150Z", "colour": "白", "energy": "PETROL", "use_character": "A",
                "registered_at": "2026-11-01T00:00:00.000Z", "mark_until": "2028-11-30",
                "licence_from": "2026-11-01T00:00:00.000Z",
            },
            when="attribute_not_exists(vin)",
        )  # fmt: skip

    def number(self, number: str) -> dict[str, Any]:
        from chepai.records.numbers import Numbers

        return Numbers.from_env().get({"number_key": f"02#{number}"}) or {}

    def hold_for_another(self, number: str) -> None:
        from chepai.records.numbers import Numbers
        from chepai.records.table import transact

        at = datetime.now(UTC)
        transact(
            *Numbers.from_env().holding(
                "02", number, application_id="app_" + "8" * 26, person_id=OTHER,
                until=at + timedelta(days=3), now=at,
            )
        )  # fmt: skip

    def let_offer_end(self, application_id: str, nth: int = 1) -> None:
        from chepai.records.numbers import Numbers

        Numbers.from_env().update(
            {"number_key": f"offer#{application_id}#{nth:02d}"},
            sets={"dealt_at": "2026-01-01T00:00:00.000Z"},
        )

    def take_slot(self, site: str, day: str, at: str) -> None:
        from chepai.records.slots import Slots
        from chepai.records.table import transact

        transact(Slots.from_env().booking(site, day, f"{at}#00", "app_" + "8" * 26))

    def _machines(self) -> None:
        made = boto3.client("stepfunctions").create_state_machine(
            name="new_car",
            definition=json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}),
            roleArn="arn:aws:iam::123456789012:role/r",
        )
        self.machine = str(made["stateMachineArn"])

    def _people(self) -> None:
        from chepai.records.people import People

        for person, blind in ((PERSON, BLIND), (OTHER, OTHER_BLIND)):
            People.from_env().keep(
                person, {"name": "欧阳·娜", "phone": "13800138000"}, blind_id=blind
            )
        self.fact(f"person#{PERSON}", FactKind.IDENTITY, result="MATCH", method="NET_ID",
                  id_blind=BLIND, alive=True)  # fmt: skip
        for vin, blind in ((VIN, BLIND), (FOREIGN_VIN, OTHER_BLIND)):
            self.fact(
                f"vin#{vin}",
                FactKind.INVOICE,
                invoice_no="2637" + "1" * 16,
                vin=vin,
                form="DIGITAL",
                status="NORMAL",
                kind="NEW_VEHICLE",
                buyer_blind=blind,
                buyer_name_masked="**娜",
                price_fen=100,
                issued_on="2026-11-01",
            )

    def _segments(self) -> None:
        from chepai.edge import segments
        from chepai.edge.blind import Draws
        from chepai.partners.national_register import SegmentOpened
        from chepai.records.cities import Cities
        from chepai.records.numbers import Numbers

        opened = SegmentOpened.model_validate(
            {
                "segment_id": "02-B-1", "plate_kind": "02", "prefix": "鲁B", "pattern": "DDDDL",
                "letters": "ABC", "commitment": commitment(SECRET), "randomness": "beacon-1",
                "secret": SECRET.hex(), "opens_at": "2026-01-01T00:00:00Z",
            }
        )  # fmt: skip
        said = opened.says("national-register", Draws.from_env())
        assert SECRET.hex() not in json.dumps(said)
        segments.note(said, Numbers.from_env(), Cities.from_env().current)
