"""Staff at their desks: somebody served at the counter, a review, a stuck case that goes on."""

from collections.abc import Callable

import pytest

from infra.browsing.face import Face
from infra.browsing.walks import operate, review, served_at_a_counter
from infra.local.city import City
from infra.local.scenarios.owner import Owner
from infra.local.scenarios.plays.operators import ANOTHER_NUMBER
from infra.local.scenarios.staff import Staff
from infra.local.scenarios.stage import Stage

Look = Callable[[Face, str], None]

# A city and several people beside one another for minutes: `make faces`.
pytestmark = pytest.mark.slow


@pytest.fixture
def stage(city: City, request: pytest.FixtureRequest) -> Stage:
    return Stage(city.url, request.node.name, says=print)


def test_a_whole_registration_at_the_counter(desk: Face, accessible: Look):
    stops = []
    for stop in served_at_a_counter(desk):
        accessible(desk, stop)
        stops.append(stop)
    assert {"counter-slip", "counter-closed"} <= set(stops)


def test_a_reviewer_decides_with_the_reasons_before_them(
    desk: Face, accessible: Look, stage: Stage
):
    people = {"id_number": "370200198803150020", "name": "王沙盒"}
    other = {"id_number": "370200198803150020", "name": "王沙合"}
    car = stage.sandbox.car(person=people, facts={"invoice.issued": {"buyer": other}})
    owner = Owner(stage, car)
    owner.registers()
    owner.reaches("needs_correction", going_on=False)
    owner.wire.post(f"/v1/applications/{owner.application_id}/reviews", {})
    for stop in review(desk, owner.application_id):
        accessible(desk, stop)
    acts = [each["act"] for each in Staff(stage, "reviewer").history(owner.application_id)]
    assert any("review" in each for each in acts), acts


def test_an_operator_lets_a_stuck_case_go_on(desk: Face, accessible: Look, stage: Stage):
    wrong = {"vehicle.registered": {"plate_no": ANOTHER_NUMBER}}
    owner = Owner(stage, stage.sandbox.car(script={"register": {"wrong": wrong}}))
    owner.registers()
    owner.reaches("registering")
    operator = Staff(stage, "operator")

    def stuck() -> bool:
        found = operator.queue(only="stuck", limit="50")["cases"]
        return any(each["application_id"] == owner.application_id for each in found)

    stage.until("the case is stuck", lambda: stuck() or None)
    stage.sandbox.happens(owner.car, "registration_corrected")
    stage.until(
        "the register has corrected itself",
        lambda: (
            operator.case(owner.application_id)["facts"]["A04"]["says"]["plate_no"]
            != ANOTHER_NUMBER
            or None
        ),
    )
    for stop in operate(desk, owner.application_id):
        accessible(desk, stop)
    assert owner.reaches("closed")["status"] == "closed"
