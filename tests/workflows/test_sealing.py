"""Nothing is registered that cannot be proven: while the ledger is not sealed, the case waits."""

from collections.abc import Callable
from datetime import timedelta

from chepai.domain import where_it_stands
from chepai.domain.life_cycle import SEALING_STOPPED, Act, Status, may
from chepai.domain.whereabouts import lost
from chepai.edge.clock import now
from chepai.records.applications import stamp
from tests.workflows.office import ASK, FEE, Office

LIMIT = timedelta(minutes=240)


def held(office: Office) -> None:
    """A paid and approved case whose turn at the register has come while nothing is sealed."""
    office.reach(FEE)
    office.pay()
    for _ in office._while_waiting("is held"):
        if office.case().stuck_because == SEALING_STOPPED:
            return


def test_the_register_is_not_asked_and_the_case_says_why(open_office: Callable[..., Office]):
    office = open_office()
    office.sealed(now() - LIMIT - timedelta(minutes=1))
    held(office)
    case = office.case()
    assert case.status == Status.APPROVED
    assert case.queue_shard.startswith("operator#")
    assert lost(case) == ()
    assert "registration.asked" not in office.partners.types()
    profile = office.casework.profile(case)
    card = where_it_stands.card(case, {}, now=now(), profile=profile)
    assert card.code == "A09-SEALING"
    assert may(Status(case.status), Act.WITHDRAW)
    office.sweep()
    assert office.case().stuck_because == SEALING_STOPPED
    # Sealing works again, and nobody does anything else.
    office.sealed(now())
    walk = office.end()
    assert walk.status == "SUCCEEDED"
    assert office.case().status == Status.CLOSED
    assert not office.case().stuck_because
    acts = office.acts()
    assert acts.count("register_held") == acts.count("register_asked") == 1
    office.nothing_waits()


def test_the_owner_may_withdraw_meanwhile(open_office: Callable[..., Office]):
    office = open_office()
    office.sealed(now() - LIMIT - timedelta(minutes=1))
    held(office)
    office.withdraw()
    assert office.end().status == "SUCCEEDED"
    assert office.case().status == Status.WITHDRAWN
    assert "registration.asked" not in office.partners.types()


def test_sealing_that_is_late_but_within_the_limit_holds_up_nobody(
    open_office: Callable[..., Office],
):
    office = open_office()
    office.sealed(now() - LIMIT + timedelta(minutes=5))
    office.reach(FEE)
    office.pay()
    assert office.end().status == "SUCCEEDED"
    assert "register_held" not in office.acts()


def test_what_was_asked_before_is_answered_and_entered(open_office: Callable[..., Office]):
    office = open_office()
    office.reach(ASK)
    office.sealed(now() - LIMIT - timedelta(minutes=1))
    office.partners.silent.clear()
    office.time_out(ASK)
    assert office.end().status == "SUCCEEDED"
    assert office.case().status == Status.CLOSED
    assert "register_held" not in office.acts()


def test_a_sealer_that_never_ran_is_no_excuse(open_office: Callable[..., Office]):
    office = open_office()
    office.told_before()
    office.file(submitted_at=stamp(now() - LIMIT - timedelta(minutes=1)))
    office.ready()
    office.choose()
    office.sign()
    office.until(FEE)
    office.pay()
    for _ in office._while_waiting("is held"):
        if office.case().stuck_because == SEALING_STOPPED:
            break
    office.sealed(now())
    assert office.end().status == "SUCCEEDED"
