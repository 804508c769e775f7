"""What the steps of the state machines may touch."""

from infra.access import Access

ACCESS: dict[str, Access] = {}
