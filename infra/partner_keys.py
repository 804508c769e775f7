"""The keys partners sign with: show, add, end, rotate and kill them, one at a time.

`list` shows every key a partner ever signed with. `add` enters a public key that the partner has
handed over; with `end` the old one stops counting after an overlap. `rotate` does both for a
simulated partner, whose half we hold. `kill` is for a key that somebody else may have: it is
refused everywhere within half a minute, and never accepted again. What was signed with it before
stays evidence; `list` shows when it was killed.

Without --aws it speaks to the city that `make run` keeps; with it to the account of your AWS
profile (STAGE and CITY as for `make deploy`).
"""

import argparse
import json
import sys
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chepai.edge.key_rings import KEPT_FOR
from chepai.edge.webhook_signature import ED25519_PUBLIC
from chepai.partners.directory import HOOKS
from chepai_sandbox.cast import PARTNERS
from infra.partners_registry import Ring, enter_keys, renew
from infra.place import Place
from infra.reaching import NoCity, add_place, reached

Clients = Callable[[str], Any]


class CannotBeDone(Exception):
    """The message says why, in words for whoever asked."""


@dataclass(frozen=True)
class Keys:
    """The keys of all partners of a place."""

    place: Place
    client: Clients

    def known(self, partner: str = "") -> list[dict[str, str]]:
        """Every key of a partner (of all), ended and killed ones included, the oldest first."""
        pages = (
            self.client("dynamodb")
            .get_paginator("scan")
            .paginate(
                TableName=self.place.name("partners"),
                FilterExpression="begins_with(partner_id, :k)",
                ExpressionAttributeValues={":k": {"S": f"key#{partner}#" if partner else "key#"}},
            )
        )
        rows = [
            {name: str(value["S"]) for name, value in item.items()}
            for page in pages
            for item in page["Items"]
        ]
        return sorted(rows, key=lambda row: (row["partner"], row["from"], row["kid"]))

    def add(self, partner: str, kid: str, public: str, at: datetime) -> None:
        """Enter the public half of a key of the partner's own making, valid from a time on."""
        raw = public.removeprefix(ED25519_PUBLIC)
        try:
            right = len(b64decode(raw, validate=True)) == 32
        except ValueError:
            right = False
        if not right:
            raise CannotBeDone("a public key is whpk_ and 32 bytes in base64")
        word, rings = self._rings(partner)
        if any(each["kid"] == kid for each in self.known(partner)):
            raise CannotBeDone(f"{partner} had a key {kid}: every key has an id of its own")
        rings[partner].append(
            {
                "kid": kid,
                "secret": f"{ED25519_PUBLIC}{raw}",
                "from": at.isoformat(),
                "until": None,
                "use": "in",
            }
        )
        self._write(word, rings, partner)

    def end(self, partner: str, kid: str, at: datetime) -> None:
        """Let a key count until a time and no longer."""
        self._mark(partner, kid, "until", at)

    def kill(self, partner: str, kid: str, at: datetime) -> None:
        """Refuse a key from now on, whatever it signs and whenever it says it did."""
        self._mark(partner, kid, "killed", at)

    def rotate(self, partner: str, at: datetime, overlap: timedelta) -> str:
        """Give a simulated partner a new key beside its old one; the new key's id."""
        if not self.place.is_sandbox:
            raise CannotBeDone("a real partner makes its own key: `add` its public half")
        word, rings = self._rings(partner)
        told = self._read("sandbox-keys")
        kind = PARTNERS.get(partner, "manufacturer")
        kid = renew(partner, kind, rings, told["rings"], at=at, overlap=overlap)
        # Ours first: a partner must not sign with a key that is not known yet.
        self._write(word, rings, partner)
        self._put("sandbox-keys", told)
        return kid

    def partners(self) -> list[str]:
        """Everyone who has a ring."""
        return sorted({p for word in set(HOOKS.values()) for p in self._read(f"keys-{word}")})

    def _mark(self, partner: str, kid: str, name: str, at: datetime) -> None:
        word, rings = self._rings(partner)
        if not _marked(rings[partner], kid, name, at):
            raise CannotBeDone(f"{partner} has no key {kid} that still counts")
        self._write(word, rings, partner)
        if self.place.is_sandbox:
            # The simulated partner does as a real one does when it is told by telephone.
            told = self._read("sandbox-keys")
            if _marked(told["rings"].get(partner, []), kid, name, at):
                self._put("sandbox-keys", told)

    def _rings(self, partner: str) -> tuple[str, dict[str, Ring]]:
        for word in sorted(set(HOOKS.values())):
            rings: dict[str, Ring] = self._read(f"keys-{word}")
            if partner in rings:
                return word, rings
        raise CannotBeDone(f"no partner is called {partner}")

    def _write(self, word: str, rings: dict[str, Ring], partner: str) -> None:
        self._put(f"keys-{word}", rings)
        enter_keys(self.client("dynamodb"), self.place.name("partners"), partner, rings[partner])

    def _read(self, secret: str) -> dict[str, Any]:
        kept = self.client("secretsmanager").get_secret_value(SecretId=self.place.name(secret))
        read: dict[str, Any] = json.loads(kept["SecretString"])
        return read

    def _put(self, secret: str, words: Any) -> None:
        self.client("secretsmanager").put_secret_value(
            SecretId=self.place.name(secret), SecretString=json.dumps(words, ensure_ascii=False)
        )


