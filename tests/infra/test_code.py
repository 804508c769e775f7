"""The code as it is uploaded, and the locks it comes from."""

import json
import re
import subprocess
import sys
import zipfile
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest

from infra import declarations, vendor_layer
from infra.access import GROUPS, of_group
from infra.assets import LAYER, ROOT, SANDBOX_LAYER, Assets, function_folders

UNCHECKED_HASH = (1).to_bytes(4, "little")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "some_step"
    made.mkdir()
    (made / "handler.py").write_text(
        '"""A step."""\n\n\ndef handler(event, context):\n    return 1\n'
    )
    return made


def test_bytecode_is_never_compared_with_its_source(folder, tmp_path):
    assets = Assets(tmp_path, {"some_step": folder}, None)
    with zipfile.ZipFile(assets.functions["some_step"]) as packed:
        names = packed.namelist()
        compiled = next(name for name in names if name.endswith(".pyc"))
        head = packed.read(compiled)[:8]
    assert "handler.py" in names
    assert head[:4] == MAGIC_NUMBER
    assert head[4:] == UNCHECKED_HASH


def test_equal_code_is_one_upload(folder, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    one = Assets(first, {"some_step": folder}, None)
    two = Assets(second, {"some_step": folder}, None)
    assert one.functions["some_step"].name == two.functions["some_step"].name
    assert one.functions["some_step"].read_bytes() == two.functions["some_step"].read_bytes()


def locked(name: str) -> dict[str, str]:
    """Package and version → the hashes, as the lock has them."""
    text = (ROOT / "requirements" / name).read_text()
    entries = re.split(r"\n(?=[a-z0-9])", text)
    return {entry.split(" ")[0]: entry for entry in entries if "==" in entry}


def test_the_runtime_lock_says_nothing_else_than_the_whole_one():
    whole = locked("dev.txt")
    for package, entry in locked("runtime.txt").items():
        assert entry.strip() == whole[package].strip(), package


@pytest.mark.parametrize("name", ["dev.txt", "runtime.txt"])
def test_every_package_is_pinned_by_hash_and_no_host_is_named(name):
    entries = locked(name)
    assert all("--hash=sha256:" in entry for entry in entries.values())
    assert "://" not in (ROOT / "requirements" / name).read_text()


# Calls as well as imports: what a library loads at its first use counts too.
_USE = """
import json, os, sys
from importlib import import_module
for name in {modules!r}:
    import_module(name)
import boto3
for service in {services!r}:
    made = boto3.client(service, region_name="us-east-1", endpoint_url="http://127.0.0.1:9",
                        aws_access_key_id="a", aws_secret_access_key="b")
try:
    boto3.client("sqs", region_name="us-east-1", endpoint_url="http://127.0.0.1:9",
                 aws_access_key_id="a", aws_secret_access_key="b").list_queues()
except Exception:
    pass
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
AESGCM(bytes(32)).encrypt(bytes(12), b"x", None)
print(json.dumps([m.__file__ for m in list(sys.modules.values()) if getattr(m, "__file__", None)]))
"""
# Found by chance where the tests run; the layer has the SDK's own list of roots.
_NOT_NEEDED = ("certifi", "_distutils_hack", "setuptools")


def test_the_layer_holds_all_that_functions_load():
    layer = vendor_layer.gather() / "python"
    modules = [
        f"functions.{group}.{name}.handler" for group in GROUPS for name in function_folders(group)
    ]
    environment = {
        name: value
        for group in GROUPS
        for function, access in of_group(group).items()
        for name, value in declarations.placeholders(function, access).items()
    }
    services = sorted(vendor_layer.SERVICES)
    asked = subprocess.run(
        [sys.executable, "-c", _USE.format(modules=modules, services=services)],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment
        | {"PYTHONPATH": f"{LAYER}:{SANDBOX_LAYER}:{ROOT}", "AWS_MAX_ATTEMPTS": "1"},
    )
    loaded = json.loads(asked.stdout)
    site = next(path.split("site-packages/")[0] for path in loaded if "site-packages/" in path)
    missing = []
    for path in loaded:
        if not path.startswith(f"{site}site-packages/"):
            continue
        own = path.removeprefix(f"{site}site-packages/")
        if own.startswith(_NOT_NEEDED):
            continue
        wanted = layer / own
        if path.endswith(".so"):
            there = list(wanted.parent.glob(f"{wanted.name.split('.')[0]}*.so"))
        else:
            there = [wanted] if wanted.exists() else []
        if not there:
            missing.append(own)
    assert missing == []


def test_a_function_with_its_layers_stays_within_the_budget():
    try:
        layer = vendor_layer.build()
    except LookupError as missing:
        pytest.skip(str(missing))
    ours = sum(each.stat().st_size for each in LAYER.rglob("*.py")) * 2
    assert vendor_layer.size_of(layer) + ours <= vendor_layer.LARGEST
