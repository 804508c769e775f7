"""The story of one simulated car: what each partner knows of it, and how they are to behave."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from chepai.domain.facts import FactKind
from chepai.edge.clock import now
from chepai.partners import announcement, insurer, lender, manufacturer, police, tax
from chepai.partners.message import Statement
from chepai_sandbox.voice import Speaker
from chepai_sandbox.worlds import Row, Worlds

STATEMENTS: Mapping[str, type[Statement]] = {
    **manufacturer.MESSAGES,
    **announcement.MESSAGES,
    **tax.MESSAGES,
    **insurer.MESSAGES,
    **police.MESSAGES,
    **lender.MESSAGES,
}

ANSWERED_FROM: Mapping[str, FactKind] = {
    "certificate.asked": FactKind.CERTIFICATE,
    "pre_inspection.asked": FactKind.PRE_INSPECTION,
    "product.asked": FactKind.ANNOUNCEMENT,
    "invoice.asked": FactKind.INVOICE,
    "purchase_tax.asked": FactKind.PURCHASE_TAX,
    "vessel_tax.asked": FactKind.VESSEL_TAX,
    "policy.asked": FactKind.COMPULSORY_INSURANCE,
    "vehicle_status.asked": FactKind.VEHICLE_STATUS,
    "mortgage.asked": FactKind.MORTGAGE,
}
"""Which record a question is answered from."""


class Story:
    """One car's row: `record` by fact kind, `script` by kind of partner."""

    def __init__(self, row: Row) -> None:
        self.row = row

    @classmethod
    def of(cls, row: Row | None) -> Self:
        """Raises LookupError when there is no such car."""
        if row is None:
            raise LookupError("no such car")
        return cls(row)

    @property
    def vin(self) -> str:
        return str(self.row["vin"])

    @property
    def script(self) -> dict[str, Any]:
        script: dict[str, Any] = self.row.setdefault("script", {})
        return script

    def speaker(self, partner: str, kind: str) -> Speaker:
        return Speaker(
            partner, kind, self.script.get(kind, {}), datetime.fromisoformat(self.row["made_at"])
        )

    def note(self, partner: str, kind: str, message_type: str, data: Mapping[str, Any]) -> FactKind:
        """Write down what a partner knows from now on."""
        statement = STATEMENTS[message_type].model_validate(dict(data))
        self.row.setdefault("record", {})[statement.KIND.value] = {
            "partner": partner,
            "kind": kind,
            "type": message_type,
            "at": now().isoformat(),
            "data": dict(data),
        }
        return statement.KIND

    def tell(self, fact: FactKind, *, reply_to: str | None = None) -> bool:
        """Let the partner that knows a fact say it; whether there is one that does."""
        known = self.row.get("record", {}).get(fact.value)
        if known is None:
            return False
        data = dict(known["data"]) | ({"reply_to": reply_to} if reply_to else {})
        self.speaker(known["partner"], known["kind"]).say(
            STATEMENTS[known["type"]].model_validate(data),
            at=datetime.fromisoformat(known["at"]),
            answer=reply_to is not None,
        )
        return True

    def mend(self, message_type: str) -> None:
        """A partner looks again at what it said wrongly, and knows better from now on."""
        fact = self.fact_of(message_type)
        if fact is None:
            return
        known = self.row["record"][fact.value]
        for script in self.script.values():
            script.get("wrong", {}).pop(known["type"], None)
        if truth := self.row["truth"].get(known["type"]):
            known["data"] = dict(truth[2])
        known["at"] = now().isoformat()

    def fact_of(self, message_type: str) -> FactKind | None:
        """The fact that such messages tell, if a partner knows it of this car."""
        statement = STATEMENTS.get(message_type)
        if statement is None or statement.KIND.value not in self.row.get("record", {}):
            return None
        return statement.KIND

    def keep_in(self, worlds: Worlds) -> None:
        worlds.write(f"vin#{self.vin}", self.row)
