"""Publish the sandbox's partners: who they are, where they are asked, and keys for both sides.

`python -m infra.partners_registry` makes what is missing and leaves what is there;
`--rotate` adds a new key to every ring and lets the old ones end after an overlap. Single keys
are rotated and killed with `python -m infra.partner_keys`.
"""

import argparse
import json
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from chepai.domain.manufacturers import MakerStatus
from chepai.domain.profile import CityProfile
from chepai.edge.webhook_signature import ED25519_ALGORITHM as ED25519
from chepai.edge.webhook_signature import ED25519_PUBLIC, SHARED
from chepai.edge.webhook_signature import SHARED_ALGORITHM as HMAC
from chepai.partners.directory import HOOKS
from chepai_sandbox.cast import PARTNERS, SIGNS_WITH_ED25519
from infra.assets import ROOT
from infra.place import Place

Client: TypeAlias = Any
Key: TypeAlias = dict[str, str | None]
Ring: TypeAlias = list[Key]

ASKED_PER_SECOND = 50
OVERLAP = timedelta(hours=24)
OFFICE = "office"


def publish(
    place: Place,
    *,
    hooks: str,
    sandbox: str,
    makers: Mapping[str, str],
    client: Callable[[str], Client],
    rotate: bool = False,
) -> None:
    """Write rings into the secrets and rows into `partners`.

    `hooks` is where /hooks/… answers, `sandbox` where /sandbox/… does; `makers` the VIN prefix of
    each connected manufacturer by its code; `client` makes an AWS client of a service.
    """
    if not place.is_sandbox:
        raise ValueError("keys of real partners are agreed with each of them, never made up here")
    kinds = dict(PARTNERS) | dict.fromkeys(makers, "manufacturer")
    vault = client("secretsmanager")
    theirs = _read(vault, place.name("sandbox-keys")).get("rings", {})
    for word in sorted(set(HOOKS.values())):
        secret = place.name(f"keys-{word}")
        ours = _read(vault, secret)
        for partner, kind in kinds.items():
            if HOOKS[kind] == word:
                needed = rotate or not _signs_as_it_must(kind, ours.get(partner, []))
                if needed or partner not in theirs:
                    renew(partner, kind, ours, theirs)
                enter_keys(client("dynamodb"), place.name("partners"), partner, ours[partner])
        vault.put_secret_value(SecretId=secret, SecretString=json.dumps(ours))
    told = {"base_url": hooks, "rings": theirs, "makers": dict(makers)}
    vault.put_secret_value(
        SecretId=place.name("sandbox-keys"), SecretString=json.dumps(told, ensure_ascii=False)
    )
    _register(client("dynamodb"), place.name("partners"), kinds.items(), sandbox)


def _signs_as_it_must(kind: str, ring: Ring) -> bool:
    """Whether the partner has a key to speak with, and of the kind that its word needs."""
    speaks = [key for key in ring if key.get("use") == "in" and not key["until"]]
    wanted = ED25519_PUBLIC if kind in SIGNS_WITH_ED25519 else SHARED
    return any(str(key["secret"]).startswith(wanted) for key in speaks)


def renew(
    partner: str,
    kind: str,
    ours: dict[str, Ring],
    theirs: dict[str, Ring],
    *,
    at: datetime | None = None,
    overlap: timedelta = OVERLAP,
) -> str:
    """Add a key to both sides' rings of a simulated partner; the old ones end after an overlap.

    Answers the new key's id.
    """
    at = at or datetime.now(UTC)
    kid = f"{partner}-{at:%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
    span: Key = {"from": (at - timedelta(minutes=10)).isoformat(), "until": None}
    speaks, checks = _pair(kind)
    asks = _shared()
    new_ours: Ring = [
        {"kid": kid, "secret": checks, "use": "in", **span},
        {"kid": f"{OFFICE}-{kid}", "secret": asks, "use": "out", **span},
    ]
    new_theirs: Ring = [
        {"kid": kid, "secret": speaks, "use": "out", **span},
        {"kid": f"{OFFICE}-{kid}", "secret": asks, "use": "in", **span},
    ]
    both = partner in ours and partner in theirs
    ends = at + overlap
    ours[partner] = [*(_ending(ours[partner], at, ends) if both else []), *new_ours]
    theirs[partner] = [*(_ending(theirs[partner], at, ends) if both else []), *new_theirs]
    return kid


