"""Whole logs made up for tests, by means that owe nothing to the program that checks them."""

import hashlib
import json
import random
from base64 import b64encode
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN = "chepai-test-qingdao/ledger"
BEGAN = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
OFFICE = Ed25519PrivateKey.from_private_bytes(b"\x11" * 32)
INTRUDER = Ed25519PrivateKey.from_private_bytes(b"\x22" * 32)

Entry = dict[str, Any]


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def data_of(entry: Entry) -> bytes:
    return bytes(rfc8785.dumps({name: value for name, value in entry.items() if name != "hash"}))


def hashed(entry: Entry) -> Entry:
    entry["hash"] = hashlib.sha256(data_of(entry)).hexdigest()
    return entry


def leaf_of(entry: Entry) -> bytes:
    return hashlib.sha256(b"\x00" + data_of(entry)).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root as RFC 9162 §2.1.1 defines it, by recursion."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


def path_of(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The inclusion path as §2.1.3.1 defines it."""
    if len(leaves) == 1:
        return []
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    if index < half:
        return [*path_of(index, leaves[:half]), root_of(leaves[half:])]
    return [*path_of(index - half, leaves[half:]), root_of(leaves[:half])]


def growth_of(old: int, leaves: Sequence[bytes], *, whole: bool = True) -> list[bytes]:
    """The consistency path as §2.1.4.1 defines it."""
    if old == len(leaves):
        return [] if whole else [root_of(leaves)]
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    if old <= half:
        return [*growth_of(old, leaves[:half], whole=whole), root_of(leaves[half:])]
    return [*growth_of(old - half, leaves[half:], whole=False), root_of(leaves[:half])]


def public_of(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def note_of(size: int, root: bytes, key: Ed25519PrivateKey = OFFICE) -> str:
    text = f"{ORIGIN}\n{size}\n{b64encode(root).decode()}\nalg sha-256\n"
    named = hashlib.sha256(ORIGIN.encode() + b"\n\x01" + public_of(key)).digest()[:4]
    signature = b64encode(named + key.sign(text.encode())).decode()
    return f"{text}\n\u2014 {ORIGIN} {signature}\n"


def key_of(key: Ed25519PrivateKey, kid: str = "log-1") -> dict[str, str]:
    return {"kid": kid, "alg": "ed25519", "public": b64encode(public_of(key)).decode()}


@dataclass
class Log:
    """An export in memory: what the ledger's table holds, and what was sealed of it.

    `sealed` are the entries behind the batches, in the log's order; `sizes` the checkpoints'.
    """

    rows: list[Entry]
    sealed: list[Entry]
    sizes: list[int]
    made_at: datetime
    signer: Ed25519PrivateKey = OFFICE
    notes: dict[int, str] = field(default_factory=dict)
    heads: dict[str, Entry] = field(default_factory=dict)
    keys: list[dict[str, str]] = field(default_factory=lambda: [key_of(OFFICE)])

    def copy(self) -> "Log":
        """Another one, to be tampered with; keys cannot be copied and need not be."""
        return Log(
            deepcopy(self.rows), deepcopy(self.sealed), list(self.sizes), self.made_at,
            self.signer, dict(self.notes), deepcopy(self.heads), deepcopy(self.keys),
        )  # fmt: skip

    def leaves(self) -> list[bytes]:
        return [leaf_of(each) for each in self.sealed]

    def sign(self, key: Ed25519PrivateKey | None = None) -> None:
        """Checkpoints at all sizes, over what is sealed now."""
        leaves = self.leaves()
        self.notes = {
            size: note_of(size, root_of(leaves[:size]), key or OFFICE) for size in self.sizes
        }

    def index_of(self, entry: Entry) -> int:
        places = [(each["chain"], each["seq"]) for each in self.sealed]
        return places.index((entry["chain"], entry["seq"]))

    def chain(self, name: str) -> list[Entry]:
        """The entries of a chain in the table, as they are there."""
        return sorted((e for e in self.rows if e["chain"] == name), key=lambda e: e["seq"])

    def write(self, folder: Path) -> Path:
        """The folder as `infra.export_ledger` writes it."""
        for name in ("checkpoints", "batches"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        about = {"format": "chepai-export/1", "made_at": stamp(self.made_at)}
        (folder / "export.json").write_text(json.dumps(about))
        (folder / "keys.json").write_text(json.dumps({"log": self.keys, "partners": {}}))
        for size, note in self.notes.items():
            (folder / "checkpoints" / f"{size:012d}").write_text(note, "utf-8")
        first = 0
        for size in self.sizes:
            lines = [
                json.dumps({"index": at, "chain": e["chain"], "seq": e["seq"],
                            "leaf": leaf_of(e).hex()})
                for at, e in enumerate(self.sealed[first:size], start=first)
            ]  # fmt: skip
            name = f"{first:012d}-{size - 1:012d}.jsonl"
            (folder / "batches" / name).write_text("".join(f"{each}\n" for each in lines))
            first = size
        with (folder / "entries.jsonl").open("wb") as file:
            for each in self.rows:
                file.write(line_of(each))
        heads = [
            {"chain": e["chain"], "seq": e["seq"], "hash": e["hash"]} for e in self.heads.values()
        ]
        (folder / "heads.jsonl").write_text("".join(f"{json.dumps(e)}\n" for e in heads))
        return folder


def line_of(entry: Entry) -> bytes:
    return b'{"hash":"' + str(entry["hash"]).encode() + b'","entry":' + data_of(entry) + b"}\n"


def make(
    entries: int = 120, chains: int = 12, *, seed: int = 0, unsealed: int = 6, evidence: int = 2
) -> Log:
    """A log of so many entries, spread over chains; the last ones are not sealed yet."""
    rnd = random.Random(seed)
    last: dict[str, Entry] = {}
    rows: list[Entry] = []
    names = [f"app_{n:026d}" for n in range(chains)]
    at = BEGAN
    for n in range(entries):
        at += timedelta(seconds=rnd.randint(20, 400) if n < entries - unsealed else 1)
        chain = names[n] if n < chains else rnd.choice(names)
        before = last.get(chain)
        entry = hashed(
            {
                "v": 2, "chain": chain, "seq": before["seq"] + 1 if before else 1,
                "prev": before["hash"] if before else "", "at": stamp(at),
                "actor": {"role": "system", "id": "weigh_findings"}, "act": "weighed",
                "from": {"status": "VERIFYING"}, "to": {"status": "AWAITING_OWNER", "n": n},
                "evidence": [proof_of(rnd, k) for k in range(rnd.randint(0, evidence))],
                "rule": "qingdao@1", "trace": "", "alg": "sha-256",
            }
        )  # fmt: skip
        last[chain] = entry
        rows.append(entry)
    cuts = sorted(rnd.sample(range(1, entries - unsealed), min(7, entries // 8)))
    sizes = [*cuts, entries - unsealed]
    log = Log(rows, deepcopy(rows[: entries - unsealed]), sizes, at + timedelta(seconds=5))
    log.heads = deepcopy(last)
    log.sign()
    return log


def proof_of(rnd: random.Random, kind: int) -> dict[str, Any]:
    return {
        "subject": f"vin#{rnd.randbytes(8).hex()}", "kind": f"F{kind:02d}", "version": 1,
        "digest": rnd.randbytes(32).hex(), "kid": "tax-1", "partner": "tax-qingdao",
    }  # fmt: skip
