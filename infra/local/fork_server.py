"""The one process that every function worker of the local city is forked from.

It imports what all functions import once, makes no client and starts no thread, and then forks a
child per worker, which shares those pages: a worker costs its own objects only, and a cold start
spares the imports. Started by `workers.Launcher` with one end of a socket pair as file descriptor;
when the other end closes, it ends and takes every child with it.

A request is one line of JSON; a fork carries the child's own socket along:
    {"do": "fork", "worker": {...}} → {"pid": 4711}      {"do": "kill", "pid": 4711} → {}
"""

import contextlib
import gc
import importlib
import importlib.util
import io
import json
import os
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any

# Only what the functions share and what is safe to fork: no sessions, no threads, no randomness.
PRELOADED = (
    "aws_lambda_powertools",
    "aws_lambda_powertools.logging",
    "aws_lambda_powertools.metrics",
    "boto3",
    "boto3.dynamodb.conditions",
    "boto3.dynamodb.types",
    "botocore.auth",
    "botocore.client",
    "botocore.config",
    "botocore.endpoint",
    "botocore.httpsession",
    "cryptography.hazmat.primitives.ciphers.aead",
    "cryptography.hazmat.primitives.asymmetric.rsa",
    "cryptography.hazmat.primitives.serialization",
    "pydantic",
    "pydantic.main",
    "pydantic._internal._generate_schema",
    "chinese_calendar",
    "rfc8785",
    "standardwebhooks",
    "stdnum.cn",
    "urllib3",
)
RECORD_AT = 2  # the argument that names a file for the calls that functions make
SERVICES = ("dynamodb", "kms", "lambda", "s3", "secretsmanager", "sqs", "stepfunctions")


def preload() -> None:
    """Import what the functions share; a package that is not installed is none of theirs."""
    for name in PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    _keep_service_models()
    gc.collect()
    gc.freeze()


def _keep_service_models() -> None:
    # Reading a service's model is most of making its client: the parsed files are kept, clients
    # are not made.
    from botocore import loaders

    upstream = loaders.JSONFileLoader.load_file
    kept: dict[str, Any] = {}

    def load_once(self: Any, file_path: str) -> Any:
        if file_path not in kept:
            kept[file_path] = upstream(self, file_path)
        return kept[file_path]

    loaders.JSONFileLoader.load_file = load_once
    loader = loaders.Loader()
    loader.load_data("endpoints")
    loader.load_data("partitions")
    loader.load_data("sdk-default-configuration")
    for service in SERVICES:
        for kind in ("service-2", "endpoint-rule-set-1", "paginators-1"):
            with contextlib.suppress(Exception):
                loader.load_service_model(service, kind)


def _record_calls(file: Path) -> None:
    # By its place: nothing of the project is on the path of a function.
    path = Path(__file__).with_name("recorder.py")
    spec = importlib.util.spec_from_file_location("recorder", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"no recorder at {path}")
    recorder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recorder)
    recorder.install(file)


