"""Routes × roles by HTTP on a running city: whoever is not in a route's row is refused."""

from base64 import urlsafe_b64encode

import pytest

from chepai.edge.roles import AGENT, CITIZEN, ROUTES, STAFF, is_signed
from infra.local.city import City
from infra.local.scenarios.owner import Owner
from infra.local.scenarios.stage import Stage
from infra.local.scenarios.wire import Refused, Wire

NOBODY = "app_" + "7" * 26


@pytest.fixture(scope="module")
def tokens(city: City) -> dict[str, str]:
    """A token of each role, as the city's own issuer signs them."""
    stage = Stage(city.url, "roles", says=print)
    owner = Owner(stage, stage.sandbox.car())
    staff = {role: stage.sandbox.staff_token(f"sta_matrix_{role}", role) for role in sorted(STAFF)}
    return {CITIZEN: owner.token, **staff}


def test_every_route_refuses_every_role_that_its_row_does_not_name(
    city: City, tokens: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    head, claims, signature = tokens[CITIZEN].split(".")
    unsigned = urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    none = {"": 401, f"{head}.{claims}.{signature[::-1]}": 401, f"{unsigned}.{claims}.": 401}
    wires = {token: Wire(city.url, token=token) for token in [*none, *tokens.values()]}
    asked, wrong = 0, []
    for key, roles in ROUTES.items():
        if not roles or is_signed(key):
            continue
        method, path = key.split(" ")
        at = path.replace("{application_id}", NOBODY).replace("{", "").replace("}", "")
        refused = none | {token: 403 for role, token in tokens.items() if role not in roles}
        for token, status in refused.items():
            reply = wires[token].ask(method, at, b"{}")
            asked += 1
            if reply.status != status:
                wrong.append((key, token[:8], reply.status))
    with capsys.disabled():
        print(f"\nroutes × roles by HTTP: {asked} cells")
    assert wrong == []
    assert asked > 500


@pytest.mark.parametrize("pair", [("system_admin", "security_admin"), ("audit_admin", AGENT)])
def test_the_issuer_signs_no_roles_that_nobody_may_hold(city: City, pair: tuple[str, str]) -> None:
    stage = Stage(city.url, "roles", says=print)
    with pytest.raises(Refused) as refused:
        stage.sandbox.staff_token("sta_two", *pair)
    assert refused.value.status == 422
