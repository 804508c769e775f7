"""Write what proves a city's ledger into a folder, for `python -m verifier` to check offline.

    python -m infra.export_ledger DIR [--aws] [--url https://city.example]

The folder gets the sealed log (checkpoints, batches), every entry of the ledger and every fact as
they stand in their tables, partners' messages as they came, public keys, the bundle of every
closed application and, from the public routes of --url (by default of the city of `make run`), the
deals of closed segments. What partners sent is personal data: the folder is for its owner's eyes.

Without --aws it reads the city that `make run` keeps; with it the account of your AWS profile
(STAGE and CITY as for `make deploy`).
"""

import argparse
import json
import os
import shutil
import sys
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import rfc8785
from boto3.dynamodb.types import TypeDeserializer

from chepai.domain.ledger import canonical, whole
from chepai.domain.life_cycle import Status
from chepai.edge.bundling import Bundling
from chepai.records import aws
from chepai.records.applications import stamp
from infra.place import Place
from infra.reaching import NoCity, add_place, reached
from tools import fetch_deals

Clients = Callable[[str], Any]
FORM = "chepai-export/1"
CLOSED = frozenset(
    {Status.CLOSED, Status.WITHDRAWN, Status.REJECTED, Status.NOT_ACCEPTED, Status.EXPIRED}
)
_deserialise = TypeDeserializer().deserialize


@dataclass(frozen=True)
class Export:
    """One city read into one folder; the order of reading makes what is read later a superset.

    `local`: the city is one of this machine, and not of the account of an AWS profile.
    """

    place: Place
    client: Clients
    folder: Path
    local: bool = True
    say: Callable[[str], None] = print

    def write(self, url: str = "") -> None:
        """Write everything anew."""
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, mode=0o700)
        about = {"format": FORM, "stage": self.place.stage, "city": self.place.city}
        self._json("export.json", about | {"made_at": stamp(datetime.now(UTC))})
        applications = [row for row in self._rows("applications") if "chain_head" in row]
        heads = [
            {"chain": row["application_id"], "seq": row["version"], "hash": row["chain_head"]}
            for row in applications
        ]
        self._lines("heads.jsonl", map(rfc8785.dumps, heads))
        self._json("keys.json", {"log": self._log_keys(), "partners": self._partners_keys()})
        sealed = self._objects("seals", "checkpoints/") + self._objects("seals", "batches/")
        entries = self._lines("entries.jsonl", self._entries())
        messages = self._objects("archive", "messages/")
        self.say(f"{entries} entries, {sealed} sealed objects, {messages} messages of partners")
        closed = [row["application_id"] for row in applications if row["status"] in CLOSED]
        self.say(f"{self._bundles(sorted(closed))} bundles of closed applications")
        if url:
            self.say(f"{self._draws(url)} closed segments of numbers")

    def _entries(self) -> Iterator[bytes]:
        for row in self._rows("ledger"):
            yield line_of(whole(row))
        for row in self._rows("facts"):
            yield line_of(row)

    def _rows(self, table: str) -> Iterator[dict[str, Any]]:
        pages = (
            self.client("dynamodb")
            .get_paginator("scan")
            .paginate(TableName=self.place.name(table), ConsistentRead=True)
        )
        for page in pages:
            for item in page["Items"]:
                yield {name: _exact(_deserialise(value)) for name, value in item.items()}

    def _objects(self, bucket: str, prefix: str) -> int:
        s3, name = self.client("s3"), self._bucket(bucket)
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=name, Prefix=prefix)
        (self.folder / prefix).mkdir(exist_ok=True)
        count = 0
        for page in pages:
            for each in page.get("Contents", ()):
                file = self.folder / each["Key"]
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(s3.get_object(Bucket=name, Key=each["Key"])["Body"].read())
                count += 1
        return count

    def _bucket(self, thing: str) -> str:
        # A bucket's name ends with what is known to nobody but the account itself.
        names = [str(each["Name"]) for each in self.client("s3").list_buckets()["Buckets"]]
        return next(name for name in names if name.startswith(f"{self.place.name(thing)}-"))

    def _log_keys(self) -> list[dict[str, str]]:
        """The key that signs now, as the key service has it, and those that signed before."""
        found = self.client("ssm").get_parameter(Name=self.place.parameter("key/ledger"))
        told = self.client("kms").get_public_key(KeyId=found["Parameter"]["Value"])
        raw = bytes(told["PublicKey"])[-32:]
        keys = {
            sha256(raw).hexdigest()[:16]: {
                "kid": sha256(raw).hexdigest()[:16],
                "alg": "ed25519",
                "public": b64encode(raw).decode(),
            }
        }
        for row in self._rows("seals"):
            if row["place"] == "log#head":
                keys |= {key["kid"]: key for key in row.get("keys", ())}
        return list(keys.values())

    def _partners_keys(self) -> dict[str, list[dict[str, Any]]]:
        keys: dict[str, list[dict[str, Any]]] = {}
        for row in self._rows("partners"):
            if str(row["partner_id"]).startswith("key#"):
                told = {name: value for name, value in row.items() if name != "partner_id"}
                keys.setdefault(row["partner"], []).append(told)
        return keys

    def _bundles(self, application_ids: Iterable[str]) -> int:
        """The very bundles that their owners get."""
        (self.folder / "bundles").mkdir()
        count = 0
        with settled(self.place, self.client, local=self.local):
            bundling = Bundling.from_env()
            for each in application_ids:
                bundle = bundling.of(bundling.applications.read(each))
                text = bundle.model_dump_json(exclude_none=True)
                (self.folder / "bundles" / f"{each}.json").write_text(text, "utf-8")
                count += 1
        return count

    def _draws(self, url: str) -> int:
        every = fetch_deals.get(url, "/v1/number-segments")["segments"]
        closed = [each["segment_id"] for each in every if each.get("secret")]
        for each in closed:
            fetch_deals.main([each, str(self.folder / "draws" / each), url])
        return len(closed)

    def _json(self, name: str, words: Mapping[str, Any]) -> None:
        (self.folder / name).write_text(json.dumps(words, ensure_ascii=False, indent=1), "utf-8")

    def _lines(self, name: str, lines: Iterable[bytes]) -> int:
        count = 0
        with (self.folder / name).open("wb") as file:
            for each in lines:
                file.write(each + b"\n")
                count += 1
        return count


