"""The registry of data-sharing agreements of a city, held against what is really asked and used.

`python -m infra.agreements` checks every city's file and prints it as a table. A question without
an agreement, another field than the message has, and a field that no rule of ours uses are faults.
"""

import ast
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chepai.domain.agreements import ALL, Agreement
from chepai.partners import (
    announcement,
    courier,
    insurer,
    lender,
    manufacturer,
    message_gateway,
    national_register,
    payment_gateway,
    plate_maker,
    police,
    tax,
)
from chepai.partners.message import Statement
from chepai.partners.questions import BY_PARTNER_KIND, BY_TYPE, sent_by
from infra.assets import LAYER, ROOT

FOLDER = ROOT / "cities" / "agreements"
STATEMENTS: Mapping[str, type[Statement]] = {
    type_: model
    for each in (
        announcement, courier, insurer, lender, manufacturer, message_gateway, national_register,
        payment_gateway, plate_maker, police, tax,
    )
    for type_, model in each.MESSAGES.items()
}  # fmt: skip
# Around every message: which question it answers, and until when it is good.
ENVELOPE = frozenset({"request_id", "reply_to", "valid_until"})
_KEYS = frozenset({"partners", "purpose", "sends", "answers", "receives", "owner", "until"})


class AgreementsRefused(ValueError):
    """The file does not fit what is asked; the message has a line for each fault."""


def load(city: str) -> dict[str, Any]:
    """The agreements of a city by type of question. Raises AgreementsRefused."""
    document = tomllib.loads((FOLDER / f"{city}.toml").read_text("utf-8"))
    kept = document.pop("kept_as_evidence", {})
    if faults := [*_faults(document, kept)]:
        raise AgreementsRefused("\n".join(faults))
    return {
        question: {**words, "until": words["until"].isoformat()}
        for question, words in document.items()
    }


def told_by(statement: type[Statement]) -> frozenset[str]:
    """The fields that a message tells us."""
    return frozenset(statement.model_fields) - ENVELOPE


def kinds_asked(question: str) -> set[str]:
    """The kinds of partner that a type of question goes to; "all" for what all may be told."""
    asked = {k for k, models in BY_PARTNER_KIND.items() if BY_TYPE[question] in models}
    return asked or {ALL}


def _faults(document: Mapping[str, Any], kept: Mapping[str, str]) -> Iterator[str]:
    for question in sorted(BY_TYPE.keys() - document.keys()):
        yield f"{question}: is asked without an agreement"
    answered: set[str] = set()
    for question, words in document.items():
        if words.keys() != _KEYS:
            yield f"{question}: has to say {', '.join(sorted(_KEYS))}"
            continue
        answered |= set(words["answers"])
        yield from _faults_of(question, words)
    for statement in sorted(STATEMENTS.keys() - answered):
        yield f"{statement}: is heard and no agreement says so"
    yield from _unused(document, kept)


def _faults_of(question: str, words: Mapping[str, Any]) -> Iterator[str]:
    if question not in BY_TYPE:
        yield f"{question}: nobody asks this"
        return
    if set(words["partners"]) != kinds_asked(question):
        yield f"{question}: goes to {', '.join(sorted(kinds_asked(question)))}"
    if set(words["sends"]) != sent_by(BY_TYPE[question]):
        yield f"{question}: sends {', '.join(sorted(sent_by(BY_TYPE[question])))}"
    if unknown := set(words["answers"]) - STATEMENTS.keys():
        yield f"{question}: no such answer: {', '.join(sorted(unknown))}"
        return
    told = {field for each in words["answers"] for field in told_by(STATEMENTS[each])}
    if set(words["receives"]) != told:
        yield f"{question}: receives {', '.join(sorted(told))}"


def _unused(document: Mapping[str, Any], kept: Mapping[str, str]) -> Iterator[str]:
    """What we are told and no rule looks at: we may not ask for it (PIPL Art. 6)."""
    used = fields_in_use()
    received = {field for words in document.values() for field in words.get("receives", ())}
    for field in sorted(received - used - kept.keys()):
        yield f"{field}: no rule uses it, so it may not be asked for"
    for field in sorted(kept.keys() & used):
        yield f"{field}: is used by a rule and need not be excused"
    for field in sorted(kept.keys() - received):
        yield f"{field}: is excused and never received"


def fields_in_use() -> frozenset[str]:
    """Every word by which a rule, a step or a background function can look at a message.

    Read from their code: the texts in it but for docstrings. Where messages are only taken in
    (`partners`, `edge/webhook.py`) nothing is used yet.
    """
    places = [
        *(LAYER / "chepai" / "domain").glob("*.py"),
        *(each for each in (LAYER / "chepai" / "edge").glob("*.py") if each.name != "webhook.py"),
        *(LAYER / "chepai" / "records").glob("*.py"),
        *(ROOT / "functions").glob("[!s]*/*/handler.py"),
        *(ROOT / "functions" / "steps").glob("*/handler.py"),
    ]
    return frozenset(word for place in places for word in _words(place))


def _words(source: Path) -> Iterator[str]:
    tree = ast.parse(source.read_text("utf-8"))
    docs = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docs and isinstance(node.value, str):
            yield node.value


def main() -> int:
    status = 0
    for path in sorted(FOLDER.glob("*.toml")):
        try:
            agreements = load(path.stem)
        except AgreementsRefused as refused:
            status = 1
            print(f"{path.name} is refused:\n{refused}")
            continue
        for question, words in agreements.items():
            each = Agreement.of(question, words)
            kinds = ", ".join(sorted(each.partners))
            print(f"{each.question:24} {kinds:28} {each.until}  {each.purpose}")
    return status


if __name__ == "__main__":
    sys.exit(main())
