"""The local city from a terminal.

python -m infra.local [run] [--scenario NAME|all] [--fresh] [--port N]
python -m infra.local show APPLICATION
python -m infra.local stop
"""

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from infra.local import city as cities
from infra.local.city import City, CityIsLive
from infra.local.deploy import DeployFailed
from infra.local.emulator import EmulatorFailed
from infra.local.front_door import DEFAULT_PORT

STOP_SECONDS = 30.0
FAILED, LIVE_ALREADY = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """The process's exit code."""
    said = _parser().parse_args(_with_command(arguments))
    # Ctrl-C and a kill mean the same: stop in order.
    signal.signal(signal.SIGTERM, lambda *_: _interrupt())
    try:
        code: int = said.do(said)
    except KeyboardInterrupt:
        return 130
    except subprocess.CalledProcessError:
        print("The templates could not be made; what is wrong stands above.", file=sys.stderr)
        return FAILED
    except (CityIsLive, DeployFailed, EmulatorFailed) as told:
        print(told, file=sys.stderr)
        return LIVE_ALREADY if isinstance(told, CityIsLive) else FAILED
    return code


def _interrupt() -> None:
    raise KeyboardInterrupt


def _with_command(arguments: list[str] | None) -> list[str]:
    given = sys.argv[1:] if arguments is None else arguments
    named = given and (given[0] in {"run", "show", "stop"} or given[0] in {"-h", "--help"})
    return given if named else ["run", *given]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="start the city, play a scenario, stay up")
    run.add_argument("--scenario", help="the scenario to play; all: play every one, then end")
    run.add_argument("--fresh", action="store_true", help="forget the city that was")
    run.add_argument("--port", type=int, default=DEFAULT_PORT, help="of the one address")
    run.set_defaults(do=_run)
    show = commands.add_parser("show", help="draw one application's progress")
    show.add_argument("application")
    show.set_defaults(do=_show)
    stop = commands.add_parser("stop", help="stop the running city")
    stop.set_defaults(do=_stop)
    for each in (run, show, stop):
        each.add_argument("--state", type=Path, default=cities.STATE, help=argparse.SUPPRESS)
    return parser


def _run(said: argparse.Namespace) -> int:
    from infra.local import scenarios

    if unknown := scenarios.why_unknown(said.scenario):
        print(unknown, file=sys.stderr)
        return FAILED
    with cities.alone(said.state):
        if said.fresh:
            cities.forget(said.state)
        with City(said.state, port=said.port) as city:
            cities.announce(said.state, url=city.url, pid=os.getpid(), endpoint=city.aws.endpoint)
            if said.scenario == "all":
                return _play(city, "all")
            code = _play(city, said.scenario)
            if code:
                return code
            _tell_what_to_open(city)
            return _stay_up(city)


def _play(city: City, name: str | None) -> int:
    from infra.local import scenarios

    return scenarios.play(city, name)


def _tell_what_to_open(city: City) -> None:
    print(
        f"\n  {city.url}                the city's one address"
        f"\n  {city.url}/docs           how to call it"
        f"\n  {city.url}/openapi.json   its description"
        f"\n  make show APP=app_…            one application's progress"
        f"\n  Ctrl-C                         stops the city; its state is kept\n"
    )


def _stay_up(city: City) -> int:
    over = threading.Event()
    while not over.wait(1):
        if not city.alive:
            print("The embedded AWS has ended by itself; run again to go on.", file=sys.stderr)
            return FAILED
    return 0


def _show(said: argparse.Namespace) -> int:
    live = cities.live_city(said.state)
    if live is None:
        print("No city runs here: start one with `make run`.", file=sys.stderr)
        return FAILED
    from infra.local.scenarios.show import NoSuchApplication, show

    try:
        show(live["url"], said.application)
    except NoSuchApplication as told:
        print(told, file=sys.stderr)
        return FAILED
    return 0


def _stop(said: argparse.Namespace) -> int:
    live = cities.live_city(said.state)
    if live is None:
        print("No city runs here.")
        return 0
    os.kill(live["pid"], signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while cities.live_city(said.state) and time.monotonic() < deadline:
        time.sleep(0.2)
    print("Stopped." if not cities.live_city(said.state) else "It is still stopping.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
