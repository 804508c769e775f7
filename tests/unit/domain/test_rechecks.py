"""A draw is what seed, beacon and population make it; both programs name every tampering."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chepai.domain.periods import CITY_TIME
from chepai.domain.rechecks import (
    WHOLE,
    Stratum,
    commitment,
    digest_of,
    draw,
    faults,
    period_at,
    strata,
)
from tools import verify_rechecks

SEED = "5e" * 32
QUOTA = {"registered": 200, "reissued": 1000, "refused": 1000}
populations = st.dictionaries(
    st.text("0123456789ABCDEF", min_size=1, max_size=8).map("app_{}".format),
    st.sampled_from([each.value for each in Stratum]),
    max_size=40,
)


def published(population: dict[str, str], at_least: int = 2) -> dict[str, Any]:
    cases = draw(
        population, QUOTA, at_least=at_least, seed=SEED, beacon="root", period="20261123-0000"
    )
    return {
        "period": "20261123-0000",
        "commitment": commitment(SEED),
        "seed": SEED,
        "beacon": "root",
        "population": population,
        "population_digest": digest_of(population),
        "quota": QUOTA,
        "at_least": at_least,
        "cases": [{"application_id": each.application_id} for each in cases],
    }


@given(populations)
def test_a_draw_can_be_repeated_by_anyone(population: dict[str, str]) -> None:
    made = published(population)
    assert faults(made) == [] == verify_rechecks.faults(made)


@given(populations, st.integers(1, 5))
def test_whole_strata_are_drawn_whole_and_others_to_their_quota(
    population: dict[str, str], at_least: int
) -> None:
    hit = draw(population, QUOTA, at_least=at_least, seed=SEED, beacon="", period="p")
    for stratum in Stratum:
        known = [case for case, of in population.items() if of == stratum]
        drawn = [each for each in hit if each.stratum == stratum]
        assert len(drawn) == len(known) if stratum in WHOLE else len(drawn) <= len(known)
        assert len(drawn) >= min(len(known), at_least)


def _one_less(made: dict[str, Any]) -> None:
    made["cases"].pop()


def _another(made: dict[str, Any]) -> None:
    made["cases"].append({"application_id": "app_ELSE"})


def _other_seed(made: dict[str, Any]) -> None:
    made["seed"] = "00" * 32


def _hidden_case(made: dict[str, Any]) -> None:
    made["population"].pop(next(iter(made["population"])))


@pytest.mark.parametrize("tamper", [_one_less, _another, _other_seed, _hidden_case])
def test_both_programs_name_what_was_tampered_with(tamper: Any, tmp_path: Path) -> None:
    made = published({f"app_{n}": "registered" for n in range(300)})
    assert len(made["cases"]) == 6
    tamper(made)
    (tmp_path / "draw.json").write_text(json.dumps(made), "utf-8")
    assert faults(made)
    assert verify_rechecks.main([str(tmp_path / "draw.json")]) == 1


def test_the_program_says_when_all_is_right(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "draw.json").write_text(json.dumps(published({"app_1": "override"})), "utf-8")
    assert verify_rechecks.main([str(tmp_path / "draw.json")]) == 0
    assert "RIGHT  1 of 1" in capsys.readouterr().out
    assert verify_rechecks.main([str(tmp_path / "none.json")]) == 2


def test_another_seed_draws_others() -> None:
    population = {f"app_{n}": "registered" for n in range(1000)}
    one, other = (
        draw(population, QUOTA, at_least=1, seed=seed * 32, beacon="", period="p")
        for seed in ("aa", "bb")
    )
    assert len(one) == len(other) == 20
    assert set(one) != set(other)


def test_a_case_that_was_overridden_and_registered_is_an_override() -> None:
    found = strata({"a": {"registered", "override"}, "b": {"filed"}, "c": {"refused"}})
    assert found == {"a": Stratum.OVERRIDE, "c": Stratum.REFUSED}


def test_weeks_begin_on_monday_in_the_city() -> None:
    sunday = datetime(2026, 11, 29, 15, 59, tzinfo=UTC)
    week = period_at(sunday, 10_080)
    assert week.name == "20261123-0000"
    assert week.end == datetime(2026, 11, 30, tzinfo=CITY_TIME)
    assert period_at(sunday + timedelta(minutes=1), 10_080).name == "20261130-0000"
