"""What a cold start and a warm request of two functions cost, against a bare runtime client.

`python -m bench.cold_start` measures the intake (functions/citizen/register_new_car) and a typical
step (functions/steps/check_purchase_tax) as they are deployed: with the real runtime client, the
trimmed packages, bytecode that is valid, and AWS answering over HTTPS.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import instructions
from bench.aws_stub import AwsStub
from bench.measure import Measure, table
from bench.runtime_api import RuntimeApi
from bench.staged import Staged, size_of, stage

INTAKE, STEP = ("citizen", "register_new_car"), ("steps", "check_purchase_tax")
WARM = 10
PATIENCE_SECONDS = 300.0
_BARE = "def handler(event, context):\n    return event\n"


@dataclass(frozen=True)
class Cost:
    """Instructions of one function, and its calls to AWS per warm request."""

    start: float
    first: float
    warm: float
    calls: Mapping[str, float]


@dataclass(frozen=True)
class Bench:
    """Everything that a measured process needs around it."""

    staged: Staged
    stub: AwsStub
    scratch: Path

    def run(
        self, name: str, code: Path, settings: Mapping[str, str], events: Sequence[Any]
    ) -> tuple[float, list[Any]]:
        """The instructions of one process that answers these events, and its answers."""
        bare = not settings
        with RuntimeApi(events) as api:
            environment = {
                **({} if bare else self.stub.environment),
                **settings,
                "AWS_LAMBDA_RUNTIME_API": api.address,
                "AWS_LAMBDA_FUNCTION_NAME": name,
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
                "AWS_LAMBDA_LOG_FORMAT": "JSON",
                "LAMBDA_TASK_ROOT": str(code),
                "PYTHONPATH": self.staged.path(layers=not bare),
                "PYTHONDONTWRITEBYTECODE": "1",
                "LANG": "C.UTF-8",
                "TZ": "UTC",
            }
            counted = instructions.Counted(
                [self.staged.interpreter, "-m", "awslambdaric", "handler.handler"],
                environment=environment,
                cwd=code,
                report=self.scratch / f"{name}-{len(events)}",
            )
            answered = api.idle.wait(PATIENCE_SECONDS)
            work = counted.end()
            if not answered or api.errors or len(api.answers) != len(events):
                raise RuntimeError(f"{name} did not answer: {api.errors}\n{counted.said[-3000:]}")
        return work, api.answers

    def bare(self) -> float:
        """A runtime client with a handler that does nothing, started and asked once."""
        code = self.scratch / "bare"
        code.mkdir()
        (code / "handler.py").write_text(_BARE)
        return self.run("bare", code, {}, [{}])[0]

    def cost(
        self, which: tuple[str, str], settings: Mapping[str, str], events: Sequence[Any]
    ) -> Cost:
        """Start, first and warm cost; `events` are one, then one and WARM more."""
        group, name = which
        code = self.staged.function(group, name)
        start, _ = self.run(name, code, settings, [])
        self.stub.calls.clear()
        first, _ = self.run(name, code, settings, events[:1])
        cold = self.stub.calls.copy()
        self.stub.calls.clear()
        both, answers = self.run(name, code, settings, events[1:])
        _must_be_well(which, answers)
        calls = {call: n / WARM for call, n in (self.stub.calls - cold).items()}
        return Cost(start, first, (both - first) / WARM, calls)

    def first(
        self, which: tuple[str, str], settings: Mapping[str, str], event: Sequence[Any]
    ) -> float:
        """Start and first request with other settings."""
        group, name = which
        work, answers = self.run(name, self.staged.function(group, name), settings, event)
        _must_be_well(which, answers)
        return work


def _must_be_well(which: tuple[str, str], answers: Sequence[Any]) -> None:
    for answer in answers:
        well = answer.get("statusCode") == 201 or answer.get("outcome") == "matched"
        if not well:
            raise RuntimeError(f"{which[1]} answered {answer}")


@contextmanager
def prepared() -> Iterator[tuple[Bench, Any]]:
    """A stub with a small world in it, and the staged code."""
    with TemporaryDirectory() as folder, AwsStub(Path(folder)) as stub:
        os.environ |= stub.environment
        from bench import small_world

        yield Bench(stage(Path(folder) / "code"), stub, Path(folder)), small_world.make()


def intake_events(count: int) -> list[dict[str, Any]]:
    """Requests of one citizen, each for another car."""
    from bench import small_world

    return [_request({"vin": small_world.invoice(nth)}, f"key-{nth}") for nth in range(count)]


def intake_again(nth: int) -> list[dict[str, Any]]:
    """One more request, for a car that none of the first was for."""
    from bench import small_world

    return [_request({"vin": small_world.invoice(nth)}, f"key-{nth}")]


def _request(body: Mapping[str, Any], key: str) -> dict[str, Any]:
    from bench import small_world

    claims = {"sub": small_world.PERSON, "exp": "4000000000", "scope": "citizen"}
    http = {"method": "POST", "path": "/v1/new-car-registrations", "sourceIp": "127.0.0.1"}
    return {
        "version": "2.0",
        "routeKey": "POST /v1/new-car-registrations",
        "rawPath": "/v1/new-car-registrations",
        "rawQueryString": "",
        "headers": {
            "content-type": "application/json",
            "idempotency-key": key,
            "accept-language": "zh-CN",
        },
        "requestContext": {
            "requestId": key,
            "http": http,
            "authorizer": {"jwt": {"claims": claims, "scopes": ["citizen"]}},
        },
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


def step_events(count: int, profile_version: str) -> list[dict[str, Any]]:
    """The state asks again and again about a case whose tax is paid."""
    from bench import small_world

    case = small_world.filed_case(profile_version)
    task = {"application_id": case.application_id, "run": 1, "step": STEP[1], "token": "t" * 600}
    return [task] * count


def measure() -> list[Measure]:
    """All figures of this module."""
    with prepared() as (bench, resources):
        print(f"Python {bench.staged.version}, {type(instructions.counter()).__name__}")
        intake = intake_events(2 + WARM)
        step = step_events(2 + WARM, resources.profile_version)
        with ThreadPoolExecutor(2) as pool:
            bare = pool.submit(bench.bare)
            measured = [
                bench.cost(which, resources.settings(*which), events)
                for which, events in ((INTAKE, intake), (STEP, step))
            ]
            base = bare.result()
        fewest = {"AWS_CA_BUNDLE": str(bench.stub.one_root)}
        few = [
            bench.first(which, resources.settings(*which) | fewest, events[-1:])
            for which, events in ((INTAKE, intake_again(2 + WARM)), (STEP, step))
        ]
        size = size_of(bench.staged.layer, bench.staged.function(*INTAKE), _vendor(bench.staged))
    return [
        Measure("bare runtime client, started and asked once", base / 1e6, "M instr"),
        *_of("intake", measured[0], base, 12.5, 9.5),
        Measure("intake: warm request", measured[0].warm / 1e6, "M instr", 10, 5, _exact()),
        Measure("intake: AWS calls of a warm request", sum(measured[0].calls.values()), "", 2),
        *_of("step", measured[1], base, 8, 4),
        Measure("step: warm", measured[1].warm / 1e6, "M instr"),
        Measure("step: AWS calls of a warm run", sum(measured[1].calls.values())),
        *_with_few_roots(few, base),
        Measure("function and layers, unzipped", size, "MB", 25, 12),
    ]


def _with_few_roots(few: Sequence[float], base: float) -> Iterator[Measure]:
    # Told, not judged: a deployment may choose a bundle of roots, a budget may not depend on it.
    for name, work in zip(("intake", "step"), few, strict=True):
        yield Measure(f"{name}: start + first, one root to read", work / base, "×")


def _exact() -> bool:
    return instructions.counter().exact


def _of(name: str, cost: Cost, base: float, budget: float, stretch: float) -> Iterator[Measure]:
    print(f"{name}: calls of a warm request {json.dumps(cost.calls)}")
    yield Measure(f"{name}: start", cost.start / base, "×")
    yield Measure(f"{name}: start + first", cost.first / base, "×", budget, stretch, _exact())


def _vendor(staged: Staged) -> Path:
    from infra import vendor_layer

    try:
        return vendor_layer.build()
    except LookupError:
        return staged.vendor


if __name__ == "__main__":
    print(table(measure()))
