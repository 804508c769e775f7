"""The city's copy of the vehicle register: one row a car, with its number and certificates."""

from collections.abc import Mapping
from typing import Any

from chepai.records.table import Row, Table, Write


class Vehicles(Table):
    """A car is entered once, by one application."""

    variable = "VEHICLES_TABLE"

    def read(self, vin: str) -> Row | None:
        return self.get({"vin": vin})

    def of_owner(self, person_id: str) -> list[Row]:
        found = self.query("person_id = :p", {":p": person_id}, index="by_owner")
        return self.get_many([{"vin": row["vin"]} for row in found])

    def entering(self, row: Mapping[str, Any]) -> Write:
        return self.putting(
            row, when="attribute_not_exists(vin) OR application_id = :a", a=row["application_id"]
        )

    def recertifying(self, vehicle: Row, *, old: str, new: str, at: str, on: str, by: str) -> Write:
        """Void the old registration certificate and enter the new one, `on` a day of the city."""
        return self.updating(
            {"vin": vehicle["vin"]},
            sets={
                "certificate_no": new,
                "certificate_from": at,
                "recertified_by": by,
                "reissued_on": [*vehicle.get("reissued_on", []), on],
            },
            when="certificate_no = :old OR (certificate_no = :new AND recertified_by = :by)",
            old=old,
            new=new,
            by=by,
        )
