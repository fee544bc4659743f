"""How thorough the property tests are: HYPOTHESIS_PROFILE names one of these profiles."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from prum_match import _native, cpu_tiers

_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("default", max_examples=60, **_COMMON)
settings.register_profile("thorough", max_examples=2000, **_COMMON)
# Instrumented code is ten times slower.
settings.register_profile("sanitize", max_examples=12, **_COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(params=cpu_tiers())
def tier(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run the test on every instruction set of this machine."""
    before = _native.active_tier()
    _native.use_tier(request.param)
    yield request.param
    _native.use_tier(before)
