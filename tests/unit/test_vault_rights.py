"""Who may open the vault, and through which module: this set and no other."""

import re
from pathlib import Path

from chepai.domain.personal_data import KIND_OF, PURPOSES
from chepai.partners.questions import BY_TYPE
from infra.access import everywhere, of_group

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers" / "chepai" / "python" / "chepai"

OPEN_THE_VAULT = {"ask_partner", "copy_my_record"}
SEAL_IN_IT = {"hear_police", "keep_delivery_address", "read_back"}
# Of staff it seals what somebody at the counter signed, and opens nothing.
OF_STAFF = {"read_back"}
DESTROY_KEYS = {"erase_my_record", "answer_privacy_request", "end_retention"}
# What people write to the office has a key of its own: these open it, and the vault stays shut.
OPEN_WORDS = {"read_my_ticket", "read_ticket"}
# Of people they read nothing but what is in the clear, or nothing of a case leaves.
SHOW_NO_CASE = {"delay_disclosure", "end_delay", "enter_relatives_wish", "list_machines"}


def with_key(verb: str) -> set[str]:
    return {
        name
        for name, access in everywhere().items()
        if verb in access.keys.get("people", "").split()
    }


def with_verb(verb: str) -> set[str]:
    return {
        name
        for name, access in everywhere().items()
        if verb in access.tables.get("people", "").split()
    }


def test_these_functions_open_and_seal_and_no_other():
    assert with_key("Decrypt") == OPEN_THE_VAULT
    assert with_key("GenerateDataKey") == SEAL_IN_IT
    assert with_key("Encrypt") == set()


def test_these_functions_destroy_keys_and_open_none():
    assert with_verb("DeleteItem") == DESTROY_KEYS
    assert not DESTROY_KEYS & OPEN_THE_VAULT


def test_nobody_lists_the_vault_and_nobody_of_staff_has_its_key():
    assert with_verb("Scan") == with_verb("BatchGetItem") == set()
    assert set(of_group("staff")) & (OPEN_THE_VAULT | SEAL_IN_IT) == OF_STAFF
    assert not OF_STAFF & OPEN_THE_VAULT


def test_whoever_opens_can_write_the_line_before():
    for name in OPEN_THE_VAULT:
        assert {"Query", "PutItem"} <= set(everywhere()[name].tables["ledger"].split()), name


def test_nobody_alters_or_deletes_a_line():
    for name, access in everywhere().items():
        verbs = set(access.tables.get("ledger", "").split())
        assert not verbs & {"UpdateItem", "DeleteItem", "BatchWriteItem"}, name


def test_one_module_opens_the_vault_and_it_writes_the_line_first():
    opening = [
        source.relative_to(LAYER).as_posix()
        for source in sorted(LAYER.rglob("*.py"))
        if re.search(r'client\("kms"\)\.decrypt|PEOPLE_KEY_ARN', source.read_text("utf-8"))
    ]
    assert opening == ["records/people.py", "records/words.py"]
    text = (LAYER / "records" / "people.py").read_text("utf-8")
    reading = text[text.index("    def read(") : text.index("    def forget(")]
    assert reading.index("Accesses().note(") < reading.index("self._open_key(")


def test_these_functions_open_what_people_wrote_and_no_other():
    opens = {
        name
        for name, access in everywhere().items()
        if "Decrypt" in access.keys.get("words", "").split()
    }
    assert opens == OPEN_WORDS
    for name in opens & set(of_group("staff")):
        assert {"Query", "PutItem"} <= set(everywhere()[name].tables["ledger"].split()), name


def test_what_people_wrote_is_opened_for_staff_after_the_line():
    text = (LAYER / "edge" / "ticket_desk.py").read_text("utf-8")
    reading = text[text.index("    def one(") : text.index("    def claim(")]
    assert reading.index("self.disclosing.person(") < reading.index("kept.opened()")
    assert reading.index("self.disclosing.nobodys(") < reading.index("kept.opened()")
    assert text.count("opened()") == 1


def test_every_staff_function_that_reads_cases_can_write_the_line():
    for name, access in of_group("staff").items():
        if "applications" in access.tables and name not in SHOW_NO_CASE:
            assert {"Query", "PutItem"} <= set(access.tables.get("ledger", "").split()), name


def test_what_is_sent_to_partners_is_in_the_table_of_purposes():
    sent = {(field, model.PURPOSE) for model in BY_TYPE.values() for field in model.FIELDS}
    assert sent == {(field, word) for field, words in PURPOSES.items() for word in words}
    assert PURPOSES.keys() == KIND_OF.keys()
