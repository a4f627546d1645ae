"""What holds for tests of all kinds."""

from hypothesis import HealthCheck, settings

# How long it takes to make examples says how busy the machine is, and nothing about the program.
settings.register_profile("any", suppress_health_check=[HealthCheck.too_slow], deadline=None)
settings.load_profile("any")
