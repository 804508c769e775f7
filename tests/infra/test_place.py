"""Where a stage may stand."""

import pytest

from infra.place import Place

ISSUER = "https://issuer.example"


def test_production_stands_in_the_country():
    assert Place("production", "qingdao", region="cn-north-1", issuer=ISSUER).region == "cn-north-1"


def test_production_abroad_is_refused_unless_the_region_is_acknowledged():
    with pytest.raises(ValueError, match="outside mainland China"):
        Place("production", "qingdao", region="eu-west-1", issuer=ISSUER)
    with pytest.raises(ValueError, match="outside mainland China"):
        Place(
            "production",
            "qingdao",
            region="eu-west-1",
            acknowledged_region="eu-west-2",
            issuer=ISSUER,
        )
    Place(
        "production", "qingdao", region="eu-west-1", acknowledged_region="eu-west-1", issuer=ISSUER
    )


def test_production_names_its_region():
    with pytest.raises(ValueError, match="name its region"):
        Place("production", "qingdao", issuer=ISSUER)


def test_only_the_sandbox_brings_its_own_issuer():
    assert Place("sandbox", "qingdao").issuer == ""
    with pytest.raises(ValueError, match="identity issuer"):
        Place("staging", "qingdao")


def test_a_suite_has_a_kind_of_key():
    assert Place("sandbox", "qingdao").signing_key == "ECC_NIST_EDWARDS25519"
    assert Place("sandbox", "qingdao", suite="sm").signing_key == "SM2"
    with pytest.raises(ValueError, match="suite 'home-made'"):
        Place("sandbox", "qingdao", suite="home-made")


def test_a_stage_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="stage 'test'"):
        Place("test", "qingdao")
