"""Templates for a real account, and their way there and back: `make synth`, `deploy`, `destroy`.

The AWS command of the CDK does the talking, at the version that goes with our library; it is
fetched by the Node of the virtual environment. See docs/deploy.md for what an account needs.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from infra import assembly, jsii_node, vendor_layer
from infra.assets import ROOT
from infra.emptying import empty
from infra.place import STAGES, SUITES, Place

# The command's `latest` rejects what the library writes.
_COMMAND = "aws-cdk@2.1148.1"


def main() -> int:
    said = _arguments()
    settings = {
        name: value
        for name in ("stage", "city", "region", "acknowledge_region", "issuer", "audience", "suite")
        if (value := getattr(said, name))
    }
    try:
        settings["vendor"] = str(vendor_layer.build())
    except LookupError as missing:
        print(missing)
        return 1
    out = ROOT / "build" / "synth" / "-".join([said.stage, said.city, *filter(None, [said.region])])
    try:
        assembly.ensure(settings, out=out, check=True)
    except subprocess.CalledProcessError:
        return 1
    print(f"Templates are in {out.relative_to(ROOT)}/")
    if said.act == "synth":
        return 0
    if said.act == "destroy" and said.stage == "sandbox":
        import boto3

        removed = empty(Place(said.stage, said.city), boto3.client("s3"))
        print(f"{removed} objects were taken out of the sandbox's buckets")
    return _cdk(out, [said.act, "--all", *(["--force"] if said.act == "destroy" else [])])


def _cdk(out: Path, words: list[str]) -> int:
    node = jsii_node.binaries()
    environment = {**os.environ, "PATH": os.pathsep.join((str(node), os.environ["PATH"]))}
    npx = node.parent / "lib" / "node_modules" / "npm" / "bin" / "npx-cli.js"
    command = [str(node / "node"), str(npx), "--yes", _COMMAND, *words, "--app", str(out)]
    return subprocess.run(command, check=False, cwd=ROOT, env=environment).returncode


def _arguments() -> argparse.Namespace:
    said = argparse.ArgumentParser(prog="make", description=__doc__)
    said.add_argument("act", choices=("synth", "deploy", "destroy"))
    said.add_argument("--stage", choices=STAGES, default="sandbox")
    said.add_argument("--city", default="qingdao")
    said.add_argument("--region", default="")
    said.add_argument("--issuer", default=os.environ.get("ISSUER", ""))
    said.add_argument("--audience", default=os.environ.get("AUDIENCE", ""))
    said.add_argument(
        "--suite",
        default=os.environ.get("SUITE", "intl"),
        choices=SUITES,
        help="the algorithms of digests and signatures (docs/decisions/0061-suites.md)",
    )
    said.add_argument(
        "--acknowledge-region",
        default=os.environ.get("ACKNOWLEDGE_REGION", ""),
        help="the region outside mainland China where production may hold personal data",
    )
    return said.parse_args()


if __name__ == "__main__":
    sys.exit(main())
