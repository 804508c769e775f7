"""The code as it is deployed, laid out on this machine: the runtime client, layers, functions.

The vendor layer is built for this machine's processor from the same lock and trimmed by the same
rules; the interpreter is the functions' Python where this machine has one, else our own.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from infra import bytecode, vendor_layer
from infra.assets import FUNCTIONS, LAYER, ROOT

CLIENT_LOCK = ROOT / "requirements" / "bench.txt"
BUILT = ROOT / "build" / "bench"


@dataclass(frozen=True)
class Staged:
    """Where everything lies. `interpreter` runs it, `version` is that of its language."""

    interpreter: str
    version: str
    client: Path
    vendor: Path
    layer: Path
    functions: Path

    def function(self, group: str, name: str) -> Path:
        return self.functions / group / name

    def path(self, *, layers: bool = True) -> str:
        """The PYTHONPATH of a process: the runtime client alone, or with the layers."""
        folders = [self.client, *((self.vendor, self.layer) if layers else ())]
        return os.pathsep.join(str(each) for each in folders)


def interpreter() -> str:
    """The functions' Python, or this one where the machine has none."""
    try:
        return bytecode.runtime_interpreter()
    except LookupError:
        return sys.executable


def stage(into: Path) -> Staged:
    """Lay out everything that runs; packages are kept for the next time."""
    python = interpreter()
    version = _version(python)
    client = _packages("client", CLIENT_LOCK, python, version, trimmed=False)
    vendor = _packages("vendor", vendor_layer.LOCK, python, version, trimmed=True)
    layer, functions = into / "layer", into / "functions"
    for source, target in ((LAYER, layer), (FUNCTIONS, functions)):
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    bytecode.compile_tree(into, python)
    return Staged(python, version, client, vendor, layer, functions)


def _packages(name: str, lock: Path, python: str, version: str, *, trimmed: bool) -> Path:
    made_of = lock.read_bytes() + Path(vendor_layer.__file__).read_bytes() + version.encode()
    target = BUILT / f"{name}-{sha256(made_of).hexdigest()[:12]}"
    if target.exists():
        return target
    print(f"Installing the packages of {lock.name} for Python {version} (once for each lock)")
    new = target.with_name(f"{target.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    subprocess.run(
        [
            sys.executable, "-m", "pip", "--python", python, "install", "-qq",
            "--disable-pip-version-check", "--require-hashes", "--no-deps", "--no-compile",
            "--only-binary", ":all:", "--target", str(new), "-r", str(lock),
        ],
        check=True,
    )  # fmt: skip
    if trimmed:
        vendor_layer.trim(new)
    bytecode.compile_tree(new, python, instead_of_sources=trimmed)
    new.rename(target)
    return target


@cache
def _version(python: str) -> str:
    asked = subprocess.run(
        [python, "-c", "import platform; print(platform.python_version())"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return asked.stdout.strip()


def size_of(*folders: Path) -> float:
    """Megabytes of all files below."""
    files = (each for folder in folders for each in folder.rglob("*") if each.is_file())
    return sum(each.stat().st_size for each in files) / 1024 / 1024
