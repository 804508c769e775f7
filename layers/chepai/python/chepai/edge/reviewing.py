"""Reviewing: the rules approve at once, or a reviewer is waited for."""

from dataclasses import dataclass
from typing import Self

from chepai.domain.application import Application
from chepai.domain.life_cycle import Status
from chepai.domain.review import APPROVED, Path, path_of
from chepai.edge.blind import Draws
from chepai.edge.casework import Casework
from chepai.edge.step import Task
from chepai.edge.tokens import answer
from chepai.edge.waiting_room import WaitingRoom


@dataclass(frozen=True)
class Reviewing:
    """The adapters a review takes."""

    room: WaitingRoom
    casework: Casework
    draws: Draws

    @classmethod
    def from_env(cls) -> Self:
        room = WaitingRoom.from_env()
        return cls(room, Casework(room.applications, room.cities), Draws.from_env())

    def review(self, task: Task) -> str | None:
        before = self.casework.open(task)
        if before.status == Status.ACCEPTED:
            before = self._decide_or_hand_over(before, task)
        if before.status == Status.APPROVED:
            answer(task.token, APPROVED)
            return APPROVED
        return self.room.wait(task, before)

    def _decide_or_hand_over(self, before: Application, task: Task) -> Application:
        path = self._path(before)
        # Whoever reversed a refusal of this step has reviewed the case: that decision stands.
        seen = before.review.get("decided") == APPROVED
        automatic = path is Path.AUTOMATIC
        decided = {"by": "rules", "decided": APPROVED} if automatic and not seen else {}
        return self.casework.move(
            before,
            Status.APPROVED if automatic or seen else Status.REVIEWING,
            by=task.actor,
            act=APPROVED if automatic or seen else "handed_to_reviewer",
            review={**before.review, "path": path.value, **decided},
        )

    def _path(self, application: Application) -> Path:
        chosen = self.casework.profile(application).newcar.auto_review
        return path_of(
            application.application_id,
            # The draw's key comes from KMS: nobody can pick an identifier that slips through.
            secret=bytes.fromhex(self.draws("review", application.profile_version)),
            sample_basis_points=chosen.sample_basis_points,
            automatic=chosen.enabled,
            flagged=bool(application.flagged),
        )
