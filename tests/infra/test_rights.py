"""Role and settings follow from the entry, and from nothing else."""

import pytest

from infra import rights
from infra.access import Access, Every, Queue, Stream
from infra.place import Place

PLACE = Place("sandbox", "qingdao")
MACHINES = ("new_car",)


def found(thing: str) -> str:
    return f"found:{thing}"


def allowed(access: Access) -> dict[str, str]:
    """Action → resource, without what every function has."""
    return {
        action: str(said["Resource"])
        for said in rights.statements("some_step", access, PLACE, found, MACHINES)
        for action in ([said["Action"]] if isinstance(said["Action"], str) else said["Action"])
        if not action.startswith(("logs:", "xray:"))
    }


def test_an_empty_entry_gives_nothing():
    assert allowed(Access()) == {}
    assert rights.environment(Access(), PLACE, found) == {}


def test_verbs_are_spelled_and_names_follow():
    access = Access(
        tables={"applications": "GetItem UpdateItem"},
        indexes={"facts/by_buyer": "Query"},
        keys={"blind": "GenerateMac"},
        secrets={"keys-tax": "GetSecretValue"},
    )
    may = allowed(access)
    assert set(may) == {
        "dynamodb:GetItem",
        "dynamodb:UpdateItem",
        "dynamodb:Query",
        "kms:GenerateMac",
        "secretsmanager:GetSecretValue",
    }
    assert may["dynamodb:Query"].endswith("table/chepai-sandbox-qingdao-facts/index/by_buyer")
    assert rights.environment(access, PLACE, found) == {
        "APPLICATIONS_TABLE": "chepai-sandbox-qingdao-applications",
        "FACTS_TABLE": "chepai-sandbox-qingdao-facts",
        "BLIND_KEY_ARN": "found:key/blind",
        "KEYS_TAX_SECRET_ARN": "found:secret/keys-tax",
    }


def test_a_bucket_brings_the_right_to_its_encryption():
    access = Access(buckets={"archive": "PutObject", "seals": "GetObject PutObject"})
    said = rights.statements("some_step", access, PLACE, found, MACHINES)
    key = next(each for each in said if each["Resource"] == "found:key/evidence")
    assert key["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert "kms:ViaService" in key["Condition"]["StringEquals"]
    objects = [each["Resource"] for each in said if "s3:PutObject" in each["Action"]]
    assert [each.rpartition(":::")[2].split("-")[3] for each in objects] == ["archive", "seals"]
    assert all(each.endswith("/*") for each in objects)
    settings = rights.environment(access, PLACE, found)
    assert sorted(settings) == ["ARCHIVE_BUCKET", "SEALS_BUCKET"]
    assert settings["SEALS_BUCKET"].startswith("chepai-sandbox-qingdao-seals-")


def test_executions_and_machines_are_told_apart():
    may = allowed(Access(machines={"new_car": "StartExecution StopExecution"}))
    assert may["states:StartExecution"].endswith(":stateMachine:chepai-sandbox-qingdao-new_car")
    assert may["states:StopExecution"].endswith(":execution:chepai-sandbox-qingdao-new_car:*")


def test_only_who_answers_may_answer():
    assert "states:SendTaskSuccess" not in allowed(Access())
    assert "states:SendTaskSuccess" in allowed(Access(answers=True))


@pytest.mark.parametrize(
    ("trigger", "verb"),
    [
        (Queue("questions"), "sqs:ReceiveMessage"),
        (Stream("facts"), "dynamodb:GetRecords"),
        (Every(minutes=1), "sqs:SendMessage"),
    ],
)
def test_a_trigger_brings_what_it_needs(trigger, verb):
    assert verb in allowed(Access(on=trigger))


def test_a_wildcard_verb_is_refused():
    with pytest.raises(ValueError, match="spell the verbs"):
        allowed(Access(tables={"applications": "*"}))
