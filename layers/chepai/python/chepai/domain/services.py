"""The services of the office: one row each, so that no other module tells them apart by name."""

from collections.abc import Mapping
from typing import NamedTuple

from chepai.domain.facts import FactKind

_K = FactKind


class Service(NamedTuple):
    """What differs between services.

    `required` are the facts without which it never goes on, `rechecked` those that must still
    hold at the end; `limit` is the profile's key for its legal period; `steps` are the waiting
    states of its machine by their functions.
    """

    name: str
    limit: str
    required: tuple[FactKind, ...]
    rechecked: tuple[FactKind, ...]
    steps: tuple[str, ...]
    gives_number: bool
    inspects_car: bool

    @property
    def makes_plates(self) -> bool:
        """Whether plates are sent with the papers; only a number needs them."""
        return self.gives_number


NEW_CAR = "new_car"
CERTIFICATE_REISSUE = "certificate_reissue"
REFUND = "refund_fee"

SERVICES: Mapping[str, Service] = {
    each.name: each
    for each in (
        Service(
            name=NEW_CAR,
            limit="first_registration",
            required=(
                _K.IDENTITY,
                _K.CERTIFICATE,
                _K.ANNOUNCEMENT,
                _K.PRE_INSPECTION,
                _K.INVOICE,
                _K.PURCHASE_TAX,
                _K.COMPULSORY_INSURANCE,
                _K.VESSEL_TAX,
                _K.VEHICLE_STATUS,
            ),
            rechecked=(
                _K.INVOICE,
                _K.PURCHASE_TAX,
                _K.COMPULSORY_INSURANCE,
                _K.VEHICLE_STATUS,
                _K.MORTGAGE,
            ),
            steps=(
                "check_identity",
                "check_certificate",
                "check_announcement",
                "check_pre_inspection",
                "check_invoice",
                "check_purchase_tax",
                "check_compulsory_insurance",
                "check_vessel_tax",
                "check_vehicle_status",
                "wait_for_correction",
                "wait_for_agency",
                "wait_for_inspection",
                "wait_for_officer",
                "wait_for_owner",
                "wait_for_fee",
                "review_application",
                "recheck_facts",
                "ask_the_register",
                "make_plates_and_papers",
                "send_parcel",
                "keep_for_pick_up",
                REFUND,
            ),
            gives_number=True,
            inspects_car=True,
        ),
        Service(
            name=CERTIFICATE_REISSUE,
            limit="certificate_reissue",
            required=(_K.IDENTITY, _K.VEHICLE_STATUS, _K.MORTGAGE),
            rechecked=(),
            steps=(
                "check_identity",
                "check_vehicle_status",
                "check_mortgage",
                "wait_for_correction",
                "wait_for_agency",
                "wait_for_officer",
                "wait_for_cosignature",
                "wait_for_owner",
                "wait_for_fee",
                "review_application",
                "replace_at_the_register",
                "print_certificate",
                "send_parcel",
                "keep_for_pick_up",
                REFUND,
            ),
            gives_number=False,
            inspects_car=False,
        ),
    )
}
