"""A whole city on this machine: the embedded AWS, what is deployed to it, and its one address."""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Self

from infra.local import resume
from infra.local.deploy import Say, deploy
from infra.local.emulator import Emulator
from infra.local.front_door import DEFAULT_PORT, Addresses, FrontDoor, Page, Pages
from infra.place import Place

STATE = Path(__file__).parents[2] / ".chepai"
# Deployed functions hold the emulator's address, so its port is part of the state.
PORT_FILE = "port"
LIVE_FILE = "live.json"
LOCK_FILE = "lock"


class CityIsLive(RuntimeError):
    """Another process runs a city in this folder; the message says where it answers."""


class NotStarted(RuntimeError):
    """The city was asked for something before it was started."""


class City:
    """Start a city and keep it: `with City(state) as city: city.url`.

    `state`: the folder that survives restarts. `port`: of the front door; the next free one is
    taken when it is not free, 0 takes any. `assembly`: makes the folder of templates. `profile`: a
    checked one to publish in place of the city's file. `pages`: whether people will look. `say`
    hears one line for each step.
    """

    emulator: type[Emulator] = Emulator

    def __init__(
        self,
        state: Path = STATE,
        *,
        place: Place | None = None,
        port: int = DEFAULT_PORT,
        assembly: Callable[[], Path] | None = None,
        enforce_roles: bool = True,
        record: Path | None = None,
        profile: Mapping[str, Any] | None = None,
        pages: bool = True,
        say: Say = print,
    ) -> None:
        self.place = place or Place("sandbox", "qingdao")
        self.state = state
        self._port = port
        self._assembly = assembly or _assembled
        self._enforce_roles = enforce_roles
        self._record = record
        self._profile = profile
        self._with_pages = pages
        self._say = say
        self._started = time.monotonic()
        self._emulator: Emulator | None = None
        self._door: FrontDoor | None = None

    @property
    def url(self) -> str:
        """The one address of the city."""
        if self._door is None:
            raise NotStarted
        return self._door.url

    @property
    def aws(self) -> Emulator:
        """The embedded AWS."""
        if self._emulator is None:
            raise NotStarted
        return self._emulator

    def client(self, service: str) -> Any:
        """A boto3 client of the city's AWS."""
        return self.aws.client(service)

    def parameter(self, thing: str) -> str:
        """What a stack left under a known name, as in "api/front"."""
        found = self.client("ssm").get_parameter(Name=self.place.parameter(thing))
        return str(found["Parameter"]["Value"])

    def start(self) -> Self:
        """Bring everything up. Raises what its steps raise; nothing is left running then."""
        self._started = time.monotonic()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def _start(self) -> None:
        assembly = self._assembly()
        self._tell("Templates are up to date")
        fresh = not (self.state / PORT_FILE).exists()
        self._emulator = self._make_emulator().start()
        self._tell("The embedded AWS is up")
        deployed = deploy(
            assembly,
            self.client,
            marker=self.state / "deployed",
            save=self.aws.save,
            say=self._say,
        )
        self._tell("Everything is deployed" if deployed else "Nothing new to deploy")
        self._publish()
        self._publish_pages()
        if not fresh:
            self._resume()
        self._door = FrontDoor(self._addresses(), self._pages(), port=self._port).start()
        self._tell(f"The city answers at {self._door.url}")

    def _make_emulator(self) -> Emulator:
        self.state.mkdir(parents=True, exist_ok=True)
        kept = self.state / PORT_FILE
        emulator = self.emulator(
            self.state / "aws",
            port=int(kept.read_text()) if kept.exists() else 0,
            enforce_roles=self._enforce_roles,
            record=self._record,
        )
        kept.write_text(str(emulator.port))
        return emulator

    def _publish(self) -> None:
        from infra import number_segments, partners_registry, publish

        version = publish.publish(self.place, self.client, self._profile)
        profile = publish.profile_of(self.place.city)
        partners_registry.publish(
            self.place,
            hooks=self._reached_by("partners", self.parameter("api/front")),
            sandbox=self._reached_by("office", self.parameter("issuer")),
            makers=partners_registry.connected_makers(profile),
            client=self.client,
        )
        self._tell(f"City profile {version} and the partners' keys are published")
        if number_segments.ask(self.place, self.client):
            self._tell("The national register is asked to open number segments")

    def _publish_pages(self) -> None:
        if self._with_pages:
            from infra import pages

            if pages.publish(self.place, self.client, pages.build()):
                self._tell("The pages are in their bucket")

    def _pages(self) -> Pages:
        """What the content network reads from the pages' bucket, read here."""
        s3 = self.client("s3")
        account = self.client("sts").get_caller_identity()["Account"]
        bucket = f"{self.place.name('pages')}-{account}"

        def read(name: str) -> Page | None:
            try:
                found = s3.get_object(Bucket=bucket, Key=name)
            except s3.exceptions.NoSuchKey:
                return None
            return Page(found["Body"].read(), found["ContentType"], found.get("CacheControl", ""))

        return read

    def _resume(self) -> None:
        done = resume.resume(self.place, self.client("lambda"))
        going = ", ".join(f"{count} {word}" for word, count in done.items()) or "none open"
        self._tell(f"Open applications looked after: {going}")

    def _addresses(self) -> Addresses:
        services = self._reached_by("phone", self.parameter("api/front"))
        return Addresses(services=services, sandbox=self.parameter("issuer"))

    def _reached_by(self, _who: str, url: str) -> str:
        """By which address "phone", "partners" or "office" reach a part: that of the part."""
        return url

    def stop(self) -> None:
        """Stop all that was started; the state is written."""
        if self._door is not None:
            self._door.stop()
        if self._emulator is not None:
            self._emulator.stop()

    @property
    def alive(self) -> bool:
        """Whether the embedded AWS still runs."""
        return self._emulator is not None and self._emulator.alive

    def _tell(self, words: str) -> None:
        self._say(f"[{time.monotonic() - self._started:5.1f} s] {words}")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _assembled() -> Path:
    from infra import assembly

    return assembly.ensure()


