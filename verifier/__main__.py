"""Check what a Chepai office has published or handed out. Offline, with public keys alone.

Exit status 0: all of it holds. 1: something was tampered with, and the first bad entry is named.
2: the input cannot be checked.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.words import Tampered, Unusable, read_json

if TYPE_CHECKING:
    from verifier.checkpoint import Key

GOOD, TAMPERED, UNUSABLE = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; the exit status."""
    said = _parser().parse_args(arguments)
    try:
        told = _check(said)
    except Tampered as found:
        print(f"TAMPERED  {found}")
        return TAMPERED
    except Unusable as found:
        print(f"UNUSABLE  {found}")
        return UNUSABLE
    except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError) as torn:
        print(f"UNUSABLE  something is not of the form it must have: {type(torn).__name__}: {torn}")
        return UNUSABLE
    print(f"GOOD  {told}")
    return GOOD


def _check(said: argparse.Namespace) -> str:
    place: Path = said.place
    if not place.exists():
        raise Unusable(f"there is no {place}")
    if said.command == "draws":
        # Recomputing deals takes a bare Python; what follows takes two packages.
        from verifier import draws

        return draws.check(place)
    from verifier import bundle, evidence, log

    match said.command:
        case "bundle":
            return bundle.check(place, _trusted(said))
        case "proof":
            return bundle.check_proof(place, _trusted(said) or _keys_in(place))
        case "log":
            since = said.since.read_text("utf-8") if said.since else None
            return log.check(place, _trusted(said), since)
        case _:
            return evidence.check(place, said.keys)


def _trusted(said: argparse.Namespace) -> "list[Key] | None":
    """The keys of a file that the reader trusts; None to take those that came with the input."""
    if said.keys is None:
        print("NOTE  the keys are those that came with the input: compare them with printed ones,")
        print("      or give --keys, or what is checked could have been signed by anybody")
        return None
    from verifier.checkpoint import fingerprint

    keys = _keys_in(said.keys)
    print(f"NOTE  trusting {', '.join(f'{each.kid} ({fingerprint(each)})' for each in keys)}")
    return keys


def _keys_in(file: Path) -> "list[Key]":
    from verifier.checkpoint import keys_in

    told = read_json(file)
    return keys_in(told.get("log") or told.get("keys") or [])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m verifier", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="command", required=True)
    for name, place, text in (
        ("bundle", "FILE", "the evidence bundle of one application"),
        ("log", "DIR", "the whole log: checkpoints, batches, entries, chains"),
        ("proof", "FILE", "one proof: an entry is in the log, or the log only grew"),
        ("evidence", "DIR", "partners' signatures, with the keys valid when messages came"),
        ("draws", "DIR", "every deal of a closed segment of numbers, recomputed"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("place", metavar=place, type=Path)
        if name != "draws":
            command.add_argument("--keys", type=Path, help="the public keys that you trust")
        if name == "log":
            command.add_argument("--since", type=Path, help="a checkpoint that you kept")
    return parser


if __name__ == "__main__":
    sys.exit(main())
