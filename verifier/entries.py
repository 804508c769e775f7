"""Entries of the ledger: their own hash, and how each is chained to the one before."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import rfc8785

from verifier.words import Tampered, Unusable, digest_of


def place_of(entry: Mapping[str, Any]) -> tuple[str, int]:
    """Chain and place of an entry; a version of a fact is one, in the chain of its subject."""
    if "version_key" in entry:
        kind, _, version = str(entry["version_key"]).partition("#")
        return f"fact#{entry['subject']}|{kind}", int(version)
    return str(entry["chain"]), int(entry["seq"])


def name_of(entry: Mapping[str, Any]) -> str:
    """An entry in words."""
    chain, seq = place_of(entry)
    said = f"entry {seq} of {chain}"
    return f"{said} ({entry['act']}, {entry.get('at')})" if "act" in entry else said


def canonical(entry: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed: RFC 8785, without the entry's own hash. Raises Unusable."""
    try:
        return rfc8785.dumps({key: value for key, value in entry.items() if key != "hash"})
    except rfc8785.CanonicalizationError as trouble:
        raise Unusable(f"something has no canonical form: {trouble}") from None


def hash_of(entry: Mapping[str, Any], data: bytes) -> str:
    """The hash that an entry should carry, by the digest it names."""
    return digest_of(str(entry.get("alg", "sha-256")))(data).hex()


def must_be_a_chain(entries: Iterable[Mapping[str, Any]]) -> None:
    """Raise Tampered at the first entry of one chain that does not follow the one before."""
    seq, prev = 0, ""
    for entry in entries:
        if entry["seq"] != seq + 1:
            raise Tampered(f"entry {seq + 1} of {entry['chain']} is missing")
        if entry["prev"] != prev:
            raise Tampered(f"{name_of(entry)} does not follow the entry before it")
        if "withheld" not in entry and hash_of(entry, canonical(entry)) != entry["hash"]:
            raise Tampered(f"{name_of(entry)} was changed: its hash is another")
        seq, prev = entry["seq"], entry["hash"]


# A line of entries.jsonl: the hash as stored, then the canonical bytes of the rest.
_BEFORE, _BETWEEN, _HEX = b'{"hash":"', b'","entry":', 64
_START = len(_BEFORE) + _HEX + len(_BETWEEN)


def of_line(line: bytes, place: int) -> tuple[str, bytes, dict[str, Any]]:
    """Hash, canonical bytes and content of one exported entry. Raises Unusable."""
    if not line.startswith(_BEFORE) or line[len(_BEFORE) + _HEX : _START] != _BETWEEN:
        raise Unusable(f"line {place} of entries.jsonl is no entry")
    data = line[_START:-1]
    try:
        return line[len(_BEFORE) : len(_BEFORE) + _HEX].decode(), data, json.loads(data)
    except ValueError:
        raise Unusable(f"line {place} of entries.jsonl is no JSON") from None
