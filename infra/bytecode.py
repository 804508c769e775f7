"""Bytecode that is valid wherever it lies: compiled with `unchecked-hash`.

Packagers set every file's time to 1980, which makes bytecode stamped with a time stale: a cold
start then compiles everything again, five times the work (docs/decisions/0004-bytecode.md).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

RUNTIME = (3, 13)


def compile_tree(
    folder: Path, interpreter: str = sys.executable, *, instead_of_sources: bool = False
) -> None:
    """Put bytecode beside every source below `folder`, or in its place."""
    subprocess.run(
        [
            interpreter, "-m", "compileall", "-q", "-f", *(["-b"] if instead_of_sources else []),
            "--invalidation-mode", "unchecked-hash", "-s", str(folder), str(folder),
        ],
        check=True,
    )  # fmt: skip
    if instead_of_sources:
        for source in folder.rglob("*.py"):
            source.unlink()


def runtime_interpreter() -> str:
    """A Python of the version that the functions run on.

    Raises LookupError with what to do when the machine has none: bytecode of another version is
    ignored by the runtime.
    """
    named = [os.environ.get("RUNTIME_PYTHON", ""), sys.executable]
    named.append(shutil.which("python{}.{}".format(*RUNTIME)) or "")
    for candidate in (*named, *_kept_by_pyenv(), _kept_by_uv()):
        if candidate and _version(candidate) == RUNTIME:
            return candidate
    raise LookupError(
        "The functions run on Python {}.{} and none was found to compile them: install one, "
        "or name it: make … RUNTIME_PYTHON=/path/to/python".format(*RUNTIME)
    )


def _kept_by_pyenv() -> list[str]:
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    return [str(each) for each in sorted(root.glob("versions/{}.{}.*/bin/python".format(*RUNTIME)))]


def _kept_by_uv() -> str:
    found = subprocess.run(
        [
            sys.executable, "-m", "uv", "python", "find", "--no-python-downloads",
            "{}.{}".format(*RUNTIME),
        ],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    return found.stdout.strip()


def _version(interpreter: str) -> tuple[int, ...]:
    asked = subprocess.run(
        [interpreter, "-c", "import sys; print(*sys.version_info[:2])"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    return tuple(int(part) for part in asked.stdout.split()) if asked.returncode == 0 else ()
