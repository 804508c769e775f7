"""Inspection appointments: one place in one slot of one site for one case."""

from chepai.records.table import Row, Table, Write


class Slots(Table):
    """Site and day, then the time and the place in the slot, are the key."""

    variable = "SLOTS_TABLE"

    def taken(self, site: str, day: str) -> list[Row]:
        return list(self.query("site_day = :d", {":d": f"{site}#{day}"}))

    def booking(self, site: str, day: str, slot_key: str, application_id: str) -> Write:
        row = {"site_day": f"{site}#{day}", "slot_key": slot_key, "application_id": application_id}
        return self.putting(
            row, when="attribute_not_exists(slot_key) OR application_id = :a", a=application_id
        )

    def releasing(self, site: str, day: str, slot_key: str, application_id: str) -> Write:
        return self.deleting(
            {"site_day": f"{site}#{day}", "slot_key": slot_key},
            when="attribute_not_exists(slot_key) OR application_id = :a",
            a=application_id,
        )
