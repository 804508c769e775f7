"""ministack's Lambda workers differ from AWS in what our functions and machines lean on.

- Every exception is reported as `Runtime.HandlerError`, so no Retry or Catch by name ever matches.
- An exception ends the worker, so the next call is cold; on AWS the environment lives on.
- Each call waits up to 50 ms for log lines that may not come.
- Layers come before the function's own code on `sys.path`.
- Whatever the emulator's environment holds leaks into every function.
- Workers are unbounded: sixty parallel calls to one function start ninety-five processes of 50 MB.
- Each worker unpacks code and layers into a folder of its own.

All of it is replaced by `infra.local.workers`: forked, capped, waiting.
"""

import hashlib
import io
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from infra.local.patching import put, swap
from infra.local.workers import InitFailed, Plan, Pool, WorkerGone, WorkerTimedOut

UPSTREAM_EXECUTE = lambda_svc._execute_function_warm
_upstream_invalidate = lambda_runtime.invalidate_worker

CODE_KEPT_DAYS = 3


class Executor:
    """Runs a deployed function on a pooled worker, in the emulator's own words."""

    def __init__(self, pool: Pool, code_store: Path, endpoint: str) -> None:
        self._pool = pool
        self._store = code_store
        self._endpoint = endpoint
        self._unpacked: dict[str, Path] = {}
        self._plans: dict[str, Plan] = {}
        code_store.mkdir(parents=True, exist_ok=True)
        _drop_old(code_store)

    def execute(self, function: Mapping[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        """What `_execute_function_warm` answers: body, log, and error when it failed."""
        plan = self._plan(function)
        config = function.get("config") or function
        request = {
            "event": event,
            "request_id": request_id,
            "arn": config.get("FunctionArn", ""),
            "trace_id": lambda_svc._xray_trace_id_for_invocation(config),
        }
        try:
            with self._pool.lend(plan) as worker:
                answer = worker.invoke(request)
        except InitFailed as broken:
            return _error(broken.error, broken.log)
        except WorkerTimedOut as late:
            return _error({"errorMessage": str(late), "errorType": "Sandbox.Timedout"})
        except WorkerGone as gone:
            words = f"RequestId: {request_id} Error: {gone}"
            return _error({"errorMessage": words, "errorType": "Runtime.ExitError"})
        if answer["status"] == "ok":
            return {"body": lambda_svc.json.loads(answer["result"]), "log": answer["log"]}
        return _error(answer["error"], answer["log"])

    def forget(
        self,
        func_name: str,
        qualifier: str | None = None,
        account: str | None = None,
        region: str | None = None,
    ) -> None:
        """The function was changed or deleted: its workers end."""
        asked = (account, region, func_name, qualifier)

        def belongs(key: str) -> bool:
            parts = key.split(":")
            return all(want in (None, part) for want, part in zip(asked, parts, strict=False))

        self._pool.forget(belongs)
        for key in [key for key in self._plans if belongs(key)]:
            self._plans.pop(key, None)

    def _plan(self, function: Mapping[str, Any]) -> Plan:
        config = function.get("config") or function
        account, region = lambda_runtime._account_region_from_function_config(config)
        version = config.get("Version", "$LATEST")
        state = (config.get("CodeSha256"), config.get("RevisionId"), config.get("LastModified"))
        revision = hashlib.sha256(repr(state).encode()).hexdigest()[:16]
        key = ":".join((account, region, config["FunctionName"], version, revision))
        if key not in self._plans:
            code = self._unpack(function["code_zip"])
            self._plans[key] = Plan(
                key=key,
                code=code,
                layers=tuple(self._layers(config)),
                handler=config.get("Handler", "handler.handler"),
                environment=self._environment(config, region, code),
                timeout=float(config.get("Timeout", 3)),
            )
        return self._plans[key]

    def _layers(self, config: Mapping[str, Any]) -> list[Path]:
        folders = []
        # Of two layers with the same file, the later one wins on AWS.
        for layer in reversed(config.get("Layers") or []):
            archive = lambda_svc._resolve_layer_zip(layer)
            if archive:
                folder = self._unpack(archive) / "python"
                if folder.is_dir():
                    folders.append(folder)
        return folders

    def _environment(self, config: Mapping[str, Any], region: str, code: Path) -> dict[str, str]:
        name = config["FunctionName"]
        theirs = {
            variable: str(value)
            for variable, value in (config.get("Environment") or {}).get("Variables", {}).items()
            if variable not in lambda_runtime._RESERVED_RUNTIME_ENV_VARS
        }
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TZ": ":UTC",
            "AWS_ENDPOINT_URL": self._endpoint,
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            "AWS_EC2_METADATA_DISABLED": "true",
            # Nothing listens for traces here, and the tracer would wait for it.
            "POWERTOOLS_TRACE_DISABLED": "true",
            **theirs,
            **{
                variable: str(value)
                for variable, value in lambda_runtime.execution_credentials(config).items()
            },
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{config.get('Runtime', 'python3.13')}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
            "AWS_LAMBDA_LOG_GROUP_NAME": (config.get("LoggingConfig") or {}).get(
                "LogGroup", f"/aws/lambda/{name}"
            ),
            "AWS_LAMBDA_LOG_STREAM_NAME": f"local/{time.strftime('%Y/%m/%d')}",
            "LAMBDA_TASK_ROOT": str(code),
            "_HANDLER": config.get("Handler", ""),
        }

    def _unpack(self, archive: bytes) -> Path:
        """The folder with an archive's content; the same bytes are unpacked once, ever."""
        digest = hashlib.sha256(archive).hexdigest()
        if digest in self._unpacked:
            return self._unpacked[digest]
        folder = self._store / digest
        if folder.is_dir():
            os.utime(folder)
        else:
            half = Path(tempfile.mkdtemp(dir=self._store))
            with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
                zipped.extractall(half)
            try:
                half.rename(folder)
            except OSError:
                # Another call unpacked the same bytes first.
                shutil.rmtree(half, ignore_errors=True)
        self._unpacked[digest] = folder
        return folder


def _error(body: Mapping[str, Any], log: str = "") -> dict[str, Any]:
    stack = "".join(body.get("stackTrace") or ())
    told = f"[ERROR] {body['errorType']}: {body['errorMessage']}\n{stack}"
    return {"body": dict(body), "error": True, "log": f"{log}{told}"}


def _drop_old(code_store: Path) -> None:
    oldest = time.time() - CODE_KEPT_DAYS * 86400
    for folder in code_store.iterdir():
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def apply(executor: Executor) -> None:
    swap("ministack", "_execute_function_warm", UPSTREAM_EXECUTE, executor.execute)
    swap("ministack", "invalidate_worker", _upstream_invalidate, executor.forget)
    put(lambda_svc, "_ensure_reaper_thread", lambda: None)
