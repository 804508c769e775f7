"""What the functions behind the citizen's app may touch."""

from infra.access import Access

ACCESS: dict[str, Access] = {}
