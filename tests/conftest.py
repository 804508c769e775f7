"""What all tests share."""

from hypothesis import HealthCheck, settings

# How long an example takes says something of the machine, and machines are shared.
settings.register_profile(
    "shared", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("shared")
