"""What the simulated partners and the sandbox identity provider may touch."""

from infra.access import Access

ACCESS: dict[str, Access] = {}
