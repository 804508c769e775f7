"""Where plates and papers go: address and telephone are kept in the vault and nowhere else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from chepai.domain import mobile
from chepai.domain.application import Application
from chepai.domain.life_cycle import Act, Status
from chepai.domain.masking import mask_address, mask_phone
from chepai.domain.refusals import FieldInvalid, FieldProblem, IdentityTooWeak, IdentityUnknown
from chepai.edge.acting import Acting
from chepai.edge.api import Answer, Call
from chepai.edge.casework import ADDRESS_CHANGED, PHONE_CHANGED, notice
from chepai.edge.confirming import STRONG
from chepai.edge.ids import derived_id
from chepai.edge.questions import Questions
from chepai.records.applications import stamp
from chepai.records.people import People

SHORTEST, LONGEST = 5, 200


class Kept(Answer):
    """What was kept, as far as it is shown."""

    address_masked: str
    phone_masked: str | None = None
    kept_at: str


@dataclass(frozen=True)
class Addressing:
    """The adapters that keeping an address takes."""

    acting: Acting
    people: People
    questions: Questions

    @classmethod
    def from_env(cls) -> Self:
        return cls(Acting.from_env(), People.from_env(), Questions.from_env())

    def keep(self, call: Call[Any], address: str, phone: str | None) -> Kept:
        """Keep both for this person; whoever was reached before hears of a change.

        Raises FieldInvalid with everything that is wrong, IdentityTooWeak: who has nothing but an
        open session of somebody else's would otherwise have the plates brought to themselves.
        """
        fields = _checked(address, phone)
        if call.caller.assurance != STRONG:
            raise IdentityTooWeak
        replaced: set[str] = set()

        def work(before: Application, at: datetime) -> Application:
            person = self.people.open_row(before.person_id)
            if person is None:
                raise IdentityUnknown
            if "phone" not in {*person["fields"], *fields}:
                # A courier takes no parcel without: better told now than on the day it is sent.
                raise FieldInvalid(FieldProblem("phone", "missing"))
            replaced.update({*person["fields"]} & {*fields})
            # The vault first: a case never says that an address is kept that is not.
            self.people.keep(before.person_id, fields)
            return self.acting.casework.move(
                before,
                Status(before.status),
                by=call.caller.actor(),
                act="address_kept",
                at=at,
                address_kept_at=stamp(at),
            )

        after = self.acting.own(call, Act.CHANGE_DELIVERY, work)
        if replaced:
            template = PHONE_CHANGED if "phone" in replaced else ADDRESS_CHANGED
            message_id = derived_id("msg", after.application_id, template, after.version)
            self.questions.ask(notice(after, template, message_id))
        return Kept(
            address_masked=mask_address(fields["address"]),
            phone_masked=mask_phone(fields["phone"]) if "phone" in fields else None,
            kept_at=after.address_kept_at,
        )


def _checked(address: str, phone: str | None) -> dict[str, str]:
    wrong: list[FieldProblem] = []
    text = address.strip()
    if not SHORTEST <= len(text) <= LONGEST:
        wrong.append(FieldProblem("address", "ADDRESS-LENGTH"))
    if any(ord(each) < ord(" ") for each in text):
        wrong.append(FieldProblem("address", "ADDRESS-CHARACTERS"))
    if phone is not None and (fault := mobile.why_invalid(phone)):
        wrong.append(FieldProblem("phone", fault.value))
    if wrong:
        raise FieldInvalid(*wrong)
    return {"address": text} | ({"phone": mobile.normalise(phone)} if phone is not None else {})
