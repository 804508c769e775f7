"""What the functions behind counters, hotline and operators may touch."""

from infra.access import Access

ACCESS: dict[str, Access] = {}
