"""The three administrators of the account: apart from each other, and from what the office does."""

import json
from typing import Any

from tests.infra.conftest import Templates

THREE = ("system", "security", "audit")


def roles(templates: Templates) -> dict[str, dict[str, Any]]:
    return {
        path.rpartition("/")[2]: role
        for path, role in templates.properties("AWS::IAM::Role")
        if path.startswith("administrators/")
    }


def rights(role: dict[str, Any]) -> set[tuple[str, str]]:
    """Each action with each thing it is for."""
    return {
        (action, json.dumps(thing, sort_keys=True))
        for policy in role["Policies"]
        for said in policy["PolicyDocument"]["Statement"]
        for action in _listed(said["Action"])
        for thing in _listed(said["Resource"])
    }


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_three_roles_outside_the_sandbox_and_none_in_it(
    sandbox: Templates, in_china: Templates
) -> None:
    assert roles(sandbox) == {}
    assert sorted(roles(in_china)) == sorted(THREE)


def test_each_is_taken_with_its_own_tag_and_a_second_factor(in_china: Templates) -> None:
    for name, role in roles(in_china).items():
        (taken,) = role["AssumeRolePolicyDocument"]["Statement"]
        said = taken["Condition"]
        # A tag has one value: whoever may take one role may take no other.
        assert said["StringEquals"] == {"aws:PrincipalTag/chepai-administrator": name}
        assert said["Bool"] == {"aws:MultiFactorAuthPresent": "true"}
        assert role["MaxSessionDuration"] == 3600
        assert "root" in json.dumps(taken["Principal"])


def test_no_two_of_them_may_do_the_same(in_china: Templates) -> None:
    known = {name: rights(role) for name, role in roles(in_china).items()}
    for one in THREE:
        for other in THREE:
            assert one == other or not known[one] & known[other], (one, other)


def test_none_does_what_functions_do(in_china: Templates) -> None:
    """Nobody opens the vault, answers or reads a machine, or writes a record of a case."""
    for name, role in roles(in_china).items():
        for action, thing in rights(role):
            assert "*" not in action, name
            if action.partition(":")[2] in {"PutItem", "UpdateItem", "DeleteItem", "Scan"}:
                assert "qingdao-partners" in thing, (name, action)
            assert not action.startswith(("states:Send", "states:GetExecution", "iam:", "sts:"))
            opens = action in {"kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateMac", "kms:Sign"}
            assert not opens or "Evidence" in thing, (name, action, thing)
            read = ("people", "applications", "waits", "tickets")
            if action in {"dynamodb:GetItem", "dynamodb:Query"}:
                assert not any(f"qingdao-{each}" in thing for each in read), (name, thing)


def test_what_audit_opens_it_opens_through_the_storage_service(in_china: Templates) -> None:
    for policy in roles(in_china)["audit"]["Policies"]:
        for said in policy["PolicyDocument"]["Statement"]:
            if "kms:Decrypt" in _listed(said["Action"]):
                assert "kms:ViaService" in said["Condition"]["StringEquals"]