def forget(state: Path) -> None:
    """Remove all that a city left behind, but the lock that its caller holds."""
    for each in state.iterdir() if state.exists() else ():
        if each.is_dir():
            shutil.rmtree(each)
        elif each.name != LOCK_FILE:
            each.unlink()


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """Hold a state folder for this process. Raises CityIsLive when another one has it."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / LOCK_FILE).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            live = live_city(state)
            where = f"at {live['url']} (process {live['pid']})" if live else "but is still starting"
            raise CityIsLive(f"A city already runs here {where}.") from None
        try:
            yield
        finally:
            if told := live_city(state):
                _place_of(str(told["url"])).unlink(missing_ok=True)
            (state / LIVE_FILE).unlink(missing_ok=True)


def announce(state: Path, *, url: str, pid: int, endpoint: str) -> None:
    """Tell other processes where the city of this folder answers."""
    told = {"url": url, "pid": pid, "endpoint": endpoint}
    (state / LIVE_FILE).write_text(json.dumps(told))
    place = _place_of(url)
    place.parent.mkdir(mode=0o700, exist_ok=True)
    # By its address too: whoever has several cities knows them by nothing else.
    place.write_text(str(state.resolve()))


def city_at(url: str) -> dict[str, Any] | None:
    """Where the city answers whose one address this is; None when none of this machine does."""
    place = _place_of(url)
    told = live_city(Path(place.read_text())) if place.exists() else None
    return told if told and _plain(told["url"]) == _plain(url) else None


def _place_of(url: str) -> Path:
    folder = Path(gettempdir()) / f"chepai-cities-{os.getuid()}"
    return folder / sha256(_plain(url).encode()).hexdigest()[:32]


def _plain(url: str) -> str:
    return url.rstrip("/").lower().replace("://localhost", "://127.0.0.1")


def live_city(state: Path) -> dict[str, Any] | None:
    """Where the city of this folder answers; None when none is live."""
    try:
        with (state / LOCK_FILE).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except FileNotFoundError:
        return None
    except BlockingIOError:
        file = state / LIVE_FILE
        told: dict[str, Any] | None = json.loads(file.read_text()) if file.exists() else None
        return told
