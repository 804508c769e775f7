"""An agent acts for those who gave a power of attorney, in what the law leaves to agents."""

import json
from datetime import date, timedelta

import pytest

from chepai.edge import on_behalf
from chepai.edge.clock import today
from chepai.edge.roles import AGENT, ROUTES
from chepai.records.ledger import Ledger
from tests.functions.citizen.office import FOREIGN_VIN, OTHER, PERSON, VIN, Office
from tests.functions.edge.gateway import Gateway, Issuer, a_body

AGENT_ID = "per_01JZZZZZZZZZZZZZZZZZZZZZZ9"
UNTIL = (today() + timedelta(days=30)).isoformat()


class Powerful(Office):
    """An office at which somebody may act for somebody else."""

    def give(self, by=PERSON, agent=AGENT_ID, **more):
        said = {"agent_id": agent, "services": ["new_car"], "until": UNTIL, **more}
        return self.call("give_power", person=by, body=said)

    def revoke(self, by=PERSON, agent=AGENT_ID):
        return self.call("revoke_power", person=by, agent_id=agent)

    def as_agent(self, name, principal=PERSON, agent=AGENT_ID, roles="citizen agent", **more):
        return self.call(name, person=agent, roles=roles, on_behalf_of=principal, **more)

    def files(self, key="k1", **more):
        return self.as_agent("register_new_car", body={"vin": VIN}, key=key, **more)


@pytest.fixture
def office(city, monkeypatch):
    on_behalf._powers.cache_clear()
    return Powerful(city, monkeypatch)


def test_an_agent_files_and_follows_and_the_ledger_names_both(office):
    assert office.give()[0] == 201
    status, filed = office.files()
    assert status == 201, filed
    mine = {"application_id": filed["application_id"]}
    assert office.call("read_application", **mine)[0] == 200
    assert office.as_agent("read_progress", **mine)[0] == 200
    (entry,) = Ledger.from_env().of(filed["application_id"])
    assert entry["actor"]["role"] == "agent"
    assert (entry["actor"]["id"], entry["actor"]["for"]) == (AGENT_ID, PERSON)
    (given,) = Ledger.from_env().of(f"person#{PERSON}")
    assert (given["act"], given["to"]["agent"]) == ("power_given", AGENT_ID)


def test_without_a_power_there_is_nothing_to_act_for(office):
    case = {"application_id": office.file()}
    for name, more in (
        ("read_application", case),
        ("register_new_car", {"body": {"vin": VIN}, "key": "x"}),
    ):
        for principal in (PERSON, OTHER, "per_00000000000000000000000000", "me", "per_"):
            status, refused = office.as_agent(name, principal, **more)
            assert (status, refused["code"]) == (403, "VR-314")


def test_a_power_is_for_one_agent_and_one_principal(office):
    case = {"application_id": office.file()}
    office.give()
    assert office.as_agent("read_application", **case)[0] == 200
    assert office.as_agent("read_application", agent=OTHER, **case)[0] == 403
    assert office.as_agent("read_application", OTHER, **case)[0] == 403
    # The agent sees nobody's cases but the principal's, and the principal's only in the name.
    assert office.call("read_application", person=AGENT_ID, roles="citizen agent", **case)[0] == 404
    office.give(by=OTHER)
    assert office.as_agent("read_application", OTHER, **case)[0] == 404
    status, _ = office.as_agent("register_new_car", body={"vin": FOREIGN_VIN}, key="k9")
    assert status == 404


def test_who_is_no_agent_says_in_vain_for_whom(office):
    office.give()
    case = {"application_id": office.file()}
    assert office.as_agent("read_application", roles="citizen", **case)[1]["code"] == "VR-202"


def test_a_power_ends_when_it_is_revoked_and_on_its_day(office, monkeypatch):
    office.give()
    case = {"application_id": office.file()}
    assert office.revoke()[0] == office.revoke()[0] == 200
    assert office.as_agent("read_application", **case)[0] == 403
    acts = [row["act"] for row in Ledger.from_env().of(f"person#{PERSON}")]
    assert acts == ["power_given", "power_revoked"]
    assert office.give()[0] == 201
    assert office.as_agent("read_application", **case)[0] == 200
    monkeypatch.setattr(on_behalf, "city_day", lambda _: date.fromisoformat(UNTIL) + timedelta(1))
    assert office.as_agent("read_application", **case)[0] == 403
    assert office.revoke(by=OTHER)[1]["code"] == "VR-314"


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"services": ["certificate_reissue"]}, 403, "VR-309"),
        ({"services": ["new_car", "certificate_reissue"]}, 403, "VR-309"),
        ({"services": ["everything"]}, 422, "VR-103"),
        ({"services": []}, 422, "VR-103"),
        ({"until": "2020-01-01"}, 422, "VR-103"),
        ({"until": "2099-01-01"}, 422, "VR-103"),
        ({"agent": PERSON}, 422, "VR-103"),
        ({"agent": "somebody"}, 422, "VR-103"),
    ],
)
def test_what_cannot_be_given(office, wrong, status, code):
    answer = office.give(**wrong)
    assert (answer[0], answer[1]["code"]) == (status, code)


def test_an_agent_has_five_principals_a_year(office):
    principals = [f"per_0000000000000000000000000{n}" for n in range(6)]
    assert [office.give(by=each)[0] for each in principals] == [201] * 5 + [409]
    # Who is counted may change the power, and revoking makes no room for a sixth.
    assert office.give(by=principals[0])[0] == 201
    assert office.revoke(by=principals[1])[0] == 200
    assert office.give(by=principals[5])[1]["code"] == "VR-315"
    _, mine = office.call("list_my_powers", person=AGENT_ID)
    assert len(mine["held"]) == 5
    _, given = office.call("list_my_powers", person=principals[1])
    assert given["given"][0]["revoked_at"]


def test_what_is_the_owners_own_is_no_agents_whatever_the_power(city, office, monkeypatch):
    office.give()
    case = office.file()
    issuer = Issuer()
    gateway = Gateway(city, issuer)
    monkeypatch.setenv("NEW_CAR_MACHINE_ARN", office.machine)
    token = issuer.token({"sub": AGENT_ID, "scope": "citizen agent", "aal": "2"})
    asked = 0
    for key, roles in ROUTES.items():
        if "citizen" not in roles:
            continue
        body = gateway.routes[key][2].body
        raw = None if key.startswith("GET") or not body.model_fields else json.dumps(a_body(body))
        named = {"application_id": case, "agent_id": AGENT_ID}
        for header in ({"on-behalf-of": PERSON}, {"On-Behalf-Of": PERSON}):
            answer = gateway.ask(key, token, raw=raw, path=named, headers=header)
            asked += 1
            if AGENT in roles:
                assert answer["statusCode"] not in {401, 403, 404}, (key, answer)
            else:
                assert answer["statusCode"] in {403, 422}, (key, answer)
    assert asked > 60
