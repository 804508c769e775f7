"""Proofs and bundles: the right ones hold, at every size, and no altered one does."""

import json
import random
from base64 import b64decode
from copy import deepcopy
from typing import Any

import pytest

from tests.unit.verifier.making import (
    INTRUDER,
    OFFICE,
    growth_of,
    key_of,
    leaf_of,
    make,
    note_of,
    path_of,
    root_of,
)
from verifier import __main__ as program
from verifier.checkpoint import keys_in, opened
from verifier.merkle import Growing, leaf, root_of_inclusion, roots_of_consistency
from verifier.words import Tampered, Unusable, digest_of

SHA256 = digest_of("sha-256")
LEAVES = [leaf(SHA256, bytes([n])) for n in range(40)]
KEYS = keys_in([key_of(OFFICE)])


def test_the_root_and_every_path_are_those_of_the_definition():
    growing = Growing(SHA256)
    for size in range(len(LEAVES) + 1):
        assert growing.root() == root_of(LEAVES[:size])
        for index in range(size):
            path = path_of(index, LEAVES[:size])
            assert root_of_inclusion(SHA256, LEAVES[index], index, size, path) == growing.root()
        for old in range(1, size + 1):
            path = growth_of(old, LEAVES[:size])
            roots = roots_of_consistency(SHA256, old, size, root_of(LEAVES[:old]), path)
            assert roots == (root_of(LEAVES[:old]), growing.root())
        if size < len(LEAVES):
            growing.add(LEAVES[size])


