"""Single checks that no way of tampering as a whole needs: each fails here when it is taken out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.verifier.making import (
    OFFICE,
    ORIGIN,
    Log,
    growth_of,
    hashed,
    key_of,
    line_of,
    make,
    note_of,
    root_of,
)
from tests.unit.verifier.test_signatures import Kept, kept
from verifier import __main__ as program
from verifier import bundle, evidence
from verifier import log as checked
from verifier.checkpoint import keys_in, opened
from verifier.entries import canonical, must_be_a_chain
from verifier.merkle import roots_of_consistency
from verifier.words import Tampered, Unusable, digest_of

KEYS = keys_in([key_of(OFFICE)])
SHA256 = digest_of("sha-256")
__all__ = ["kept"]


@pytest.fixture
def log() -> Log:
    return make(seed=2)


def wrong(log: Log, folder: Path, since: str | None = None) -> str:
    with pytest.raises(Tampered) as found:
        checked.check(log.write(folder), KEYS, since)
    return str(found.value)


def rewrite(folder: Path, change: Callable[[dict[str, Any]], None], *, nth: int = 0) -> None:
    """Change the first leaf of a batch in its file."""
    file = sorted((folder / "batches").glob("*"))[nth]
    lines = [json.loads(each) for each in file.read_text().splitlines()]
    change(lines[0])
    file.write_text("".join(f"{json.dumps(each)}\n" for each in lines))


def told(folder: Path) -> str:
    with pytest.raises(Tampered) as found:
        checked.check(folder, KEYS)
    return str(found.value)


def test_a_batch_has_each_leaf_in_its_place(log, tmp_path):
    log.write(tmp_path)
    rewrite(tmp_path, lambda leaf: leaf.update(index=1))
    assert "has leaf 1 where 0 must be" in told(tmp_path)


def test_a_missing_batch_is_named(log, tmp_path):
    log.write(tmp_path)
    sorted((tmp_path / "batches").glob("*"))[1].unlink()
    assert f"the batch with leaf {log.sizes[0]} is missing" in told(tmp_path)


def test_a_batch_shorter_than_its_name_is_named(log, tmp_path):
    log.write(tmp_path)
    file = max((tmp_path / "batches").glob("*"))
    file.write_text("".join(f"{each}\n" for each in file.read_text().splitlines()[:-1]))
    assert f"batch {file.name} has not as many leaves" in told(tmp_path)


def test_a_batch_of_a_sealing_cut_short_is_passed_over(log, tmp_path):
    log.write(tmp_path)
    left = tmp_path / "batches" / f"{log.sizes[0]:012d}-{log.sizes[0]:012d}.jsonl"
    if not left.exists():
        left.write_text("what never came to be\n")
    checked.check(tmp_path, KEYS)


def test_one_entry_sealed_twice_is_named(log, tmp_path):
    log.sealed.append(log.sealed[0])
    log.sizes.append(len(log.sealed))
    log.sign()
    one = log.sealed[0]
    assert f"entry {one['seq']} of {one['chain']} was sealed twice" in wrong(log, tmp_path)


def test_one_entry_in_the_table_twice_is_named(log, tmp_path):
    log.rows.append(log.rows[0])
    assert "is there twice" in wrong(log, tmp_path)


def test_a_chain_that_breaks_where_nothing_is_sealed_yet_is_named(log, tmp_path):
    last = log.rows[-1]
    last["prev"] = "00" * 32
    log.heads[last["chain"]] = hashed(last)
    assert f"entry {last['seq']} of {last['chain']} does not follow" in wrong(log, tmp_path)


def test_a_gap_where_nothing_is_sealed_yet_is_named(log, tmp_path):
    last = log.rows[-1]
    last["seq"] += 1
    log.heads[last["chain"]] = hashed(last)
    said = wrong(log, tmp_path)
    assert f"entry {last['seq'] - 1} of {last['chain']} is missing" in said


def test_several_missing_at_an_unsealed_end_are_named_from_the_first(log, tmp_path):
    chain = log.rows[-1]["chain"]
    head = dict(log.heads[chain])
    head["seq"] += 3
    log.heads[chain] = head
    first = log.rows[-1]["seq"] + 1
    assert f"entry {first} of {chain} is missing: the case has {head['seq']}" in wrong(
        log, tmp_path
    )


def test_a_checkpoint_of_another_log_proves_nothing(log, tmp_path):
    other = note_of(log.sizes[0], root_of(log.leaves()[: log.sizes[0]]))
    # The same key, another name: signed for it, so only the name tells them apart.
    renamed = _note_for("chepai-test-jinan/ledger", log)
    assert opened(renamed, KEYS).origin != ORIGIN
    assert "is of another log" in wrong(log, tmp_path / "a", renamed)
    log.notes[log.sizes[1]] = _note_for("chepai-test-jinan/ledger", log, log.sizes[1])
    assert "is of another log" in wrong(log, tmp_path / "b", other)


def _note_for(origin: str, log: Log, size: int = 0) -> str:
    import hashlib
    from base64 import b64encode

    from tests.unit.verifier.making import public_of

    of = size or log.sizes[0]
    root = root_of(log.leaves()[:of])
    text = f"{origin}\n{of}\n{b64encode(root).decode()}\nalg sha-256\n"
    named = hashlib.sha256(origin.encode() + b"\n\x01" + public_of(OFFICE)).digest()[:4]
    signature = b64encode(named + OFFICE.sign(text.encode())).decode()
    return f"{text}\n\u2014 {origin} {signature}\n"


def test_growth_is_of_one_log(log, tmp_path):
    proof = {
        "format": "chepai-proof/1",
        "checkpoint": log.notes[log.sizes[-1]],
        "from": _note_for("chepai-test-jinan/ledger", log, log.sizes[1]),
        "path": [each.hex() for each in growth_of(log.sizes[1], log.leaves())],
    }
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(proof))
    with pytest.raises(Tampered, match="are two logs"):
        bundle.check_proof(file, KEYS)


@pytest.mark.parametrize(("old", "new", "steps"), [(0, 4, 2), (5, 4, 2), (3, 4, 0), (4, 8, 9)])
def test_a_misshapen_proof_of_growth_is_none(old, new, steps):
    with pytest.raises(Tampered):
        roots_of_consistency(SHA256, old, new, bytes(32), [bytes(32)] * steps)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("batches/x-y.jsonl", ""),
        ("batches/000000000000-000000000000.jsonl", "nonsense\n"),
        ("entries.jsonl", '{"entry":{}}\n'),
        ("export.json", "{}"),
        ("keys.json", '{"log": [{"alg": "ed25519"}]}'),
        ("checkpoints/000000000001", "nonsense"),
    ],
)
def test_what_cannot_be_read_is_unusable_and_not_called_tampered(log, tmp_path, name, text):
    log.sizes.insert(0, 1)
    log.sign()
    log.write(tmp_path)
    (tmp_path / name).write_text(text)
    with pytest.raises(Unusable):
        checked.check(tmp_path)


@pytest.mark.parametrize("name", ["entries.jsonl", "heads.jsonl", "export.json", "keys.json"])
def test_an_export_with_a_part_missing_is_unusable(log, tmp_path, name):
    log.write(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(Unusable):
        checked.check(tmp_path)


def test_an_entry_that_names_another_signer_is_named(kept: Kept):
    entry = json.loads(kept.lines[0])["entry"]
    entry["evidence"][0]["kid"] = "k2"
    kept.lines = [line_of(hashed(entry))]
    kept.write()
    with pytest.raises(Tampered, match=r"entry 1 of app_5+ .* names another signer"):
        evidence.check(kept.folder)


def test_an_entry_that_rests_on_what_is_not_kept_is_named(kept: Kept):
    kept.lines = kept.lines[:1]
    kept.write()
    kept.file(2).unlink()
    with pytest.raises(Tampered, match=r"entry 1 of app_5+ .* rests on a message"):
        evidence.check(kept.folder)


def test_a_word_of_our_own_needs_no_message(kept: Kept):
    entry = json.loads(kept.lines[0])["entry"]
    entry["evidence"] = [{"subject": "application#1", "kind": "A03", "digest": "00" * 32}]
    kept.lines = [line_of(hashed(entry))]
    kept.write()
    evidence.check(kept.folder)


@pytest.mark.parametrize("keys", [{}, {"partners": []}, []])
def test_messages_cannot_be_checked_without_partners_keys(kept: Kept, keys):
    (kept.folder / "keys.json").write_text(json.dumps(keys))
    with pytest.raises(Unusable):
        evidence.check(kept.folder)


def test_a_message_kept_without_its_key_is_unusable(kept: Kept):
    file = kept.file(1)
    file.write_bytes(file.read_bytes().replace(b"chepai-kid: k1\r\n", b""))
    with pytest.raises(Unusable, match="without chepai-kid"):
        evidence.check(kept.folder)


def test_an_answer_is_shown_in_the_words_that_were_recorded(tmp_path):
    says = {"status": "PAID"}
    piece = {"subject": "vin#1", "kind": "F07", "version": 1, "digest": "aa" * 32, "kid": "k",
             "partner": "tax", "shown": SHA256(canonical(says)).hex()}  # fmt: skip
    entry = hashed(
        make(seed=4).rows[0] | {"chain": "app_" + "6" * 26, "seq": 1, "prev": "",
                                "evidence": [piece]}
    )  # fmt: skip
    told_of = {
        "format": "chepai-bundle/1", "application_id": entry["chain"], "entries": [entry],
        "facts": [piece | {"says": says}], "decision": {"seq": 1, "to": entry["to"]},
        "rules": [], "checkpoint": "", "proofs": [], "not_sealed": [1], "keys": [key_of(OFFICE)],
    }  # fmt: skip
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(told_of))
    assert "1 answer of agencies; 1 is not sealed yet" in bundle.check(file)
    told_of["facts"] = [piece | {"says": {"status": "UNPAID"}}]
    file.write_text(json.dumps(told_of))
    with pytest.raises(Tampered, match="its words are not those"):
        bundle.check(file)
    with pytest.raises(Tampered, match=r"bundle\.json"):
        bundle.check(tmp_path)


@pytest.mark.parametrize("at", ["", "zzz", "9999-01-01T00:00:00.000Z", None, 7])
def test_an_entry_whose_time_is_none_is_named(log, tmp_path, at):
    row = next(each for each in log.rows if each["seq"] > 1)
    row["at"] = at
    named = f"entry {row['seq']} of {row['chain']}"
    assert named in wrong(log, tmp_path / "changed")
    del row["at"]
    hashed(row)
    assert named in wrong(log, tmp_path / "gone")


def test_input_torn_in_a_way_nobody_foresaw_is_unusable(log, tmp_path, capsys):
    log.write(tmp_path)
    (tmp_path / "heads.jsonl").write_text('{"chain": 7}')
    assert program.main(["log", str(tmp_path)]) == 2
    assert "UNUSABLE" in capsys.readouterr().out


def test_a_last_entry_that_is_not_the_cases_own_is_named(log, tmp_path):
    last = log.rows[-1]
    last["to"] = {"status": "COMPLETED"}
    hashed(last)
    assert f"entry {last['seq']} of {last['chain']} is not the last one" in wrong(log, tmp_path)


def test_what_was_held_against_a_kept_checkpoint_is_not_hashed_again(log, tmp_path):
    size = log.sizes[2]
    kept_note = log.notes[size]
    before, after = log.rows[size - 1], log.rows[size]
    before["act"] = "approved"
    log.write(tmp_path)
    checked.check(tmp_path, KEYS, kept_note)
    after["act"] = "approved"
    assert f"entry {after['seq']} of {after['chain']}" in wrong(log, tmp_path, kept_note)


def test_a_checkpoint_lies_under_its_own_size(log, tmp_path):
    log.write(tmp_path)
    first = min((tmp_path / "checkpoints").iterdir())
    first.rename(first.with_name(f"{log.sizes[0] + 1:012d}"))
    assert f"says that the log had {log.sizes[0]} leaves" in told(tmp_path)


def test_a_chain_of_entries_is_held_to_its_hashes_before_anything_is_sealed():
    mine = make(entries=40, chains=2, seed=6).chain("app_" + "0" * 26)
    must_be_a_chain(mine)
    must_be_a_chain([*mine[:-1], mine[-1] | {"act": "approved", "withheld": "investigation"}])
    with pytest.raises(Tampered, match="was changed"):
        must_be_a_chain([*mine[:-1], mine[-1] | {"act": "approved"}])