def line_of(row: Mapping[str, Any]) -> bytes:
    """An entry as a line: its hash as stored, then the bytes that should have that hash."""
    stored = str(row.get("hash", "")).encode("ascii", "replace")[:64].ljust(64, b"?")
    try:
        data = canonical(row)
    except (rfc8785.CanonicalizationError, ValueError):
        # Somebody wrote what we never would: the checker names it.
        body = {name: value for name, value in row.items() if name != "hash"}
        data = json.dumps(body, sort_keys=True, separators=(",", ":"), default=str).encode()
    return b'{"hash":"' + stored.replace(b'"', b"?") + b'","entry":' + data + b"}"


def _exact(value: Any) -> Any:
    """As it is in the table: a number that is not whole must not become one on the way."""
    if isinstance(value, list):
        return [_exact(each) for each in value]
    if isinstance(value, dict):
        return {name: _exact(each) for name, each in value.items()}
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else str(value)
    if isinstance(value, bool | str) or value is None:
        return value
    return bytes(value.value) if hasattr(value, "value") else str(value)


@contextmanager
def settled(place: Place, client: Clients, *, local: bool) -> Iterator[None]:
    """In here our own modules find this city's tables, as its functions do."""
    made = client("dynamodb")
    settings = {"AWS_DEFAULT_REGION": made.meta.region_name}
    for table in ("applications", "ledger", "facts", "seals"):
        settings[f"{table.upper()}_TABLE"] = place.name(table)
    if local:
        from infra.local.emulator_process import ACCOUNT

        settings["AWS_ENDPOINT_URL"] = made.meta.endpoint_url
        settings["AWS_ACCESS_KEY_ID"] = ACCOUNT
        settings["AWS_SECRET_ACCESS_KEY"] = "local"  # noqa: S105 - it takes any
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    _forget_clients()
    try:
        yield
    finally:
        _forget_clients()
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def _forget_clients() -> None:
    aws.client.cache_clear()
    aws.session.cache_clear()


def live_url(said: argparse.Namespace) -> str:
    """Where the public routes answer; "" when nobody said and no city runs here."""
    from infra.local.city import STATE, live_city

    if said.url or said.aws:
        return str(said.url or "")
    live = live_city(said.state or STATE)
    return str(live["url"]) if live else ""


def main(arguments: list[str] | None = None) -> int:
    """0 when the folder is written, 2 when there is no city to read."""
    parser = argparse.ArgumentParser(prog="python -m infra.export_ledger", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--url", help="the address of the city's public routes")
    add_place(parser)
    said = parser.parse_args(arguments)
    try:
        place, client = reached(said)
    except NoCity as why:
        print(why)
        return 2
    Export(place, client, said.folder, local=not said.aws).write(live_url(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