def _ending(ring: Ring, at: datetime, ends: datetime) -> Ring:
    """The keys that have not ended, each with an end."""
    until = ends.isoformat()
    going = [
        key
        for key in ring
        if not key.get("killed") and (not key["until"] or str(key["until"]) > at.isoformat())
    ]
    return [{**key, "until": key["until"] or until} for key in going]


def _pair(kind: str) -> tuple[str, str]:
    """The partner's key for speaking, and what the office checks it with."""
    if kind not in SIGNS_WITH_ED25519:
        shared = _shared()
        return shared, shared
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    return (
        f"whsk_{b64encode(private.private_bytes_raw()).decode()}",
        f"whpk_{b64encode(private.public_key().public_bytes_raw()).decode()}",
    )


def _shared() -> str:
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"


def enter_keys(dynamodb: Client, table: str, partner: str, ring: Ring) -> None:
    """Keep of every key that a partner ever signed with what may be shown, and from when to when.

    Rings forget keys that have ended; what was signed with them is checked by these rows.
    """
    for key in ring:
        if key.get("use") == "out":
            continue
        row: dict[str, Any] = {
            "partner_id": f"key#{partner}#{key['kid']}",
            "partner": partner,
            "kid": key["kid"],
            "alg": ED25519 if str(key["secret"]).startswith(ED25519_PUBLIC) else HMAC,
            "from": key["from"],
            "until": key["until"],
            "killed": key.get("killed"),
        }
        if row["alg"] == ED25519:
            row["public"] = str(key["secret"]).removeprefix(ED25519_PUBLIC)
        item = {name: {"S": str(value)} for name, value in row.items() if value}
        dynamodb.put_item(TableName=table, Item=item)


def _read(vault: Client, secret: str) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(vault.get_secret_value(SecretId=secret)["SecretString"])
    return kept


def _register(dynamodb: Client, table: str, kinds: Iterable[tuple[str, str]], sandbox: str) -> None:
    for partner, kind in kinds:
        dynamodb.put_item(
            TableName=table,
            Item={
                "partner_id": {"S": partner},
                "kind": {"S": kind},
                "url": {"S": f"{sandbox}/sandbox/partners/{HOOKS[kind]}/{partner}"},
                "status": {"S": "live"},
                "rate": {"N": str(ASKED_PER_SECOND)},
            },
        )


def main() -> None:
    """Publish for the place that the environment names, at the addresses its stacks have left."""
    import boto3

    from infra.app import place_from_environment
    from infra.profile_check import load

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rotate", action="store_true", help="add a new key to every ring")
    rotate = parser.parse_args().rotate
    place = place_from_environment()
    parameters = boto3.client("ssm")

    def left(thing: str) -> str:
        found = parameters.get_parameter(Name=place.parameter(thing))
        return str(found["Parameter"]["Value"])

    publish(
        place,
        hooks=left("api/front"),
        sandbox=left("issuer"),
        makers=connected_makers(load(ROOT / "cities" / f"{place.city}.toml")),
        client=boto3.client,
        rotate=rotate,
    )


def connected_makers(profile: CityProfile) -> dict[str, str]:
    """The first VIN prefix of each connected manufacturer of a city profile, by its code."""
    return {
        maker.code: maker.prefixes[0]
        for maker in profile.manufacturers
        if maker.status is MakerStatus.CONNECTED
    }


if __name__ == "__main__":
    main()
