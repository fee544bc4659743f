"""The plan of a night, in virtual time: no line holds up the others."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from prum_match.exchange import PARTIES, Outcome, PartyOutcome
from prum_match.exchange.nightly.lines import LINE_LEFT, NIGHT_OVER, Lines

TIMEOUT = 60.0
NO_HIT, SILENT = PartyOutcome(Outcome.NO_HIT), PartyOutcome(Outcome.TIMEOUT)
HANGS = PartyOutcome(Outcome.BUSY, error_code="in_flight_limit")

Answers = Callable[[float], tuple[float, PartyOutcome]]
"""Time of a call to its seconds and its outcome."""


def takes(seconds: float, outcome: PartyOutcome = NO_HIT) -> Answers:
    return lambda now: (seconds, outcome)


def hangs(now: float) -> tuple[float, PartyOutcome]:
    return TIMEOUT, SILENT


@dataclass
class Night:
    """A night that was simulated."""

    took: float = 0.0
    sent: Counter[str] = field(default_factory=Counter)
    outcomes: dict[tuple[str, str], PartyOutcome] = field(default_factory=dict)
    most_running: Counter[str] = field(default_factory=Counter)

    def codes(self, party: str) -> Counter[str | None]:
        return Counter(one.error_code for (_, name), one in self.outcomes.items() if name == party)

    def searched(self, party: str) -> int:
        return sum(
            one.outcome is Outcome.NO_HIT
            for (_, name), one in self.outcomes.items()
            if name == party
        )


def simulated(
    lines: dict[str, Answers],
    n: int | dict[str, int],
    *,
    max_in_flight: int = 4,
    patience: float | None = 0.2,
) -> Night:
    """Drive a plan as the runs do, with a heap of events as the clock."""
    counts = n if isinstance(n, dict) else dict.fromkeys(lines, n)
    pairs = [
        (f"AT-{number}", party)
        for number in range(max(counts.values()))
        for party in lines
        if number < counts[party]
    ]
    plan = Lines(pairs, max_in_flight=max_in_flight, timeout=TIMEOUT, patience=patience, now=0.0)
    night, running = Night(), Counter[str]()
    events: list[tuple[float, int, str, str, PartyOutcome]] = []
    number = itertools.count()
    now = 0.0
    while not plan.is_over:
        for one in plan.unsent(now):
            assert (one.reference, one.party) not in night.outcomes
            night.outcomes[one.reference, one.party] = one.outcome
        while (call := plan.next_call(now)) is not None:
            for party in call.parties:
                seconds, outcome = lines[party](now)
                night.sent[party] += 1
                running[party] += 1
                night.most_running[party] = max(night.most_running[party], running[party])
                event = (now + seconds, next(number), call.reference, party, outcome)
                heapq.heappush(events, event)
        wait = plan.wait(now)
        if events and (wait is None or events[0][0] <= now + wait):
            now, _, reference, party, outcome = heapq.heappop(events)
            running[party] -= 1
            if plan.ended(reference, party, outcome, now):
                night.outcomes[reference, party] = outcome
        else:
            assert wait is not None
            now += wait
    night.took = now
    assert len(night.outcomes) == len(pairs)  # nothing is lost, whatever the lines do
    return night


def test_ten_thousand_searches_at_twenty_six_parties_do_not_wait_for_three_of_them() -> None:
    parties = list(PARTIES)[:26]
    well = dict.fromkeys(parties[:23], takes(1.0))
    ill = {parties[23]: hangs, parties[24]: takes(5.0), parties[25]: takes(50.0)}
    without = simulated(well, 10_000)
    night = simulated({**well, **ill}, 10_000)
    assert without.took == pytest.approx(2500)
    assert night.took <= 1.2 * without.took + 3 * TIMEOUT
    for party in well:
        assert night.searched(party) == 10_000
    # What was not asked is named, and everything else was answered.
    assert night.codes(parties[23]) == {None: 5, LINE_LEFT: 9_995}
    for slow in parties[24:]:
        assert night.searched(slow) + night.codes(slow)[NIGHT_OVER] == 10_000
        assert night.searched(slow) > 0
    assert set(night.most_running.values()) == {4}


def test_without_an_end_every_slow_line_is_asked_everything() -> None:
    night = simulated({"DE": takes(0.1), "FR": takes(5.0), "BE": takes(1)}, 1000, patience=None)
    assert [night.searched(party) for party in ("DE", "FR", "BE")] == [1000] * 3
    assert night.took == pytest.approx(1250)


def test_one_line_that_hangs_costs_two_timeouts() -> None:
    night = simulated({"DE": takes(0.1), "FR": hangs}, 10)
    assert night.took <= 2 * TIMEOUT + 1
    assert night.sent["FR"] == 5
    alone = simulated({"FR": hangs}, 1000)
    assert (alone.took, alone.sent["FR"]) == (2 * TIMEOUT, 5)


def test_a_line_that_comes_back_is_asked_the_rest() -> None:
    def ill_for_a_while(now: float) -> tuple[float, PartyOutcome]:
        return hangs(now) if now < 90 else (1.0, NO_HIT)

    night = simulated({"DE": takes(1.0), "BE": takes(1.0), "FR": ill_for_a_while}, 1000)
    assert night.codes("FR")[LINE_LEFT] == 0
    assert night.searched("FR") > 300  # from the end of the others until the end of the night
    patient = simulated(
        {"DE": takes(1.0), "BE": takes(1.0), "FR": ill_for_a_while}, 1000, patience=None
    )
    assert patient.searched("FR") == 996  # all but those that timed out


def test_a_line_that_falters_twice_is_tried_once_more_and_no_oftener() -> None:
    replies = itertools.chain([SILENT] * 4, [NO_HIT], itertools.repeat(SILENT))
    night = simulated({"DE": takes(1), "FR": lambda now: (TIMEOUT, next(replies))}, 1000)
    assert night.searched("FR") == 1
    assert night.sent["FR"] <= 4 + 1 + 4
    assert night.codes("FR")[LINE_LEFT] >= 990


def test_some_time_outs_do_not_end_a_line() -> None:
    replies = itertools.cycle([SILENT, SILENT, NO_HIT])
    night = simulated({"FR": lambda now: (1.0, next(replies))}, 300, max_in_flight=1)
    assert night.searched("FR") == 100
    assert night.codes("FR")[LINE_LEFT] == 0


def test_a_refusing_line_sets_no_pace() -> None:
    refuses = takes(0.001, PartyOutcome(Outcome.REFUSED))
    lines = {"DE": refuses, "FR": refuses, "BE": refuses, "NL": refuses, "IT": takes(2.0)}
    assert simulated(lines, 1000).searched("IT") == 1000


def test_a_party_with_more_searches_than_the_others_is_not_slow() -> None:
    lines = {party: takes(1.0) for party in ("DE", "FR", "BE", "NL", "IT")}
    night = simulated(lines, {"DE": 10, "FR": 10, "BE": 10, "NL": 10, "IT": 5000})
    assert night.searched("IT") == 5000


def test_calls_that_still_hang_put_a_search_off() -> None:
    replies = itertools.chain([SILENT, HANGS], itertools.repeat(NO_HIT))
    night = simulated({"FR": lambda now: (0.5, next(replies))}, 20, max_in_flight=1)
    assert night.searched("FR") == 19
    assert HANGS not in night.outcomes.values()
    stuck = simulated({"DE": takes(1.0), "FR": takes(0.0, HANGS)}, 20)
    assert stuck.codes("FR") == {LINE_LEFT: 20}


def test_lines_in_step_share_a_call() -> None:
    pairs = [("AT-1", "DE"), ("AT-1", "FR"), ("AT-2", "FR"), ("AT-2", "DE")]
    plan = Lines(pairs, max_in_flight=1, timeout=1, patience=None, now=0)
    assert plan.next_call(0) == ("AT-1", ("DE", "FR"))
    assert plan.next_call(0) is None
    plan.ended("AT-1", "FR", NO_HIT, 1)
    assert plan.next_call(1) == ("AT-2", ("FR",))
    plan.ended("AT-1", "DE", None, 2)
    assert plan.next_call(2) == ("AT-2", ("DE",))