def test_the_known_roots_of_the_certificate_transparency_vectors():
    # The eight leaves of the reference tests of RFC 6962's log, and the roots of 1, 2, 3 and 8.
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
              "606162636465666768696a6b6c6d6e6f"]  # fmt: skip
    roots = {
        0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    growing = Growing(SHA256)
    for size in range(9):
        if size in roots:
            assert growing.root().hex() == roots[size]
        if size < 8:
            growing.add(leaf(SHA256, bytes.fromhex(inputs[size])))


def test_no_altered_proof_holds():
    rnd = random.Random(7)
    for _ in range(3_000):
        size = rnd.randint(2, len(LEAVES))
        index = rnd.randrange(size)
        path = path_of(index, LEAVES[:size])
        hashed, at, of = LEAVES[index], index, size
        match rnd.randrange(5):
            case 0:
                nth = rnd.randrange(len(path))
                path[nth] = rnd.randbytes(32)
            case 1:
                path.insert(rnd.randrange(len(path) + 1), rnd.randbytes(32))
            case 2:
                path.pop(rnd.randrange(len(path)))
            case 3:
                at = rnd.choice([n for n in range(-1, size + 2) if n != index])
            case _:
                hashed = rnd.randbytes(32)
        try:
            assert root_of_inclusion(SHA256, hashed, at, of, path) != root_of(LEAVES[:size])
        except Tampered:
            continue


def test_no_altered_growth_holds():
    rnd = random.Random(8)
    for _ in range(3_000):
        size = rnd.randint(2, len(LEAVES))
        old = rnd.randint(1, size - 1)
        path = growth_of(old, LEAVES[:size])
        was, of = root_of(LEAVES[:old]), old
        match rnd.randrange(4):
            case 0:
                path[rnd.randrange(len(path))] = rnd.randbytes(32)
            case 1:
                path.insert(rnd.randrange(len(path) + 1), rnd.randbytes(32))
            case 2:
                path.pop(rnd.randrange(len(path)))
            case _:
                was = rnd.randbytes(32)
        try:
            roots = roots_of_consistency(SHA256, of, size, was, path)
        except Tampered:
            continue
        assert roots != (was, root_of(LEAVES[:size]))


@pytest.mark.parametrize(
    ("note", "what"),
    [
        ("", Unusable),
        ("a\nb\nc\n\n", Unusable),
        (note_of(1, LEAVES[0], INTRUDER), Tampered),
        (note_of(1, LEAVES[0]).replace("\n1\n", "\n2\n"), Tampered),
        (note_of(1, LEAVES[0]).replace("alg sha-256", "alg sm9"), Tampered),
        (note_of(1, LEAVES[0]).replace("\u2014 ", "- "), Tampered),
    ],
)
def test_a_checkpoint_is_signed_by_a_trusted_key_or_is_none(note, what):
    with pytest.raises(what):
        opened(note, KEYS)
    assert opened(note_of(1, LEAVES[0]), KEYS).root == LEAVES[0]


@pytest.fixture(scope="module")
def handed_out():
    """A bundle as a citizen gets it."""
    log = make(entries=80, chains=4, seed=3, unsealed=8)
    name = max(log.heads, key=lambda each: log.chain(each)[-1]["at"])
    size, leaves = log.sizes[-1], log.leaves()
    mine = log.chain(name)
    says = {"status": "PAID", "taxpayer_masked": "370***********0019"}
    facts = []
    proofs = []
    places = {(each["chain"], each["seq"]): at for at, each in enumerate(log.sealed)}
    for entry in mine:
        at = places.get((name, entry["seq"]))
        if at is not None:
            path = [each.hex() for each in path_of(at, leaves)]
            proofs.append({"chain": name, "seq": entry["seq"], "index": at, "path": path})
        facts += [each | {"says": says} for each in entry["evidence"]]
    last = mine[-1]
    return {
        "format": "chepai-bundle/1",
        "application_id": name,
        "city": "qingdao",
        "made_at": last["at"],
        "entries": mine,
        "facts": facts,
        "decision": {"seq": last["seq"], "act": last["act"], "at": last["at"], "to": last["to"]},
        "rules": ["qingdao@1"],
        "checkpoint": log.notes[size],
        "proofs": proofs,
        "not_sealed": [each["seq"] for each in mine if (name, each["seq"]) not in places],
        "keys": [key_of(OFFICE)],
    }


def run(capsys, command, told, folder, *more):
    file = folder / "input.json"
    file.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    status = program.main([command, str(file), *map(str, more)])
    return status, capsys.readouterr().out


def test_a_bundle_holds_and_says_what_is_not_sealed_yet(handed_out, tmp_path, capsys):
    assert handed_out["not_sealed"]
    status, said = run(capsys, "bundle", handed_out, tmp_path)
    assert status == 0, said
    assert "not sealed yet" in said
    assert "compare them with printed ones" in said


def _changed(told, rnd):
    one = rnd.choice(told["entries"])
    one["to"]["status"] = "REJECTED"
    return f"entry {one['seq']} of"


def _deleted(told, rnd):
    one = told["entries"].pop(rnd.randrange(len(told["entries"]) - 1))
    return f"entry {one['seq']} of"


def _foreign(told, rnd):
    told["application_id"] = "app_" + "7" * 26
    return "not all, those of"


def _proof_bent(told, rnd):
    one = rnd.choice(told["proofs"])
    one["path"][rnd.randrange(len(one["path"]))] = rnd.randbytes(32).hex()
    return f"entry {one['seq']} of"


def _proof_left_out(told, rnd):
    one = told["proofs"].pop(rnd.randrange(len(told["proofs"])))
    return f"entry {one['seq']} of"


def _decided_otherwise(told, rnd):
    told["decision"]["to"] = told["decision"]["to"] | {"status": "COMPLETED"}
    return "the decision says"


def _answer_added(told, rnd):
    one = deepcopy(rnd.choice(told["facts"]))
    one["digest"] = rnd.randbytes(32).hex()
    told["facts"].append(one)
    return "no entry rests on it"


def _answer_of_another(told, rnd):
    rnd.choice(told["facts"])["partner"] = "somebody"
    return "another partner"


def _another_rule(told, rnd):
    told["rules"] = ["qingdao@2"]
    return "no entry was made by the rule"


def _signed_by_another(told, rnd):
    note = told["checkpoint"].split("\n")
    told["checkpoint"] = note_of(int(note[1]), b64decode(note[2]), INTRUDER)
    return "signed by none"


@pytest.mark.parametrize(
    "tamper",
    [_changed, _deleted, _foreign, _proof_bent, _proof_left_out, _decided_otherwise,
     _answer_added, _answer_of_another, _another_rule, _signed_by_another],
)  # fmt: skip
def test_a_bundle_tampered_with_is_not_believed(handed_out, tamper, tmp_path, capsys):
    for place in range(20):
        told = deepcopy(handed_out)
        named = tamper(told, random.Random(place))
        status, said = run(capsys, "bundle", told, tmp_path)
        assert (status, named in said) == (1, True), (said, named)


@pytest.mark.parametrize("left_out", ["entries", "facts", "decision", "checkpoint", "proofs"])
def test_a_bundle_with_a_part_missing_is_unusable(handed_out, left_out, tmp_path, capsys):
    told = {name: value for name, value in handed_out.items() if name != left_out}
    assert run(capsys, "bundle", told, tmp_path)[0] == 2


@pytest.mark.parametrize("told", [{}, [], 7, {"format": "chepai-bundle/1"}])
def test_what_is_no_bundle_is_unusable(told, tmp_path, capsys):
    assert run(capsys, "bundle", told, tmp_path)[0] == 2
    assert program.main(["bundle", str(tmp_path / "nothing")]) == 2


def test_single_proofs_are_checked_with_a_trusted_key(tmp_path, capsys):
    log = make(seed=5)
    leaves = log.leaves()
    trusted = tmp_path / "trusted.json"
    trusted.write_text(json.dumps({"log": [key_of(OFFICE)]}))
    old, new = log.sizes[2], log.sizes[-1]
    entry, at = log.sealed[9], 9
    included: dict[str, Any] = {
        "format": "chepai-proof/1", "checkpoint": log.notes[new], "entry": entry, "index": at,
        "path": [each.hex() for each in path_of(at, leaves)],
    }  # fmt: skip
    grown: dict[str, Any] = {
        "format": "chepai-proof/1", "checkpoint": log.notes[new], "from": log.notes[old],
        "path": [each.hex() for each in growth_of(old, leaves)],
    }  # fmt: skip
    for told, words in ((included, "is leaf 9"), (grown, "nothing was taken away")):
        status, said = run(capsys, "proof", told, tmp_path, "--keys", trusted)
        assert (status, words in said) == (0, True), said
        bent = told | {"path": [*told["path"][:-1], "00" * 32]}
        assert run(capsys, "proof", bent, tmp_path, "--keys", trusted)[0] == 1
    other = included | {"entry": entry | {"act": "signed"}}
    assert run(capsys, "proof", other, tmp_path, "--keys", trusted)[0] == 1
    assert leaf_of(entry) == leaves[9]
