"""Settings that all tests share."""

from hypothesis import settings

# The machine decides how long an example takes; no test asserts a wall time.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
