from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from prum_match.testing.clock import VirtualClock


def test_time_passes_only_when_told():
    start = datetime(2030, 5, 1, tzinfo=UTC)
    clock = VirtualClock(start)
    assert clock() == clock() == start
    before = time.monotonic()
    clock.sleep(86_400)
    assert time.monotonic() - before < 1
    assert clock() == start + timedelta(days=1)
