"""What may happen to a simulated car after it was made."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from chepai_sandbox import registering, synthetic
from chepai_sandbox.story import Story
from chepai_sandbox.worlds import Worlds

NAMED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "invoice_reversed": ("invoice.reversed", {}),
    "invoice_corrected": ("invoice.issued", {}),
    "stolen": ("vehicle_status.changed", {"flags": ["C"]}),
    "found": ("vehicle_status.changed", {"flags": ["A"]}),
    "tax_paid": ("purchase_tax.settled", {}),
    "insured": ("policy.in_force", {}),
    "policy_cancelled": ("policy.cancelled", {}),
    "mortgaged": ("mortgage.state", {"active": True}),
    "mortgage_released": ("mortgage.state", {"active": False}),
    "certificate_voided": ("certificate.voided", {}),
    "model_revoked": ("product.revoked", {}),
    "pre_inspected": ("pre_inspection.recorded", {}),
}

REGISTRATION_CORRECTED = "registration_corrected"
"""The register tells again, and rightly, what it said wrongly of a car that it has entered."""

_SAID_AS: Mapping[str, str] = {
    "invoice.reversed": "invoice.issued",
    "vehicle_status.changed": "vehicle_status.answered",
    "policy.cancelled": "policy.in_force",
    "policy.bound": "policy.in_force",
    "certificate.voided": "certificate.issued",
    "product.revoked": "product.announced",
}


class Happening(BaseModel):
    """An event by name, or any message type, with data that differ from what was known.

    `script` changes how partners behave from now on, by kind of partner.
    """

    model_config = ConfigDict(extra="forbid")

    event: str | None = None
    type: str | None = None
    data: dict[str, Any] = Field(default_factory=dict)
    script: dict[str, dict[str, Any]] = Field(default_factory=dict)


def happen(story: Story, happening: Happening, worlds: Worlds) -> None:
    """Write down what changed and let the partner who knows it tell.

    Raises LookupError for an event or message type that no partner could tell of this car.
    """
    for kind, changes in happening.script.items():
        story.script[kind] = story.script.get(kind, {}) | changes
    message_type, usual = happening.type, {}
    if happening.event and happening.event != REGISTRATION_CORRECTED:
        message_type, named = NAMED[happening.event]
        usual = dict(named)
    if happening.event == REGISTRATION_CORRECTED:
        registering.tell_again(story, worlds)
        message_type = None
    if message_type is None:
        story.keep_in(worlds)
        return
    partner, kind, truth = story.row["truth"][_SAID_AS.get(message_type, message_type)]
    if happening.event == "invoice_corrected":
        # A corrected invoice is a new one: the wrong one was reversed.
        usual["invoice_no"] = truth["invoice_no"][:4] + synthetic.digits(16)
        story.mend(message_type)
    fact = story.note(partner, kind, message_type, truth | usual | happening.data)
    story.keep_in(worlds)
    story.tell(fact)
