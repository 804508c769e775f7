"""What streams, queues and the clock call, and what that may touch."""

from infra.access import Access

ACCESS: dict[str, Access] = {}
