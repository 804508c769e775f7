"""A route without a row cannot be declared, and no function says its own roles."""

import pytest

from chepai.edge.api import Answer, Call, NoBody, route
from chepai.edge.pages import page
from chepai.edge.roles import ADMINISTRATORS, PARTNER, ROUTES, TOKENS, allowed, is_signed
from chepai.edge.webhook import webhook


def declare(method, path):
    @route(method, path, summary="x", answer=Answer)
    def handler(call: Call[NoBody]) -> Answer:
        return Answer()

    return handler


def test_a_route_without_a_row_is_not_built():
    with pytest.raises(LookupError, match=r"GET /v1/anything has no row in chepai/edge/roles\.py"):
        declare("GET", "/v1/anything")


def test_a_route_takes_its_roles_from_its_row():
    assert declare("GET", "/v1/staff/reviews").declaration.roles == ROUTES["GET /v1/staff/reviews"]
    assert declare("GET", "/v1/services").declaration.roles == ()


def test_a_hook_is_a_partners_and_a_page_is_everybodys():
    with pytest.raises(LookupError, match="not a partner's"):
        webhook("/v1/applications", kind="tax", messages={}, summary="x")
    with pytest.raises(LookupError, match="no row"):
        page("/docs/secret", media_type="text/html", summary="x")
    with pytest.raises(LookupError, match="has roles"):
        page("/v1/me", media_type="text/html", summary="x")


def test_rows_name_roles_and_nothing_else():
    assert {role for roles in ROUTES.values() for role in roles} <= TOKENS | {PARTNER}
    assert all(is_signed(key) == key.startswith("POST /hooks/") for key in ROUTES)
    for key in ROUTES:
        allowed(key)


def test_what_is_not_open_to_all_is_named_one_by_one():
    """Whoever opens a route to everybody says so here as well."""
    open_to_all = {key for key, roles in ROUTES.items() if not roles}
    assert open_to_all == {
        "$default", "GET /docs", "GET /docs/problems", "GET /openapi.json", "GET /v1/city",
        "GET /v1/city/figures",
        "GET /v1/ledger/checkpoint", "GET /v1/ledger/consistency", "GET /v1/links",
        "GET /v1/manufacturers", "GET /v1/number-segments",
        "GET /v1/number-segments/{segment_id}/deals", "GET /v1/services",
        "GET /v1/services/{service}", "POST /v1/eligibility-checks",
    }  # fmt: skip


def test_staff_routes_are_for_staff_and_no_route_is_for_two_administrators_of_three():
    for key, roles in ROUTES.items():
        if "/v1/staff/" in key:
            assert not set(roles) & {"citizen", "agent", "partner"}, key
        elif roles:
            assert set(roles) <= {"citizen", "agent", "partner"}, key
    assert len(ADMINISTRATORS) == 3