def _marked(ring: Ring, kid: str, name: str, at: datetime) -> bool:
    found = [key for key in ring if key["kid"] == kid]
    for key in found:
        key[name] = at.isoformat()
    return bool(found)


def main(arguments: list[str] | None = None) -> int:
    """0 when it was done, 1 when it cannot be, 2 when there is no city to speak to."""
    said = _parser().parse_args(arguments)
    try:
        keys = Keys(*reached(said))
        _do(said, keys, datetime.now(UTC))
    except CannotBeDone as why:
        print(f"Not done: {why}.")
        return 1
    except NoCity as why:
        print(why)
        return 2
    return 0


def _do(said: argparse.Namespace, keys: Keys, at: datetime) -> None:
    within = f"{KEPT_FOR.seconds} s"
    match said.command:
        case "add":
            keys.add(said.partner, said.kid, said.public, said.at or at)
            print(f"{said.partner} may sign with {said.kid}; known everywhere within {within}.")
        case "end":
            keys.end(said.partner, said.kid, said.at or at)
            print(f"{said.kid} of {said.partner} counts until {(said.at or at).isoformat()}.")
        case "kill":
            keys.kill(said.partner, said.kid, at)
            print(f"{said.kid} of {said.partner} is killed: refused everywhere within {within}.")
        case "rotate":
            partners = keys.partners() if said.partner == "all" else [said.partner]
            for partner in partners:
                kid = keys.rotate(partner, at, timedelta(hours=said.overlap))
                print(f"{partner} signs with {kid}, and with its old key for {said.overlap:g} h.")
        case _:
            for key in keys.known(said.partner or ""):
                ended = f"killed {key['killed']}" if "killed" in key else key.get("until", "")
                print(f"{key['partner']:<24}{key['kid']:<48}{key['alg']:<13}"
                      f"{key['from'][:19]} – {ended[:26]}")  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.partner_keys", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, text: str, *words: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        for word in words:
            made.add_argument(word)
        add_place(made)
        return made

    command("list", "every key, of one partner or of all").add_argument("partner", nargs="?")
    adding = command("add", "a new public key of a partner", "partner", "kid", "public")
    adding.add_argument("--at", type=_moment, metavar="TIME", help="valid from (now)")
    ending = command("end", "let a key end", "partner", "kid")
    ending.add_argument("--at", type=_moment, metavar="TIME", help="counts until (now)")
    command("kill", "refuse a key that somebody else may have", "partner", "kid")
    turning = command("rotate", "a new key for a simulated partner, or for all", "partner")
    turning.add_argument("--overlap", type=float, default=24, metavar="HOURS", help="(24)")
    return parser


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("say the zone: 2026-09-01T12:00:00+08:00")
    return moment.astimezone(UTC)


if __name__ == "__main__":
    sys.exit(main())
