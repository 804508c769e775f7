"""Accept the application (受理): capture the fee in our books and start the legal clock."""

from chepai.domain import deadlines
from chepai.domain.life_cycle import Status
from chepai.edge.casework import Casework, notify
from chepai.edge.clock import now
from chepai.edge.questions import Questions
from chepai.edge.step import Task, step
from chepai.records.applications import stamp
from chepai.records.payments import CAPTURED, Payments

casework = Casework.from_env()
payments = Payments.from_env()
questions = Questions.from_env()


@step
def handler(task: Task) -> str:
    before = casework.open(task)
    if not before.accepted_at:
        at = now()
        end = deadlines.legal_end(before.service, at, casework.profile(before))
        captured = payments.moving(before.payment_id, to=CAPTURED, at=stamp(at))
        before = casework.move(
            before, Status.ACCEPTED, by=task.actor, act="accepted", at=at, also=[captured],
            accepted_at=stamp(at), legal_end=end.isoformat(), fee_state=CAPTURED,
        )  # fmt: skip
    notify(questions, before, "accepted")
    return "accepted"
