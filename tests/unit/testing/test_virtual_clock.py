from __future__ import annotations

from datetime import UTC, datetime, timedelta

from prum_match.testing.clock import VirtualClock


def test_time_passes_only_on_request():
    start = datetime(2030, 5, 1, tzinfo=UTC)
    clock = VirtualClock(start)
    assert clock() == clock() == start
    clock.sleep(86_400)
    assert clock() == start + timedelta(days=1)
