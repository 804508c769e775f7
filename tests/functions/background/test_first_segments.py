"""Segments are asked for when a city is published, and only while none is open."""

import boto3

from chepai.records.numbers import Numbers
from infra.number_segments import ask
from tests.functions.conftest import PLACE, City


def test_the_register_is_asked_once_for_each_kind_of_plate(city: City) -> None:
    assert ask(PLACE, boto3.client) == ["02", "52"]
    asked = city.rows_waiting("questions")
    assert [each["refs"] for each in asked] == [{"plate_kind": "02"}, {"plate_kind": "52"}]
    assert {each["partner"] for each in asked} == {"national-register"}
    row = {"segment_id": "02-B-1", "plate_kind": "02", "state": "OPEN"}
    Numbers(PLACE.name("numbers")).open_segment(row)
    assert ask(PLACE, boto3.client) == ["52"]
    assert len(city.rows_waiting("questions")) == 1


def test_a_kind_whose_segments_are_closed_is_asked_for_again(city: City) -> None:
    numbers = Numbers(PLACE.name("numbers"))
    numbers.open_segment({"segment_id": "02-B-1", "plate_kind": "02", "state": "OPEN"})
    numbers.close_segment("02", "02-B-1", "aa")
    assert ask(PLACE, boto3.client) == ["02", "52"]
