"""What others are told when a case is closed."""

from chepai.domain.application import Application
from chepai.domain.services import SERVICES
from chepai.edge.ids import derived_id
from chepai.edge.questions import Question


def plate_assigned(application: Application) -> list[Question]:
    """Tell the tax office and the insurer which number the car bears now (M20).

    Only a registration gives a car a number; there is nothing to tell of a new certificate.
    """
    if not SERVICES[application.service].gives_number:
        return []
    return [
        Question(
            kind=kind,
            type="plate.assigned",
            request_id=derived_id("req", application.application_id, kind, "plate"),
            message_id=derived_id("msg", application.application_id, kind, "plate"),
            application_id=application.application_id,
            refs={
                "vin": application.vin,
                "plate_no": application.number,
                "plate_kind": application.plate_kind,
            },
        )
        for kind in ("tax", "insurer")
    ]
