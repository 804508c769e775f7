"""Whether the person another fact names is the person of the case, by blind index alone."""

from collections.abc import Iterator

from chepai.domain.case import Case
from chepai.domain.facts import Fact
from chepai.domain.findings import Finding, Ground, text


def compare(
    fact: Fact, case: Case, role: str, *, differs: Ground, unknown: Ground
) -> Iterator[Finding]:
    """Yield `differs` when the person named in `role` is another, `unknown` without an identity.

    Every `role` has a blind index `<role>_blind` and a masked form `<role>_masked`. Blind
    indexes are keyed, so equality is all that can be asked of them, and all that is needed.
    """
    named = text(fact, f"{role}_blind")
    identity = "name_blind" if role.endswith("_name") else "id_blind"
    known = case.identity.says.get(identity) if case.identity else None
    # An identity that cannot be read is none to compare with: that is the police's to mend.
    if not known or not isinstance(known, str):
        yield unknown.found(fact)
    elif known != named:
        yield differs.found(fact, seen=fact.says.get(f"{role}_masked"))
