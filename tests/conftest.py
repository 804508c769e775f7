"""What all tests share."""

import os

from hypothesis import HealthCheck, settings

# How long an example takes says something of the machine, and machines are shared. One commit
# gives one answer: fresh examples are for `make test-slow`, whose finds become plain tests.
settings.register_profile(
    "shared",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
    derandomize=not os.environ.get("CHEPAI_FRESH_EXAMPLES"),
)
settings.load_profile("shared")
