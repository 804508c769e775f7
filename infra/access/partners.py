"""What the functions that take partners' messages may touch."""

from infra.access import Access

ACCESS: dict[str, Access] = {}
