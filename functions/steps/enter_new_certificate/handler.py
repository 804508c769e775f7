"""Enter the new certificate: the old one is void from the same moment."""

from chepai.edge.reissuing import EnteringCertificate
from chepai.edge.step import Task, step

entering = EnteringCertificate.from_env()


@step
def handler(task: Task) -> str:
    return entering.enter(task)
