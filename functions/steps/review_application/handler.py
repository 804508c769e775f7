"""Review the application: at once by the rules, by a reviewer when it is sampled or flagged."""

from chepai.domain import review
from chepai.domain.life_cycle import Status
from chepai.edge.blind import Blind
from chepai.edge.casework import Casework
from chepai.edge.step import Task, step
from chepai.edge.tokens import answer
from chepai.edge.waiting_room import WaitingRoom

room = WaitingRoom.from_env()
casework = Casework(room.applications, room.cities)
blind = Blind.from_env()


@step
def handler(task: Task) -> str | None:
    before = casework.open(task)
    if before.status == Status.APPROVED:
        answer(task.token, "approved")
        return "approved"
    newcar = casework.profile(before).newcar
    path = review.path_of(
        before.application_id,
        secret=bytes.fromhex(blind("review", before.profile_version)),
        sample_basis_points=newcar.auto_review.sample_basis_points,
        automatic=newcar.auto_review.enabled,
        flagged=bool(before.flagged),
    )
    if path is review.Path.AUTOMATIC and before.status == Status.ACCEPTED:
        decided = {"by": "rules", "path": path.value, "decided": "approved"}
        casework.move(
            before, Status.APPROVED, by=task.actor, act="approved", review=before.review | decided
        )
        answer(task.token, "approved")
        return "approved"
    if before.status == Status.ACCEPTED:
        before = casework.move(
            before,
            Status.REVIEWING,
            by=task.actor,
            act="handed_to_reviewer",
            review=before.review | {"path": path.value},
        )
    return room.wait(task, before)
