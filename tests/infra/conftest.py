"""The synthesised templates, made once for all tests that read them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra import assembly
from infra.assets import ROOT

Resource = dict[str, Any]


@dataclass(frozen=True)
class Templates:
    """All templates of one assembly, by stack."""

    by_stack: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, folder: Path) -> "Templates":
        return cls(
            {
                each.name.removesuffix(".template.json"): json.loads(each.read_text())
                for each in sorted(folder.glob("*.template.json"))
            }
        )

    def resources(self, kind: str) -> Iterator[tuple[str, Resource]]:
        """Every resource of a type with the path that names it in a failure."""
        for stack, template in self.by_stack.items():
            for name, resource in template["Resources"].items():
                if resource["Type"] == kind:
                    yield f"{stack}/{name}", resource

    def properties(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for path, resource in self.resources(kind):
            yield path, resource["Properties"]


@pytest.fixture(scope="session")
def sandbox() -> Templates:
    """The stage that `make run` deploys."""
    return Templates.of(assembly.ensure())


@pytest.fixture(scope="session")
def in_china() -> Templates:
    """A stage with a region of the other partition; the real layer is not needed to read it."""
    settings = {"stage": "staging", "region": "cn-north-1", "issuer": "https://issuer.example"}
    return Templates.of(assembly.ensure(settings, out=ROOT / "build" / "tests" / "cn"))
