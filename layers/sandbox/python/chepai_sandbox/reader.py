"""The simulated ID card reader of a desk: a card is laid on, and the police tell whose it is.

A real reader's security module reads the chip and asks the population register. Here the card is
an invented person's; the reading is a word good for one session, which the police's signed word
names as its reference. What lies on the card is shown masked: the desk needs no more.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from chepai.domain.masking import mask_id, mask_name
from chepai.edge.ids import new_id
from chepai_sandbox.making import identify
from chepai_sandbox.worlds import Worlds


class Card(BaseModel):
    """Whose card is laid on the reader; COUNTER when the officer compares face and paper."""

    model_config = ConfigDict(extra="forbid")

    person_id: Annotated[str, Field(pattern=r"^per_[0-9A-Z]{26}$")]
    method: Literal["ID_CHIP", "COUNTER"] = "ID_CHIP"


def read(card: Card, worlds: Worlds) -> dict[str, Any]:
    """A reading. Raises LookupError for a card of nobody's."""
    known = worlds.read(f"person#{card.person_id}")
    if known is None:
        raise LookupError(card.person_id)
    reading, who = new_id("idr"), known["person"]
    identify(card.person_id, card.method, worlds, reference=reading)
    return {
        "reading": reading,
        "person_id": card.person_id,
        "name_masked": mask_name(who["name"]),
        "id_masked": mask_id(who["id_number"]),
        "method": card.method,
    }
