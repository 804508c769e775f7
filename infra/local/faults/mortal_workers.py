"""The fork server of `infra.local.fork_server`, whose workers die when an answer tells them to.

Each call of the SDK says which invocation it belongs to and its place in it; an answer with the
mark of a crash ends the worker where it stands, as a machine that loses its power does.
"""

import importlib.util
import os
import socket
import sys
from pathlib import Path
from typing import Any

INVOCATION, NTH, CRASH = "x-local-invocation", "x-local-call", "x-local-crash"


def _fork_server() -> Any:
    file = Path(__file__).parents[1] / "fork_server.py"
    spec = importlib.util.spec_from_file_location("fork_server", file)
    if spec is None or spec.loader is None:
        raise ImportError(str(file))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Mortal:
    """Counts the calls of one invocation, and dies when it must."""

    def __init__(self, server: Any) -> None:
        self._upstream = server._call
        self._invocation = ""
        self._calls = 0

    def call(self, function: Any, request: dict[str, Any], timeout: float) -> dict[str, Any]:
        self._invocation, self._calls = request["request_id"], 0
        answer: dict[str, Any] = self._upstream(function, request, timeout)
        return answer

    def prepare(self, **_: Any) -> None:
        """One more call; a repetition by the SDK is the same call."""
        self._calls += 1

    def name(self, request: Any, **_: Any) -> None:
        request.headers[INVOCATION] = self._invocation
        request.headers[NTH] = str(self._calls)

    @staticmethod
    def obey(response_dict: dict[str, Any] | None, **_: Any) -> None:
        if response_dict and CRASH in response_dict["headers"]:
            os._exit(9)


def main() -> None:
    """Serve as the fork server does."""
    server = _fork_server()
    server.preload()
    if len(sys.argv) > 2:
        server._record_calls(Path(sys.argv[2]))
    from botocore import handlers

    mortal = Mortal(server)
    server._call = mortal.call
    handlers.BUILTIN_HANDLERS += [
        ("before-call", mortal.prepare),
        ("before-send", mortal.name),
        ("response-received", mortal.obey),
    ]
    server.serve(socket.socket(fileno=int(sys.argv[1])))


if __name__ == "__main__":
    main()
