"""Every role in the templates says what its function's access entry says, no more and no less."""

import pytest

from infra.access import GROUPS, Access, of_group
from infra.local.rights.matrix import Right, brought, granted, of_template
from tests.infra.conftest import Templates

STAGES = {"sandbox": "chepai-sandbox-qingdao-", "in_china": "chepai-staging-qingdao-"}


def declared(groups: list[str]) -> dict[str, frozenset[Right]]:
    return {
        name: granted(name, entry) | brought(name, entry)
        for group in groups
        for name, entry in of_group(group).items()
    }


def written(templates: Templates, prefix: str) -> dict[str, frozenset[Right]]:
    return {
        name: rights
        for template in templates.by_stack.values()
        for name, rights in of_template(template, prefix).items()
    }


@pytest.mark.parametrize("stage", STAGES)
def test_the_templates_grant_what_the_entries_say_and_nothing_else(stage, request):
    groups = [each for each in GROUPS if stage == "sandbox" or each != "sandbox"]
    said, found = declared(groups), written(request.getfixturevalue(stage), STAGES[stage])
    assert found.keys() == said.keys()
    differ = {
        name: {
            "not in its entry": sorted(map(str, found[name] - said[name])),
            "not in its role": sorted(map(str, said[name] - found[name])),
        }
        for name in said
        if found[name] != said[name]
    }
    assert not differ
    print(f"{stage}: {len(said)} roles, {sum(map(len, said.values()))} rights, all equal")


def test_a_right_beside_the_entry_is_found(sandbox):
    template = sandbox.by_stack["background"]
    was = of_template(template, STAGES["sandbox"])["resume"]
    assert was == declared(["background"])["resume"]
    assert was != granted("resume", Access(tables={"ledger": "DeleteItem"})) | was
