"""Which city a command speaks to: the one that runs on this machine, or that of an account."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra.place import Place


class NoCity(Exception):
    """There is none to speak to; the message says what to do."""


def add_place(parser: argparse.ArgumentParser) -> None:
    """The options by which a command is told."""
    parser.add_argument("--aws", action="store_true", help="the account of your AWS profile")
    parser.add_argument("--state", type=Path, help=argparse.SUPPRESS)


def reached(said: argparse.Namespace, url: str = "") -> tuple[Place, Callable[[str], Any]]:
    """The place, and what makes AWS clients for it. Raises NoCity.

    `url` is the one address of a city on this machine, where several may run.
    """
    if said.aws:
        import boto3

        from infra.app import place_from_environment

        return place_from_environment(), boto3.client
    from infra.local.city import STATE, city_at, live_city
    from infra.local.emulator import client

    live = city_at(url) if url else live_city(said.state or STATE)
    if live is None and url:
        raise NoCity(f"No city of this machine answers at {url}.")
    if live is None:
        raise NoCity("No city runs here: start one with `make run`, or name an account: --aws.")
    return Place("sandbox", "qingdao"), lambda service: client(service, live["endpoint"])
