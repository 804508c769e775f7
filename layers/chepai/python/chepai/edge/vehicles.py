"""My vehicles: the electronic licence and the inspection mark, valid from registration on."""

from typing import Any

from chepai.domain.plates import shown as with_dot
from chepai.edge.api import Answer
from chepai.records.table import Row


class Licence(Answer):
    """The electronic vehicle licence (电子行驶证)."""

    number: str
    plate_kind: str
    vin: str
    model: str
    colour: str
    energy: str
    use_character: str
    registered_at: str
    valid_from: str


class Mark(Answer):
    """The electronic inspection mark (检验标志电子凭证)."""

    until: str


class Vehicle(Answer):
    """One registered car of mine."""

    vin: str
    number: str
    number_shown: str
    certificate_no: str
    application_id: str
    licence: Licence
    mark: Mark


class Vehicles(Answer):
    """All registered cars of mine."""

    vehicles: list[Vehicle]


def vehicle(row: Row) -> Vehicle:
    licence: dict[str, Any] = {
        name: str(row.get(name, "")) for name in Licence.model_fields if name != "valid_from"
    }
    return Vehicle(
        vin=row["vin"],
        number=row["number"],
        number_shown=with_dot(row["number"]),
        certificate_no=row["certificate_no"],
        application_id=row["application_id"],
        licence=Licence(**licence, valid_from=row["licence_from"]),
        mark=Mark(until=row["mark_until"]),
    )
