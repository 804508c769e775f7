"""The embedded AWS whose functions reach it through the fault proxy.

Runs in the emulator's own process, in the place of `infra.local.emulator_process`. Functions are
told another address and the name by which the SDK speaks of them; nothing of theirs is changed.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.local import emulator_process, workers
from infra.local.emulator import Emulator
from infra.local.gaps import lambda_workers
from infra.local.patching import put

PROXY_FILE = "proxy"


class FaultyEmulator(Emulator):
    """The emulator with its functions behind the proxy that `PROXY_FILE` of its state names."""

    module = "infra.local.faults.emulator"

    def behind(self, proxy: str) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        (self.state / PROXY_FILE).write_text(proxy)


def _state() -> Path:
    return Path(sys.argv[sys.argv.index("--state") + 1])


def main() -> None:
    """The emulator's process."""
    proxy = (_state() / PROXY_FILE).read_text()
    upstream = lambda_workers.Executor._environment

    def environment(
        self: Any, config: Mapping[str, Any], region: str, code: Path
    ) -> dict[str, str]:
        name = str(config["FunctionName"]).rpartition("-")[2]
        known = upstream(self, config, region, code)
        return known | {"AWS_ENDPOINT_URL": proxy, "AWS_SDK_UA_APP_ID": name}

    put(lambda_workers.Executor, "_environment", environment)
    put(workers.Launcher, "script", Path(__file__).with_name("mortal_workers.py"))
    sys.argv[0] = emulator_process.__file__
    emulator_process.main()


if __name__ == "__main__":
    main()
