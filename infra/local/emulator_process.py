"""What runs inside the emulator's own process: ministack with its gaps closed.

Started by `infra.local.emulator`, whose end of our standard input tells us that it is gone.
"""

import argparse
import asyncio
import fcntl
import logging
import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from infra.local.checkpoints import Checkpoints
    from infra.local.workers import Launcher

ACCOUNT = "000000000000"
REGION = "us-east-1"
LOCK_SECONDS = 20.0
CHECKPOINT_PATH = "/_city/checkpoint"

log = logging.getLogger(__name__)


def _settings(port: int, state: Path) -> dict[str, str]:
    return {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "localhost",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        # No container is ever started, and none of the machine's own may be swept.
        "DOCKER_HOST": f"unix://{state}/no-docker",
        # Calls wait for a worker; an account's limit would throttle them before they could.
        "LAMBDA_ACCOUNT_CONCURRENCY": "0",
        # The issuer is one of our functions: on a busy machine it answers late, and a gateway that
        # could not read its keys would turn everybody away for a minute.
        "MINISTACK_APIGW_JWKS_TIMEOUT_SECONDS": "60",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state / "services"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "s3"),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The local city's AWS, in a process of its own.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--checkpoint-seconds", type=float, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--enforce-roles", action="store_true")
    parser.add_argument("--leave-gaps", action="store_true")
    parser.add_argument("--record", type=Path)
    return parser.parse_args()


def main() -> None:
    given = _arguments()
    state: Path = given.state
    state.mkdir(parents=True, exist_ok=True)
    lock = _alone(state)
    os.environ.update(_settings(given.port, state))
    if given.enforce_roles:
        os.environ["AUTH"] = "true"
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")

    from infra.local.patching import require_pinned
    from infra.local.workers import Launcher

    require_pinned("ministack", "moto")
    # Started first: it imports on the second core while we import here.
    launcher = None if given.leave_gaps else Launcher(given.record)

    from ministack import app as ministack_app
    from ministack.core import hypercorn_compat

    from infra.local.checkpoints import Checkpoints

    hypercorn_compat.install()
    if launcher is not None:
        _close_gaps(launcher, state, f"http://127.0.0.1:{given.port}", given.workers)
    services = state / "services"
    services.mkdir(exist_ok=True)
    checkpoints = Checkpoints(
        services, ministack_app._build_persistence_save_dict, given.checkpoint_seconds
    )
    asyncio.run(_serve(given.port, checkpoints))
    if launcher is not None:
        launcher.close()
    lock.close()


def _alone(state: Path) -> TextIO:
    """Hold the state folder: one whose parent was killed may still be writing its last state."""
    lock = (state / "lock").open("w")
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise SystemExit(f"another emulator holds {state}") from None
            time.sleep(0.1)
        else:
            return lock


def _close_gaps(launcher: "Launcher", state: Path, endpoint: str, workers: int) -> None:
    from infra.local.gaps import (
        cloudformation_buckets,
        cloudformation_secret_ref,
        cloudformation_tables,
        encryption_context,
        http_api_address,
        http_api_errors,
        lambda_workers,
        loopback_is_secure,
        queue_batches,
        step_functions,
        stream_positions,
        task_token_machine,
    )
    from infra.local.workers import Pool

    pool = Pool(launcher.launch, ceiling=workers)
    lambda_workers.apply(lambda_workers.Executor(pool, state / "code", endpoint))
    step_functions.apply()
    stream_positions.apply()
    cloudformation_tables.apply()
    cloudformation_buckets.apply()
    cloudformation_secret_ref.apply()
    http_api_address.apply(endpoint)
    http_api_errors.apply()
    loopback_is_secure.apply()
    encryption_context.apply()
    queue_batches.apply()
    task_token_machine.apply()
    # A function's failure is the machine's business, not the emulator's.
    logging.getLogger("moto").setLevel(logging.CRITICAL)


async def _serve(port: int, checkpoints: "Checkpoints") -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    _raise_open_files()
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 2
    config.backlog = 512
    config.loglevel = "WARNING"
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, over.set)
    threading.Thread(target=_wait_for_parent, args=(loop, over), daemon=True, name="parent").start()
    checkpoints.start(loop)

    async def end() -> None:
        await over.wait()
        # ministack itself writes the last state when its lifespan ends: ours must not come later.
        await asyncio.to_thread(checkpoints.stop)

    await serve(_with_checkpoint(checkpoints), config, shutdown_trigger=end)


def _with_checkpoint(checkpoints: "Checkpoints") -> Any:
    """ministack, and one address more: a POST there writes the state at once."""
    from ministack import app as ministack_app

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == CHECKPOINT_PATH:
            await asyncio.to_thread(checkpoints.write)
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        else:
            await ministack_app.app(scope, receive, send)

    return app


def _wait_for_parent(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    # Not through sys.stdin: a thread inside its lock would hinder the interpreter's end.
    while os.read(0, 4096):
        pass
    loop.call_soon_threadsafe(over.set)


def _raise_open_files() -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    main()
