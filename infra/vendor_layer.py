"""The third-party layer: built from the runtime lock for the functions' Python and processor.

`python -m infra.vendor_layer` builds it into build/vendor/<digest of the lock>/ and prints where.
The embedded city does not use it: there the functions run on the virtual environment's Python.
"""

import gzip
import json
import os
import shutil
import struct
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from infra import bytecode
from infra.assets import ROOT

LOCK = ROOT / "requirements" / "runtime.txt"
LARGEST = 25 * 1024 * 1024
_VENDOR = ROOT / "build" / "vendor"

# What the SDK needs to know of AWS: the services that the code has clients for.
SERVICES = frozenset(
    {"dynamodb", "kms", "lambda", "secretsmanager", "sqs", "ssm", "stepfunctions", "sts"}
)
# Never loaded by a function: a test imports all of them and compares.
_LEFT_OUT = (
    "*.dist-info",
    "bin",
    "aws_lambda_powertools/event_handler",
    "boto3/data",
    "boto3/ec2",
    "boto3/examples",
    "boto3/s3",
    "cffi",
    "cffi*.libs",
    "pycparser",
    "pydantic/mypy.py",
    "pydantic/v1",
)
# Of these large packages only what is named here is kept.
_KEPT = {
    "aws_lambda_powertools/utilities": {"__init__.py", "jmespath_utils"},
    "botocore/data": {
        "endpoints.json",
        "partitions.json",
        "sdk-default-configuration.json",
        "_retry.json",
        *SERVICES,
    },
    "stdnum": {"__init__.py", "cn", "exceptions.py", "iso7064", "numdb.py", "util.py"},
}


def build() -> Path:
    """The folder of the layer (python/… below it), made once for each lock.

    Raises LookupError without a Python of the functions' version to compile with, and ValueError
    when the layer is larger than functions may carry.
    """
    target = _VENDOR / _digest()
    if target.exists():
        return target
    interpreter = bytecode.runtime_interpreter()
    fresh = _VENDOR / f"{target.name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(gather(), fresh)
    # Bytecode in the place of the source: half the size, and no source to be checked against.
    bytecode.compile_tree(fresh / "python", interpreter, instead_of_sources=True)
    if (size := size_of(fresh)) > LARGEST:
        raise ValueError(f"the vendor layer has {size} bytes, more than {LARGEST}")
    fresh.rename(target)
    return target


def gather() -> Path:
    """The same folder before it is compiled: what the packages hold, less what nobody loads."""
    target = _VENDOR / f"{_digest()}-sources"
    if target.exists():
        return target
    fresh = _VENDOR / f"{target.name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    packages = fresh / "python"
    _install(packages)
    trim(packages)
    for library in packages.rglob("*.so"):
        _strip(library)
    fresh.rename(target)
    return target


def _install(packages: Path) -> None:
    version = "{}.{}".format(*bytecode.RUNTIME)
    print(f"Building the vendor layer for arm64 and Python {version} (once for each lock)")
    subprocess.run(
        [
            sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check",
            "--require-hashes", "--no-deps", "--no-compile", "--only-binary", ":all:",
            "--platform", "manylinux2014_aarch64", "--platform", "manylinux_2_28_aarch64",
            "--implementation", "cp",
            "--python-version", version, "--target", str(packages), "-r", str(LOCK),
        ],
        check=True,
    )  # fmt: skip


def trim(packages: Path) -> None:
    """Take away what no function loads."""
    for pattern in (*_LEFT_OUT, "**/tests", "**/*.pyi"):
        for each in sorted(packages.glob(pattern)):
            _remove(each)
    for folder, kept in _KEPT.items():
        for each in (packages / folder).iterdir():
            if each.name not in kept:
                _remove(each)
    data = packages / "botocore" / "data"
    _trim_endpoints(data / "endpoints.json")
    for name in SERVICES:
        for model in sorted(data.glob(f"{name}/*/service-2.json.gz")):
            _trim_model(model)
    for left in [*data.glob("*/*/examples-1.json"), *data.glob("*/*/waiters-2.json")]:
        left.unlink()


def _trim_model(packed: Path) -> None:
    """A service's description without its manual: three quarters of what every start reads."""
    model = json.loads(gzip.decompress(packed.read_bytes()))
    text = json.dumps(_undocumented(model), separators=(",", ":"))
    packed.write_bytes(gzip.compress(text.encode(), mtime=0))


def _undocumented(part: Any) -> Any:
    # A text of that name is documentation; a member of a shape that has it is a description.
    if isinstance(part, dict):
        return {
            name: _undocumented(each)
            for name, each in part.items()
            if name not in {"documentation", "documentationUrl"} or not isinstance(each, str)
        }
    return [_undocumented(each) for each in part] if isinstance(part, list) else part


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()


def _strip(library: Path) -> None:
    """Cut off what lies behind the part of a library that is loaded: its table of symbols.

    A third of one library is names for debuggers, and no tool that strips arm64 comes with
    Python. Loading reads the program headers only (System V ABI, chapter 5), so the section
    headers are declared absent.
    """
    content = bytearray(library.read_bytes())
    if content[:6] != b"\x7fELF\x02\x01":
        raise ValueError(f"{library.name} is no 64-bit little-endian library")
    (headers,) = struct.unpack_from("<Q", content, 0x20)
    size, count = struct.unpack_from("<HH", content, 0x36)
    ends = []
    for number in range(count):
        at = headers + number * size
        offset, in_file = struct.unpack_from("<Q", content, at + 8) + struct.unpack_from(
            "<Q", content, at + 32
        )
        ends.append(offset + in_file)
    struct.pack_into("<Q", content, 0x28, 0)
    struct.pack_into("<HHH", content, 0x3A, 64, 0, 0)
    library.write_bytes(content[: max(ends)])


def _trim_endpoints(file: Path) -> None:
    """Keep the partitions and, of their services, those that we use: it is read at each start."""
    known = json.loads(file.read_text())
    # The endpoint list names the state machines' service by its address, "states".
    kept = (SERVICES - {"stepfunctions"}) | {"states"}
    for partition in known["partitions"]:
        partition["services"] = {
            name: each for name, each in partition["services"].items() if name in kept
        }
    file.write_text(json.dumps(known, separators=(",", ":")))


def _digest() -> str:
    made_of = LOCK.read_bytes() + Path(__file__).read_bytes()
    return sha256(made_of).hexdigest()[:16]


def size_of(folder: Path) -> int:
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())


def main() -> None:
    layer = build()
    size = size_of(layer) / 1024 / 1024
    print(f"{os.path.relpath(layer, ROOT)}: {size:.1f} MB of {LARGEST // 1024 // 1024}")


if __name__ == "__main__":
    main()
