"""Whatever the lines do, a night ends, loses no search, and keeps to its limits."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from prum_match.exchange import Outcome, PartyOutcome
from prum_match.exchange.nightly.lines import LINE_LEFT, NIGHT_OVER, Lines
from support.examples import examples

TIMEOUT = 8.0
SILENT = {Outcome.TIMEOUT, Outcome.UNREACHABLE}
REPLIES = st.tuples(
    st.sampled_from([0.0, 0.5, 1.0, 3.0, TIMEOUT]),
    st.sampled_from(
        [
            PartyOutcome(Outcome.HIT),
            PartyOutcome(Outcome.NO_HIT),
            PartyOutcome(Outcome.UNSUITABLE),
            PartyOutcome(Outcome.REFUSED),
            PartyOutcome(Outcome.TIMEOUT),
            PartyOutcome(Outcome.TIMEOUT),
            PartyOutcome(Outcome.UNREACHABLE),
            PartyOutcome(Outcome.BUSY, error_code="busy"),
            PartyOutcome(Outcome.BUSY, error_code="in_flight_limit"),
            None,
        ]
    ),
)
"""Seconds of a call and its outcome; None: the search was closed."""


@settings(max_examples=examples(200))
@given(
    lines=st.dictionaries(
        st.sampled_from(["DE", "FR", "BE", "NL", "IT", "ES"]),
        st.tuples(st.integers(1, 30), st.lists(REPLIES, min_size=1, max_size=8)),
        min_size=1,
    ),
    most=st.integers(1, 5),
    patience=st.sampled_from([None, 0.0, 0.2, 3.0]),
)
def test_any_night(
    lines: dict[str, tuple[int, list[tuple[float, PartyOutcome | None]]]],
    most: int,
    patience: float | None,
) -> None:
    pairs = [(f"AT-{i}", party) for party, (n, _) in lines.items() for i in range(n)]
    plan = Lines(pairs, max_in_flight=most, timeout=TIMEOUT, patience=patience, now=0.0)
    replies = {party: itertools.cycle(said) for party, (_, said) in lines.items()}
    settled: Counter[tuple[str, str]] = Counter()
    running, silence = Counter[str](), Counter[str]()
    events: list[tuple[float, int, str, str, PartyOutcome | None]] = []
    number, now, steps = itertools.count(), 0.0, 0
    while not plan.is_over:
        steps += 1
        assert steps < 10_000
        for one in plan.unsent(now):
            settled[one.reference, one.party] += 1
            assert one.outcome.error_code in {LINE_LEFT, NIGHT_OVER}
            if one.outcome.error_code == LINE_LEFT:
                assert one.outcome.outcome in SILENT
                assert silence[one.party] > 0
            else:
                assert patience is not None
                assert now >= 2 * TIMEOUT
        while (call := plan.next_call(now)) is not None:
            assert len(set(call.parties)) == len(call.parties) > 0
            for party in call.parties:
                assert (call.reference, party) in pairs
                assert not settled[call.reference, party]
                running[party] += 1
                assert running[party] <= most
                seconds, outcome = next(replies[party])
                event = (now + seconds, next(number), call.reference, party, outcome)
                heapq.heappush(events, event)
        wait = plan.wait(now)
        if events and (wait is None or events[0][0] <= now + wait):
            now, _, reference, party, outcome = heapq.heappop(events)
            running[party] -= 1
            if outcome is not None and (
                outcome.outcome in SILENT or outcome.outcome is Outcome.BUSY
            ):
                silence[party] += 1
            if plan.ended(reference, party, outcome, now):
                settled[reference, party] += 1
        else:
            assert wait is not None
            now += wait
    assert settled == dict.fromkeys(pairs, 1)
    assert not events
