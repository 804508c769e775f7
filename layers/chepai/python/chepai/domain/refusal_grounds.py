"""The ten grounds on which a first registration is refused (R164 Art. 15), and what meets them."""

from collections.abc import Iterable, Mapping

from chepai.domain.findings import Finding, Ground

ARTICLE_15: Mapping[int, str] = {
    1: "the proofs submitted are invalid",
    2: "the proof of origin was altered, or names another owner than the identity document",
    3: "the proofs do not belong to the vehicle",
    4: "the model is not licensed for production or import",
    5: "model or technical parameters differ from the product announcement",
    6: "the VIN or technical parameters fail the national safety standards",
    7: "the vehicle has reached the limit for compulsory scrapping",
    8: "the vehicle is sealed or seized by a lawful authority",
    9: "the vehicle was stolen, robbed or obtained by fraud",
    10: "another law or regulation forbids it",
}
_PREFIX = "R164-15-"


def item_of(ground: Ground) -> int | None:
    """The item of Art. 15 that a ground rests on; None when it rests on another rule."""
    item = ground.rule.removeprefix(_PREFIX)
    return int(item) if item != ground.rule else None


def established(
    findings: Iterable[Finding], grounds: Mapping[str, Ground]
) -> dict[int, tuple[Finding, ...]]:
    """The items of Art. 15 that these findings meet, each with the findings that meet it."""
    met: dict[int, tuple[Finding, ...]] = {}
    for finding in findings:
        ground = grounds[finding.code]
        item = item_of(ground)
        if item is not None and finding.outcome == "mismatched":
            met[item] = (*met.get(item, ()), finding)
    return dict(sorted(met.items()))
