"""Take in the application: where does the case stand, and how long may each wait last?"""

from chepai.domain.routing import where_it_stands
from chepai.edge.casework import Casework
from chepai.edge.step import Outcome, Task, step

casework = Casework.from_env()


@step
def handler(task: Task) -> Outcome:
    application = casework.applications.read(task.application_id)
    patience = casework.profile(application).patience
    return {"outcome": where_it_stands(application), "patience": patience.of_steps()}
