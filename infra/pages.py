"""The pages for people: built from web/ when something in it has changed, put into their bucket.

`python -m infra.pages build` builds them; `python -m infra.pages publish --stage … --city …` puts
them into the bucket of a deployed city. The Node that builds is the one in the virtual environment.
"""

import argparse
import fcntl
import mimetypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from infra import jsii_node
from infra.assets import ROOT
from infra.front import cache_control
from infra.place import STAGES, Place

BUCKET = "pages"
WEB = ROOT / "web"
_BUILT = ROOT / "build" / "pages"
_INPUTS = ("src", "public", "index.html", "package.json", "package-lock.json", "vite.config.ts")
_DESCRIPTION = ROOT / "docs" / "openapi.json"
_MARK = ".published"
_TYPES = {".js": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml"}


def build() -> Path:
    """The folder with up-to-date pages; returns at once when nothing has changed.

    Raises CalledProcessError when a page is wrong, after the builder's own words.
    """
    folder = _BUILT / _digest()
    if folder.exists():
        return folder
    with _alone():
        if folder.exists():
            return folder
        print("Building the pages (only when something in them has changed)", flush=True)
        install()
        npm("run", "--silent", "build", "--", "--outDir", str(folder) + ".new", "--emptyOutDir")
        for old in _BUILT.iterdir():
            if old.is_dir() and old.name != f"{folder.name}.new":
                shutil.rmtree(old)
        Path(f"{folder}.new").rename(folder)
    return folder


def install(*, to_check: bool = False) -> None:
    """The packages of web/package-lock.json, checked against its hashes; once for each lock.

    `to_check`: those that lint, check types and test, too; building needs few.
    """
    lock = (WEB / "package-lock.json").read_bytes()
    mark = WEB / "node_modules" / ".lock-digest"
    whole = f"{sha256(lock).hexdigest()} whole"
    wanted = whole if to_check else whole.split(maxsplit=1)[0]
    if mark.exists() and mark.read_text() in (wanted, whole):
        return
    print("Installing the pages' pinned packages into web/node_modules (once)", flush=True)
    npm("ci", "--loglevel", "error", *(() if to_check else ("--omit", "dev")))
    mark.write_text(wanted)


def npm(*words: str) -> None:
    """Run npm in web/ with our own Node. Raises CalledProcessError."""
    command = jsii_node.binaries().parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node(str(command), *words)


def node(*words: str, environment: Mapping[str, str] | None = None) -> None:
    """Run our own Node in web/. Raises CalledProcessError."""
    binaries = jsii_node.binaries()
    whole = {
        **{k: v for k, v in os.environ.items() if not k.lower().startswith("npm_config_nodedir")},
        "PATH": os.pathsep.join((str(binaries), os.environ["PATH"])),
        **(environment or {}),
    }
    subprocess.run([str(binaries / "node"), *words], check=True, cwd=WEB, env=whole)


def publish(place: Place, client: Callable[[str], Any], folder: Path) -> bool:
    """Put the pages into their bucket, the index last; False when they lie there already.

    What browsers may still hold from before stays: a page that is open goes on working.
    """
    s3 = client("s3")
    bucket = f"{place.name(BUCKET)}-{client('sts').get_caller_identity()['Account']}"
    if _published(s3, bucket) == folder.name:
        return False
    for path in _index_last(folder):
        name = path.relative_to(folder).as_posix()
        s3.put_object(
            Bucket=bucket,
            Key=name,
            Body=path.read_bytes(),
            ContentType=_type(path),
            CacheControl=cache_control(name),
        )
    s3.put_object(Bucket=bucket, Key=_MARK, Body=folder.name.encode())
    return True


def _published(s3: Any, bucket: str) -> str:
    try:
        return str(s3.get_object(Bucket=bucket, Key=_MARK)["Body"].read().decode())
    except s3.exceptions.NoSuchKey:
        return ""


def _index_last(folder: Path) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(files, key=lambda path: (path.name == "index.html", path))


def _type(path: Path) -> str:
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    kind = kind or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith(("text/", "application/json")) else kind


def _digest() -> str:
    digest = sha256()
    for path in (*_inputs(), _DESCRIPTION):
        digest.update(f"{path.relative_to(ROOT).as_posix()}\0".encode())
        digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _inputs() -> Iterator[Path]:
    for name in _INPUTS:
        start = WEB / name
        for path in sorted(start.rglob("*")) if start.is_dir() else [start]:
            # Written from the description at each build.
            if path.is_file() and path.name != "schema.d.ts":
                yield path


class _alone:  # noqa: N801  # reads as a word in a with statement
    """One build at a time: tests that run side by side want the same pages."""

    def __enter__(self) -> None:
        _BUILT.mkdir(parents=True, exist_ok=True)
        self._lock = (_BUILT / ".lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._lock.close()


def main(words: Sequence[str] | None = None) -> int:
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("act", choices=("build", "check", "publish"))
    said.add_argument("--stage", choices=STAGES, default="sandbox")
    said.add_argument("--city", default="qingdao")
    asked = said.parse_args(words)
    try:
        if asked.act == "check":
            install(to_check=True)
            npm("run", "--silent", "check")
            npm("test", "--silent")
        folder = build()
    except subprocess.CalledProcessError as failed:
        return failed.returncode
    if asked.act == "publish":
        import boto3

        publish(Place(asked.stage, asked.city, issuer="-"), boto3.client, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
