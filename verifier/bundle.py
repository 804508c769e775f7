"""What one citizen was handed: entries, partners' answers, decision, and their proofs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from verifier import entries as lines
from verifier.checkpoint import Checkpoint, Key, keys_in, opened
from verifier.merkle import leaf, root_of_inclusion, roots_of_consistency
from verifier.words import Tampered, Unusable, counted, digest_of, read_json

FORM = "chepai-bundle/1"
PROOF = "chepai-proof/1"


def check(place: Path, keys: list[Key] | None = None) -> str:
    """A sentence about a bundle that holds, or about all bundles of a folder.

    Raises Tampered with the first bad entry, Unusable.
    """
    if not place.is_dir():
        return _read(place, keys)
    files = sorted(place.glob("*.json"))
    for file in files:
        try:
            _read(file, keys)
        except Tampered as found:
            raise Tampered(f"{file.name}: {found}") from None
    return f"{counted(len(files), 'bundle')}, every one holds"


def _read(file: Path, keys: list[Key] | None) -> str:
    told = read_json(file, FORM)
    try:
        return _check(told, keys or keys_in(told["keys"]))
    except (KeyError, TypeError, AttributeError, ValueError) as trouble:
        raise Unusable(f"{file.name} lacks or misspells {trouble}") from None


def _check(told: Mapping[str, Any], keys: list[Key]) -> str:
    mine = told["entries"]
    if not mine or any(each["chain"] != told["application_id"] for each in mine):
        raise Tampered(f"the entries are not, or not all, those of {told['application_id']}")
    lines.must_be_a_chain(mine)
    sealed = 0
    if told["checkpoint"]:
        checkpoint = opened(told["checkpoint"], keys)
        proofs = {(each["chain"], each["seq"]): each for each in told["proofs"]}
        for entry in mine:
            proof = proofs.get((entry["chain"], entry["seq"]))
            if proof is not None:
                _must_lead_to(checkpoint, entry, proof)
                sealed += 1
            elif entry["seq"] not in told["not_sealed"]:
                raise Tampered(f"{lines.name_of(entry)} has no proof, and is not said to wait")
    facts = _answers(mine, told["facts"])
    _must_be_in_the_entries(mine, told)
    held = sum("withheld" in entry for entry in mine)
    closed = f"; {counted(held, 'is', 'are')} withheld and proven by hash alone" if held else ""
    waits = f"; {counted(len(mine) - sealed, 'is', 'are')} not sealed yet"
    return (
        f"{counted(len(mine), 'entry', 'entries')} of {told['application_id']}, {sealed} proven "
        f"to be in the log, {counted(facts, 'answer')} of agencies"
        f"{waits if sealed < len(mine) else ''}{closed}"
    )


def _must_lead_to(
    checkpoint: Checkpoint, entry: Mapping[str, Any], proof: Mapping[str, Any]
) -> None:
    if "withheld" in entry:
        hashed = bytes.fromhex(entry["leaf"])
    else:
        hashed = leaf(checkpoint.digest, lines.canonical(entry))
    path = [bytes.fromhex(each) for each in proof["path"]]
    root = root_of_inclusion(checkpoint.digest, hashed, proof["index"], checkpoint.size, path)
    if root != checkpoint.root:
        raise Tampered(f"{lines.name_of(entry)} is not in the log of {checkpoint.size} leaves")


def _answers(mine: list[dict[str, Any]], facts: list[dict[str, Any]]) -> int:
    """Each answer of an agency must be one that an entry rests on, shown as it was recorded."""
    rested = {
        (each["digest"], each["kind"]): (each, entry)
        for entry in mine
        for each in entry.get("evidence", ())
        if isinstance(each, dict) and "kind" in each
    }
    for fact in facts:
        named = f"the answer {fact['kind']} of {fact['partner']}"
        if (fact["digest"], fact["kind"]) not in rested:
            raise Tampered(f"{named}: no entry rests on it")
        each, entry = rested[fact["digest"], fact["kind"]]
        for name in ("subject", "version", "partner", "kid"):
            if name in each and each[name] != fact[name]:
                raise Tampered(f"{named}: {lines.name_of(entry)} has another {name}")
        shown = digest_of("sha-256")(lines.canonical(fact["says"])).hex()
        if each.get("shown", shown) != shown:
            raise Tampered(f"{named}: its words are not those that {lines.name_of(entry)} has")
    return len(facts)


def _must_be_in_the_entries(mine: list[dict[str, Any]], told: Mapping[str, Any]) -> None:
    decision = told["decision"]
    if decision:
        entry = mine[decision["seq"] - 1]
        for name, value in decision["to"].items():
            if entry["to"].get(name) != value:
                raise Tampered(f"the decision says {name} {value}, {lines.name_of(entry)} does not")
    rules = {entry["rule"] for entry in mine if entry.get("rule")}
    for rule in told["rules"]:
        if rule not in rules:
            raise Tampered(f"no entry was made by the rule {rule}")


def check_proof(file: Path, keys: list[Key]) -> str:
    """A sentence about one proof: that an entry is in the log, or that one log grew to another."""
    told = read_json(file, PROOF)
    try:
        new = opened(told["checkpoint"], keys)
        path = [bytes.fromhex(each) for each in told["path"]]
        if "entry" in told:
            _must_lead_to(new, told["entry"], told)
            name = lines.name_of(told["entry"])
            return f"{name} is leaf {told['index']} of {new.size}"
        old = opened(told["from"], keys, "the older checkpoint")
    except (KeyError, TypeError, ValueError) as trouble:
        raise Unusable(f"{file.name} lacks or misspells {trouble}") from None
    if old.origin != new.origin:
        raise Tampered(f"{old.origin} and {new.origin} are two logs")
    was, now = roots_of_consistency(new.digest, old.size, new.size, old.root, path)
    if (was, now) != (old.root, new.root):
        raise Tampered(f"the log of {new.size} leaves did not grow from that of {old.size}")
    return f"the log of {new.size} leaves grew from that of {old.size}: nothing was taken away"
