"""Rights that are dear: who has one is written here by name, and nobody else has it.

Held over the access entries; that templates and emulator say the same as the entries is held by
test_role_matrix.py and by `make rights`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from infra import definitions
from infra.local.rights.matrix import Right, brought, entries, granted
from tests.infra.conftest import Templates
from tests.infra.test_templates import listed, statements

ALL: Mapping[str, frozenset[Right]] = {
    name: granted(name, entry) | brought(name, entry) for name, entry in entries().items()
}
MAY_OPEN_THE_VAULT = {
    # Personal data leaves for the partner that a question is for.
    "ask_partner",
    # A person gets the copy of their own data that they asked for.
    "copy_my_record",
}
MAY_WRITE_INTO_THE_VAULT = {
    "hear_police", "keep_delivery_address",
    # What somebody drew on the pad of a counter: sealed there, opened by nobody of the staff.
    "read_back",
}  # fmt: skip
# What people ask and complain about: themselves, and whoever works on it (docs/decisions/0082).
OPEN_WHAT_PEOPLE_WROTE = {"read_my_ticket", "read_ticket"}
WAKE_WHAT_WAITS = {"resume", "sweep"}
START_MACHINES = {
    "register_new_car", "reissue_certificate", "decide_review", "sweep",
    # An operator resumes a case whose run is dead.
    "act_on_cases",
}  # fmt: skip
# One open case's, of which no token is told (docs/decisions/0084).
READS_A_HISTORY = {"read_case_machine"}
SEAL = {"seal_ledger"}
IS_THE_SANDBOXS_ISSUER = {"sign_in", "sign_in_staff", "renew_session"}
APPEND_ONLY = ("table/ledger", "table/facts")
TAKES_AWAY = ("UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLUpdate", "PartiQLDelete")


def who(*actions: str, on: str = "") -> set[str]:
    """Every function that may do one of these, to resources of this name."""
    return {
        name
        for name, rights in ALL.items()
        for right in rights
        if right.action in actions and right.resource.startswith(on)
    }


def waiting_steps() -> set[str]:
    return {name for name in ALL if _is_step(name) and definitions.answers_of(name)}


def _is_step(name: str) -> bool:
    return any(name in definitions.steps_of(each) for each in definitions.everywhere().values())


def test_nobody_changes_or_takes_away_what_is_only_added_to() -> None:
    for table in APPEND_ONLY:
        assert who(*(f"dynamodb:{verb}" for verb in TAKES_AWAY), on=table) == set(), table


def test_nobody_reads_a_whole_table() -> None:
    assert who("dynamodb:Scan", "dynamodb:PartiQLSelect", "dynamodb:ExportTableToPointInTime") == (
        set()
    )


def test_the_vault_opens_for_few() -> None:
    assert who("kms:Decrypt", on="key/people") == MAY_OPEN_THE_VAULT
    assert who("kms:GenerateDataKey", "kms:Encrypt", on="key/people") == MAY_WRITE_INTO_THE_VAULT


def test_what_people_wrote_opens_for_fewer_than_may_add_to_it() -> None:
    opens = who("kms:Decrypt", on="key/words")
    assert opens == OPEN_WHAT_PEOPLE_WROTE
    assert not opens & who("kms:GenerateDataKey", "kms:Encrypt", on="key/words")


def test_the_key_of_the_vault_opens_for_one_person_and_kind_alone(
    sandbox: Templates, in_china: Templates
) -> None:
    for templates in (sandbox, in_china):
        (vault,) = (
            key["KeyPolicy"]["Statement"]
            for _, key in templates.properties("AWS::KMS::Key")
            if {"Key": "chepai:key", "Value": "people"} in key["Tags"]
        )
        for part in ("person", "kind"):
            asked = {"Null": {f"kms:EncryptionContext:{part}": "true"}}
            (said,) = (each for each in vault if each.get("Condition") == asked)
            assert said["Effect"] == "Deny"
            assert {"kms:Decrypt", "kms:GenerateDataKey"} <= set(said["Action"])


def test_a_task_token_is_answered_by_who_waits_or_wakes() -> None:
    answers = {f"states:SendTask{how}" for how in ("Success", "Failure", "Heartbeat")}
    assert who(*answers) == waiting_steps() | WAKE_WHAT_WAITS
    # A step answers its own machines only.
    for name in waiting_steps():
        of = {right.resource for right in ALL[name] if right.action in answers}
        assert of == {f"machine/{machine}" for machine in definitions.answers_of(name)}, name


def test_what_a_machine_went_through_is_read_by_one_that_tells_no_token() -> None:
    # The history holds the task tokens.
    assert who("states:GetExecutionHistory") == READS_A_HISTORY
    assert who("states:GetActivityTask") == set()


def test_a_machine_is_started_by_few_and_changed_by_nobody() -> None:
    assert who("states:StartExecution") == START_MACHINES
    assert who("states:UpdateStateMachine", "states:StopExecution", "states:RedriveExecution") == (
        set()
    )


def test_the_log_is_signed_by_who_seals_it() -> None:
    signing = who("kms:Sign")
    assert signing == SEAL | IS_THE_SANDBOXS_ISSUER
    assert who("kms:Sign", on="key/sandbox-issuer") == IS_THE_SANDBOXS_ISSUER
    assert {name for name in signing if not _of_the_sandbox(name)} == SEAL


def _of_the_sandbox(name: str) -> bool:
    from infra.access import of_group

    return name in of_group("sandbox")


def test_evidence_is_put_and_never_taken_away() -> None:
    verbs = {
        right.action.partition(":")[2]
        for rights in ALL.values()
        for right in rights
        if right.action.startswith("s3:")
    }
    assert verbs <= {"PutObject", "GetObject", "ListBucket"}, verbs
    assert who("s3:PutObject", on="bucket/seals") == SEAL


def test_evidence_is_opened_through_the_storage_service_alone() -> None:
    for name, rights in ALL.items():
        for right in rights:
            if right.resource == "key/evidence":
                assert right.only == "kms:ViaService", (name, right)


def test_partners_write_facts_and_nothing_else_of_a_case() -> None:
    from infra.access import of_group

    for name in of_group("partners"):
        written = {
            right.resource
            for right in ALL[name]
            if right.action.startswith("dynamodb:")
            and not right.action.endswith(("GetItem", "Query"))
        }
        assert written <= {"table/facts", "table/people", "table/numbers"}, (name, written)
        assert not [right for right in ALL[name] if right.action.startswith("states:")], name


def test_no_role_hands_on_another_or_makes_one(sandbox: Templates, in_china: Templates) -> None:
    for templates in (sandbox, in_china):
        for path, said in statements(templates):
            services = {action.partition(":")[0] for action in listed(said["Action"])}
            assert not services & {"iam", "sts", "organizations"}, path
            assert said["Effect"] == "Allow", path


def test_a_role_is_taken_by_its_own_service_alone(sandbox: Templates) -> None:
    for path, role in sandbox.properties("AWS::IAM::Role"):
        for said in role["AssumeRolePolicyDocument"]["Statement"]:
            assert _services(said) <= {
                "lambda.amazonaws.com",
                "states.amazonaws.com",
                "apigateway.amazonaws.com",
            }, path


def _services(said: Mapping[str, Any]) -> set[str]:
    named: Iterable[str] = listed(said["Principal"]["Service"])
    assert said["Principal"].keys() == {"Service"}
    return set(named)


def test_every_role_says_each_verb_on_each_thing_once(sandbox: Templates) -> None:
    for path, said in statements(sandbox):
        actions = listed(said["Action"])
        assert len(actions) == len(set(actions)), path
        assert not [action for action in actions if "*" in action], path
