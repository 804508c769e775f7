"""The CDK app: `CDK_OUTDIR=cdk.out python -m infra.app` writes the templates of one city's stage.

Stage, city and the rest come from the environment (CHEPAI_STAGE, …) or from the CDK's context
(`-c stage=staging`). With CHEPAI_CHECK=1 the template rules run too, and a finding fails.
"""

import os
import sys
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from aws_cdk import App, Stack, Tags, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from infra import access, declarations, definitions
from infra.access import GROUPS
from infra.assets import Assets, function_folders
from infra.place import Place
from infra.stacks.administrators import Administrators
from infra.stacks.pages import Pages
from infra.stacks.records import Records
from infra.stacks.sandbox import Sandbox
from infra.stacks.services import FrontDoor, Functions, Workflows
from infra.stacks.watch import Watch

_OFFICE = ("citizen", "staff", "partners")


def build(place: Place, outdir: Path, zips: Path) -> App:
    """All stacks of one city's stage, in the order in which they are deployed.

    `zips` is a folder for the code until the templates are written.
    """
    app = App(
        outdir=str(outdir),
        analytics_reporting=False,
        stack_traces=False,
        tree_metadata=False,
    )
    groups = [each for each in GROUPS if each != "sandbox" or place.is_sandbox]
    entries = {name: each for group in groups for name, each in access.of_group(group).items()}
    routes = {group: declarations.of(group) for group in groups}
    machines = definitions.everywhere()
    folders = {name: folder for each in groups for name, folder in function_folders(each).items()}
    assets = Assets(zips, folders, place.vendor)
    named = tuple(machines)

    secrets = sorted({secret for each in entries.values() for secret in each.secrets})
    stacks: list[Stack] = [Records(app, place, secrets=secrets)]
    if place.is_sandbox:
        stacks.append(
            Sandbox(app, place, assets=assets, machines=named, declared=routes["sandbox"])
        )
    stacks += [
        Functions(app, place, group=group, assets=assets, machines=named)
        for group in groups
        if group != "sandbox"
    ]
    stacks += [
        Workflows(app, place, definitions=machines, steps=set(access.of_group("steps"))),
        FrontDoor(
            app, place, declared={n: d for group in _OFFICE for n, d in routes[group].items()}
        ),
        Pages(app, place),
        Watch(app, place, machines=named, entries=entries),
    ]
    if not place.is_sandbox:
        # The sandbox has nobody's data and one person who runs it.
        stacks.append(
            Administrators(
                app, place, machines=named, queues=("questions", "questions-dead"), secrets=secrets
            )
        )
    for before, after in pairwise(stacks):
        after.add_stack_dependency(before, "Names are known beforehand, resources are not")
    Tags.of(app).add("chepai:stage", place.stage)
    Tags.of(app).add("chepai:city", place.city)
    return app


def place_from_environment() -> Place:
    """The place that the command line or the CDK's own context names."""
    context = App().node

    def said(name: str, default: str = "") -> str:
        return os.environ.get(f"CHEPAI_{name.upper()}") or context.try_get_context(name) or default

    vendor = said("vendor")
    return Place(
        stage=said("stage", "sandbox"),
        city=said("city", "qingdao"),
        region=said("region"),
        acknowledged_region=said("acknowledge_region"),
        issuer=said("issuer"),
        audience=said("audience"),
        vendor=Path(vendor) if vendor else None,
        suite=said("suite", "intl"),
    )


def main() -> int:
    outdir = Path(os.environ.get("CDK_OUTDIR", "cdk.out"))
    try:
        place = place_from_environment()
    except ValueError as refused:
        print(refused, file=sys.stderr)
        return 1
    with TemporaryDirectory() as zips:
        app = build(place, outdir, Path(zips))
        if os.environ.get("CHEPAI_CHECK"):
            Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
        app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
