"""Members of staff: they open a case for a reason, and do what only their role may."""

import json
from base64 import urlsafe_b64decode
from typing import Any

from infra.local.scenarios.stage import Stage
from infra.local.scenarios.wire import Refused

PAPER = "?purpose=complaint&reference=story-1"
"""A case that is on no desk of one's own is opened for a matter with a number."""


class Staff:
    """One member of staff with one role; `name` is what the ledger knows them by."""

    def __init__(self, stage: Stage, role: str, staff_id: str = "") -> None:
        self.stage = stage
        token = stage.sandbox.staff_token(staff_id or f"sta_{role}_1", role)
        self.wire = stage.wire.signed_in(token)
        said = token.split(".")[1]
        self.name: str = json.loads(urlsafe_b64decode(said + "=" * (-len(said) % 4)))["sub"]

    def case(self, application_id: str) -> dict[str, Any]:
        """One application's history, waits and reasons."""
        seen: dict[str, Any] = self.wire.get(f"/v1/staff/applications/{application_id}{PAPER}")
        return seen

    def history(self, application_id: str) -> list[dict[str, Any]]:
        """The entries of the ledger about one application, the first one first."""
        entries: list[dict[str, Any]] = self.case(application_id)["history"]
        return entries

    def reviews(self, application_id: str, decision: str = "APPROVED") -> None:
        """Decide on the case as it is read now."""
        read = self.case(application_id)["version"]
        self._do(application_id, "review-decision", {"decision": decision, "version": read})

    def inspects(self, application_id: str, **result: Any) -> None:
        self._do(application_id, "inspection", result)

    def hands_over(self, application_id: str) -> None:
        self._do(application_id, "hand-over", {"identity_shown": True})

    def queue(self, **query: str) -> dict[str, Any]:
        """The queues, and the first page of what is asked for."""
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        seen: dict[str, Any] = self.wire.get(f"/v1/staff/queues?{asked}")
        return seen

    def machine(self, application_id: str) -> dict[str, Any]:
        """One application's machine: what its newest run went through."""
        seen: dict[str, Any] = self.wire.get(f"/v1/staff/applications/{application_id}/machine")
        return seen

    def operates(self, act: str, reason: str, *application_ids: str) -> list[dict[str, Any]]:
        """One act of an operator on several cases; a row for each."""
        body = {"act": act, "reason": reason, "application_ids": list(application_ids)}
        rows: list[dict[str, Any]] = self.wire.post("/v1/staff/acts", body)["rows"]
        self.stage.tell(f"operator: {act}")
        return rows

    def _do(self, application_id: str, what: str, body: Any) -> None:
        self.wire.post(f"/v1/staff/applications/{application_id}/{what}", body)
        self.stage.tell(f"staff: {what}")


def approve_sampled(stage: Stage, application_id: str) -> None:
    """A case was drawn for a reviewer's eye (five in a hundred are): a reviewer approves it."""
    try:
        Staff(stage, "reviewer").reviews(application_id)
    except Refused as no:
        # Its owner was quicker: a case that is being withdrawn has nothing to review.
        if no.code != "VR-303":
            raise