class Output(io.TextIOBase):
    """What a function prints, kept till its invocation ends."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._parts.append(text)
        return len(text)

    def take(self) -> str:
        text = "".join(self._parts)
        self._parts.clear()
        return text


class Context:
    """The second argument of a function."""

    identity = None
    client_context = None

    def __init__(self, request: dict[str, Any], deadline: float) -> None:
        environment = os.environ
        self._deadline = deadline
        self.aws_request_id = request["request_id"]
        self.invoked_function_arn = request["arn"]
        self.function_name = environment["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = environment["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = int(environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"])
        self.log_group_name = environment["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = environment["AWS_LAMBDA_LOG_STREAM_NAME"]

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.time()) * 1000))


def _failed(kind: str, error: BaseException | str, request_id: str = "") -> dict[str, Any]:
    stack = []
    if isinstance(error, BaseException):
        # Without the frame of this file that called the function.
        stack = traceback.format_exception(error)[2:-1]
    return {
        "status": "error",
        "error": {
            "errorMessage": str(error),
            "errorType": kind,
            "requestId": request_id,
            "stackTrace": stack,
        },
    }


def _load(handler: str) -> Any:
    """The function behind `module.name`, or the error as AWS words it."""
    module_name, _, function_name = handler.replace("/", ".").rpartition(".")
    try:
        module = importlib.import_module(module_name)
    except ImportError as missing:
        traceback.print_exc()
        return _failed(
            "Runtime.ImportModuleError", f"Unable to import module '{module_name}': {missing}"
        )
    except Exception as broken:  # noqa: BLE001  (whatever a module raises, its class is the answer)
        return _failed(type(broken).__name__, broken)
    function = getattr(module, function_name, None)
    if function is None:
        words = f"Handler '{function_name}' missing on module '{module_name}'"
        return _failed("Runtime.HandlerNotFound", words)
    return function


def _call(function: Any, request: dict[str, Any], timeout: float) -> dict[str, Any]:
    request_id = request["request_id"]
    try:
        result = function(request["event"], Context(request, time.time() + timeout))
    except Exception as raised:  # noqa: BLE001  (its class name is what Retry and Catch match)
        return _failed(type(raised).__name__, raised, request_id)
    try:
        return {"status": "ok", "result": json.dumps(result)}
    except (TypeError, ValueError) as unfit:
        return _failed("Runtime.MarshalError", f"Unable to marshal response: {unfit}", request_id)


def work(channel: socket.socket, worker: dict[str, Any]) -> None:
    """Be the worker of one function till its socket closes."""
    os.environ.clear()
    os.environ.update(worker["environment"])
    time.tzset()
    os.chdir(worker["code"])
    # AWS looks into the function's own code before its layers.
    sys.path[:0] = [worker["code"], *worker["layers"]]
    importlib.invalidate_caches()
    output = Output()
    sys.stdout = sys.stderr = output
    stream = channel.makefile("rwb")

    def say(answer: dict[str, Any]) -> None:
        stream.write(json.dumps({**answer, "log": output.take()}).encode() + b"\n")
        stream.flush()

    function = _load(worker["handler"])
    if not callable(function):
        say(function)
        return
    say({"status": "ready"})
    for line in stream:
        request = json.loads(line)
        trace = request.get("trace_id")
        if trace:
            os.environ["_X_AMZN_TRACE_ID"] = trace
        else:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        say(_call(function, request, worker["timeout"]))


def _receive(control: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    text, fds, _, _ = socket.recv_fds(control, 65536, 1)
    while text and not text.endswith(b"\n"):
        more = control.recv(65536)
        if not more:
            return None, fds
        text += more
    return (json.loads(text) if text else None), fds


def serve(control: socket.socket) -> None:
    """Fork and kill on request till the emulator is gone."""
    children: set[int] = set()

    def reap(*_: Any) -> None:
        with contextlib.suppress(ChildProcessError):
            while (pid := os.waitpid(-1, os.WNOHANG)[0]) > 0:
                children.discard(pid)

    signal.signal(signal.SIGCHLD, reap)
    # Ctrl-C reaches the whole terminal group; the emulator decides when the workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control.sendall(b'{"ready": true}\n')
    while True:
        try:
            message, fds = _receive(control)
        except ConnectionError:
            break
        if message is None:
            break
        if message["do"] == "kill":
            if message["pid"] in children:
                os.kill(message["pid"], signal.SIGKILL)
            control.sendall(b"{}\n")
            continue
        pid = os.fork()
        if pid == 0:
            _become_worker(control, fds[0], message["worker"])
        children.add(pid)
        os.close(fds[0])
        control.sendall(json.dumps({"pid": pid}).encode() + b"\n")
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for pid in list(children):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _become_worker(control: socket.socket, descriptor: int, worker: dict[str, Any]) -> None:
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        control.close()
        work(socket.socket(fileno=descriptor), worker)
        code = 0
    except ConnectionError:
        code = 0  # the emulator ended in the middle of a call
    except BaseException:  # noqa: BLE001  (a child must never return into the server's loop)
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(code)


if __name__ == "__main__":
    emulator = socket.socket(fileno=int(sys.argv[1]))
    preload()
    if len(sys.argv) > RECORD_AT:
        _record_calls(Path(sys.argv[RECORD_AT]))
    serve(emulator)
