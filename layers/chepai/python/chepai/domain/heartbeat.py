"""The heartbeat: applications of persons who are nobody, so that the real path is walked always.

The mark is the person, so a case bears it from birth. Such a case is withdrawn before it holds a
number or owes a fee: it is in no payment, deal or register. What counts cases leaves it out by
this mark.
"""

PREFIX = "per_HEARTBEAT"
"""Identifiers of people hold 128 bits, so none of theirs begins with a letter above 7."""


def is_heartbeat(person_id: str) -> bool:
    """Whether a case is the heartbeat's and no citizen's."""
    return person_id.startswith(PREFIX)
