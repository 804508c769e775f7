"""Bring a synthesised cloud assembly up on the emulator, as `cdk deploy` does on AWS.

Assets are uploaded, stacks created or updated in the order of their dependencies. The same
assembly is not deployed twice.
"""

import hashlib
import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

Say = Callable[[str], None]

POLL_SECONDS = 0.05
STACK_SECONDS = 300.0
DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


class DeployFailed(RuntimeError):
    """A stack did not come up; the message names each resource that failed, and why."""


@dataclass(frozen=True)
class Stack:
    """One stack of an assembly: its name, where its template and assets lie, what comes before."""

    artifact: str
    name: str
    template: Path
    assets: Path | None
    after: tuple[str, ...]


def deploy(
    assembly: Path,
    client: Callable[[str], Any],
    *,
    marker: Path | None = None,
    save: Callable[[], None] = lambda: None,
    say: Say = print,
) -> bool:
    """Deploy what `assembly` (a cdk.out) holds; False when it is deployed already.

    `client` makes boto3 clients; `marker` is the file that remembers what was deployed, and `save`
    makes sure that it lasts before that file says so.
    Raises DeployFailed.
    """
    fingerprint = _fingerprint(assembly)
    if marker and marker.exists() and marker.read_text() == fingerprint:
        return False
    stacks = list(in_order(_stacks(assembly)))
    place = _Place.of(client)
    for number, stack in enumerate(stacks, 1):
        started = time.monotonic()
        if stack.assets:
            _upload(assembly, stack.assets, client("s3"), place)
        changed = _bring_up(stack, client, place)
        word = "up" if changed else "unchanged"
        say(f"  {number}/{len(stacks)} {stack.name}: {word} ({time.monotonic() - started:.1f} s)")
    if marker:
        save()
        marker.write_text(fingerprint)
    return True


@dataclass(frozen=True)
class _Place:
    account: str
    region: str

    @classmethod
    def of(cls, client: Callable[[str], Any]) -> "_Place":
        sts = client("sts")
        return cls(sts.get_caller_identity()["Account"], sts.meta.region_name)

    def fill(self, text: str) -> str:
        for name, value in (
            ("AccountId", self.account),
            ("Region", self.region),
            ("Partition", "aws"),
        ):
            text = text.replace(f"${{AWS::{name}}}", value)
        return text


def _fingerprint(assembly: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(assembly.rglob("*")):
        # Assets are named by their content, so their names are enough.
        if file.is_file():
            digest.update(f"{file.relative_to(assembly)}\0{file.stat().st_size}\0".encode())
            if file.suffix == ".json":
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _stacks(assembly: Path) -> list[Stack]:
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    stacks = {
        name: artifact
        for name, artifact in artifacts.items()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    return [
        Stack(
            artifact=name,
            name=artifact["properties"].get("stackName", name),
            template=assembly / artifact["properties"]["templateFile"],
            assets=_assets_file(assembly, name, artifact, artifacts),
            after=tuple(each for each in artifact.get("dependencies", ()) if each in stacks),
        )
        for name, artifact in stacks.items()
    ]


def _assets_file(
    assembly: Path, name: str, artifact: Mapping[str, Any], artifacts: Mapping[str, Any]
) -> Path | None:
    for needed in artifact.get("dependencies", ()):
        if artifacts[needed]["type"] == "cdk:asset-manifest":
            return assembly / str(artifacts[needed]["properties"]["file"])
    default = assembly / f"{name}.assets.json"
    return default if default.exists() else None


def in_order(stacks: list[Stack]) -> Iterator[Stack]:
    """Each stack after those it depends on; raises DeployFailed on a circle."""
    waiting, done = list(stacks), set[str]()
    while waiting:
        ready = [stack for stack in waiting if set(stack.after) <= done]
        if not ready:
            names = ", ".join(stack.name for stack in waiting)
            raise DeployFailed(f"these stacks wait for each other: {names}")
        for stack in ready:
            yield stack
            done.add(stack.artifact)
            waiting.remove(stack)


def _upload(assembly: Path, assets: Path, s3: Any, place: _Place) -> None:
    for file in json.loads(assets.read_text())["files"].values():
        source = assembly / file["source"]["path"]
        for destination in file["destinations"].values():
            bucket, key = (
                place.fill(destination["bucketName"]),
                place.fill(destination["objectKey"]),
            )
            if _is_there(s3, bucket, key):
                continue
            body = _zipped(source) if source.is_dir() else source.read_bytes()
            s3.put_object(Bucket=bucket, Key=key, Body=body)


def _is_there(s3: Any, bucket: str, key: str) -> bool:
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError:
        s3.create_bucket(Bucket=bucket)
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError:
        return False
    return True


def _zipped(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        # Packages built for the runtime's Python and processor do not load here; the workers'
        # own interpreter has them.
        if not any(folder.glob("python/*.dist-info")):
            for file in sorted(folder.rglob("*")):
                if file.is_file():
                    archive.write(file, file.relative_to(folder))
    return packed.getvalue()


def _bring_up(stack: Stack, client: Callable[[str], Any], place: _Place) -> bool:
    """Create or update one stack; False when it is as it should be."""
    cloudformation, s3 = client("cloudformation"), client("s3")
    bucket, key = f"templates-{place.account}-{place.region}", f"{stack.name}.json"
    _is_there(s3, bucket, key)
    # By address: a template in the request itself may hold 51 200 bytes at most.
    s3.put_object(Bucket=bucket, Key=key, Body=stack.template.read_bytes())
    request = {
        "StackName": stack.name,
        "TemplateURL": f"https://s3.{place.region}.amazonaws.com/{bucket}/{key}",
        "Capabilities": CAPABILITIES,
    }
    try:
        if _status(cloudformation, stack.name):
            cloudformation.update_stack(**request)
        else:
            cloudformation.create_stack(**request)
    except ClientError as refused:
        message = refused.response["Error"]["Message"]
        if "No updates are to be performed" in message:
            return False
        raise DeployFailed(f"{stack.name}: {message}") from refused
    _await(cloudformation, stack.name)
    return True


def _status(cloudformation: Any, name: str) -> str:
    try:
        found: str = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    except ClientError:
        return ""
    return "" if found == "DELETE_COMPLETE" else found


def _await(cloudformation: Any, name: str) -> None:
    deadline = time.monotonic() + STACK_SECONDS
    while (status := _status(cloudformation, name)).endswith("IN_PROGRESS"):
        if time.monotonic() > deadline:
            raise DeployFailed(f"{name}: still {status} after {STACK_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)
    if status not in DONE:
        raise DeployFailed(f"{name}: {status}\n{_failures(cloudformation, name)}")


def _failures(cloudformation: Any, name: str) -> str:
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [
        f"  {event['LogicalResourceId']} ({event['ResourceType']}): "
        f"{event.get('ResourceStatusReason', 'no reason given')}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("FAILED")
    ]
    return "\n".join(failed) or "  no resource says why"
