"""The drawings that are shipped: every state of every definition, with its words and its ways."""

import gzip
import json

import pytest

from chepai.domain.drawn import Machine
from chepai.edge.texts import LANGUAGES, codes, say
from infra import definitions, drawing, served

DEFINITIONS = definitions.everywhere()


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_drawing_has_every_state_and_leads_to_states_alone(name):
    drawn = drawing.drawn(name, DEFINITIONS[name])
    names = [each["name"] for each in drawn["states"]]
    assert names == [state for state, _ in definitions.states_of(DEFINITIONS[name])]
    for way in drawn["ways"]:
        assert {way["begins"], way["ends"]} <= set(names), way
    assert set(drawn["stands"].values()) <= set(names)
    reached = {way["ends"] for way in drawn["ways"]} | {drawn["start"]}
    inside = {each["name"] for each in drawn["states"] if each.get("within")}
    assert set(names) - reached - inside == set()


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_state_has_a_name_in_both_languages(name):
    states = {state for state, _ in definitions.states_of(DEFINITIONS[name])}
    assert states <= codes("machines")
    for state in states:
        assert {say("machines", state, language)["title"] for language in LANGUAGES}
        # The console of AWS and our own page name a state alike.
        assert say("machines", state, "en")["title"] == state


def test_no_name_is_kept_for_a_state_that_is_gone():
    known = {state for each in DEFINITIONS.values() for state, _ in definitions.states_of(each)}
    assert codes("machines") == known


def test_the_drawings_are_shipped_with_the_code(tmp_path):
    served.write(tmp_path / "served")
    shipped = json.loads(gzip.decompress((tmp_path / "served" / "machines.json.gz").read_bytes()))
    assert {Machine.of(each).service for each in shipped} == set(DEFINITIONS)
    for each in shipped:
        machine = Machine.of(each)
        assert machine.steps["refund_fee"] == "Refund the fee"
        assert machine.stands["fee"] == "Wait for the fee"
