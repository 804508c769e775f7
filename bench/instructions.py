"""The work of one process, counted in instructions: they do not depend on who shares the machine.

valgrind counts them anywhere; where it is missing, perf does if the processor lets it. With
neither, the process's CPU time is taken instead and marked as what it is.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

HOW_TO_GET_IT = (
    "Neither valgrind nor perf can count instructions here: CPU time is measured instead, which "
    "other work on this machine changes. Install valgrind (`apt-get install valgrind`, "
    "`dnf install valgrind`) for figures that can be compared."
)


class Counter(Protocol):
    """Starts a command so that its work can be told when it has ended."""

    @property
    def exact(self) -> bool: ...

    def command(self, command: Sequence[str], report: Path, /) -> list[str]: ...

    def read(self, report: Path, cpu_seconds: float, /) -> float: ...


@dataclass(frozen=True)
class Valgrind:
    exact: bool = True

    def command(self, command: Sequence[str], report: Path, /) -> list[str]:
        options = ("--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
        return ["valgrind", *options, f"--log-file={report}", *command]

    def read(self, report: Path, _: float, /) -> float:
        found = re.search(r"I\s+refs:\s+([\d,]+)", report.read_text())
        if found is None:
            raise RuntimeError(f"valgrind told no count: {report.read_text()[-500:]}")
        return float(found.group(1).replace(",", ""))


@dataclass(frozen=True)
class Perf:
    exact: bool = True

    def command(self, command: Sequence[str], report: Path, /) -> list[str]:
        return ["perf", "stat", "-x,", "-e", "instructions:u", "-o", str(report), "--", *command]

    def read(self, report: Path, _: float, /) -> float:
        lines = [line for line in report.read_text().splitlines() if "instructions" in line]
        return float(lines[0].split(",")[0])


@dataclass(frozen=True)
class CpuTime:
    """Seconds, told as if a second were a thousand million instructions."""

    exact: bool = False

    def command(self, command: Sequence[str], _: Path, /) -> list[str]:
        return list(command)

    def read(self, _: Path, cpu_seconds: float, /) -> float:
        return cpu_seconds * 1e9


@cache
def counter() -> Counter:
    """The best counter that works on this machine."""
    if shutil.which("valgrind"):
        return Valgrind()
    if shutil.which("perf") and _perf_counts():
        return Perf()
    print(HOW_TO_GET_IT, file=sys.stderr)
    return CpuTime()


def _perf_counts() -> bool:
    tried = subprocess.run(
        ["perf", "stat", "-x,", "-e", "instructions:u", "true"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    return tried.returncode == 0 and "<not" not in tried.stderr


class Counted:
    """A process under the counter: started here, ended by `end`, which tells its work."""

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str], cwd: Path, report: Path
    ) -> None:
        self._report = report
        self._log = report.with_suffix(".log").open("wb")
        self.process = subprocess.Popen(
            counter().command(command, report),
            env={**environment, "PATH": os.environ["PATH"], "PYTHONHASHSEED": "0"},
            cwd=cwd, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT,
        )  # fmt: skip

    @property
    def said(self) -> str:
        """What the process wrote."""
        return self._report.with_suffix(".log").read_text(errors="replace")

    def end(self) -> float:
        """Terminate the process and tell its instructions."""
        self.process.terminate()
        _, _, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = 0
        self._log.close()
        return counter().read(self._report, usage.ru_utime + usage.ru_stime)
