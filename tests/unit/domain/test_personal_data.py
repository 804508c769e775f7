"""What goes, what is only stored, and when: for every mix of cases."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chepai.domain import personal_data
from chepai.domain.application import Application
from chepai.domain.life_cycle import Status
from chepai.domain.personal_data import CONTACT, KIND_OF, Rule, Why
from chepai.domain.profile import Privacy

ALL = tuple(KIND_OF)
KEPT_AT = datetime(2026, 1, 1, tzinfo=UTC)
PRIVACY = Privacy(
    verification_days=730, face_days=0, draft_days=30, conversation_days=1095, log_days=180,
    impact_report_days=1095, courier_days=90, archive_days=400, delay_days=180,
    answer_working_days=15,
)  # fmt: skip


def case(status: Status, certificate_no: str = "") -> Application:
    return Application(
        application_id="app_" + "0" * 26, service="new_car", city="c", profile_version="v",
        person_id="per_1", status=status, submitted_at="2026-01-01T00:00:00.000Z",
        since="2026-01-01T00:00:00.000Z", certificate_no=certificate_no,
    )  # fmt: skip


cases = st.lists(st.builds(case, st.sampled_from(Status), st.sampled_from(["", "37"])), max_size=4)


@given(cases, st.booleans())
def test_every_field_goes_or_stays_with_a_reason(held: list[Application], banned: bool) -> None:
    planned = personal_data.erasure(ALL, held, banned=banned)
    assert sorted([*planned.erased, *(each.field for each in planned.stored)]) == sorted(ALL)
    if any(personal_data.is_open(each) for each in held):
        assert planned.erased == ()
    else:
        assert all(KIND_OF[each] == CONTACT for each in planned.erased) or not planned.stored
        assert {"phone", "address"} <= set(planned.erased)


def test_the_archive_and_a_ban_keep_who_it_is_and_signed_and_nothing_else():
    for held, banned, why in (
        ([case(Status.CLOSED, "37")], False, Why.ARCHIVE),
        ([], True, Why.BAN),
    ):
        planned = personal_data.erasure(ALL, held, banned=banned)
        assert {(each.field, each.why) for each in planned.stored} == {
            (field, why) for field in ("name", "id_number", "signature")
        }


def look(held: list[Application], days: int, **more: bool) -> personal_data.Due:
    return personal_data.due(
        ALL, held, kept_at=KEPT_AT, now=KEPT_AT + timedelta(days=days), privacy=PRIVACY,
        banned=more.get("banned", False),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("held", "days", "ended"),
    [
        ([], 29, {}),
        ([], 30, dict.fromkeys(sorted(ALL), Rule.DRAFT)),
        ([case(Status.WITHDRAWN)], 30, dict.fromkeys(sorted(ALL), Rule.DRAFT)),
        ([case(Status.VERIFYING)], 3000, {}),
        ([case(Status.CLOSED, "37")], 89, {}),
        ([case(Status.CLOSED, "37")], 90, {"address": Rule.COURIER, "phone": Rule.COURIER}),
        ([case(Status.CLOSED, "37"), case(Status.VERIFYING)], 90, {}),
    ],
)
def test_what_has_had_its_time(held, days, ended):
    assert look(held, days).ended == ended


@given(cases, st.integers(0, 2000))
def test_whatever_is_kept_with_a_period_is_looked_at_again(held: list[Application], days: int):
    found = look(held, days)
    if not found.ended and any(KIND_OF[each] == CONTACT for each in ALL):
        assert found.look_again is not None
        assert found.look_again > KEPT_AT + timedelta(days=days)


def test_a_ban_is_looked_at_again_until_it_ends():
    found = look([], 60, banned=True)
    assert set(found.ended) == {"address", "phone"}
    assert found.look_again is not None


def test_the_moment_of_filing_is_in_the_identifier():
    from chepai.edge.ids import new_id

    made = personal_data.filed_at_ms(new_id("app"))
    assert made is not None
    assert abs(made / 1000 - datetime.now(UTC).timestamp()) < 60
    for other in ("", "app_", "per_" + "0" * 26, "app_" + "U" * 26):
        assert personal_data.filed_at_ms(other) is None
