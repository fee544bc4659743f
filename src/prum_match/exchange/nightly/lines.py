"""The plan of a night, without input or output: what is sent next, and which lines are left.

A line is the way to one party. Times are seconds of a monotonic clock; the driver passes them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from prum_match.exchange.outcomes import Outcome, PartyOutcome

MOST_SILENCE = 3
"""Calls in a row without an answer after which a line is left until the end of the night."""

LINE_LEFT, NIGHT_OVER = "line_left", "night_over"
"""Codes of searches that were not sent: the line was left, or slower than nearly all others."""

_SEARCHED = {Outcome.HIT, Outcome.NO_HIT}
_SILENT = {Outcome.TIMEOUT, Outcome.UNREACHABLE}
_OWN_LIMIT = "in_flight_limit"
_QUICK = 0.75  # the part of many lines whose pace is expected of the others
_GRACE = 2  # timeouts that a slow line gets besides; its last calls may take a third one
_PAUSE = 0.05  # of a timeout: a call that was given up may take a moment longer to return


class Call(NamedTuple):
    """One search to send to some parties, by its reference number."""

    reference: str
    parties: tuple[str, ...]


class Unsent(NamedTuple):
    """One search that was not sent to a party, with its outcome."""

    reference: str
    party: str
    outcome: PartyOutcome


@dataclass(slots=True)
class _Line:
    party: str
    queue: deque[tuple[int, str]] = field(default_factory=deque)
    n_searches: int = 0
    running: int = 0
    answers: int = 0
    silence: int = 0  # calls in a row without an answer
    resumes: float = 0.0
    took: float = 0.0  # until it was done
    is_left: bool = False
    times_left: int = 0
    is_on_trial: bool = False
    last: Outcome = Outcome.TIMEOUT

    @property
    def is_busy(self) -> bool:
        return bool(self.queue or self.running)

    def leave(self) -> None:
        self.is_left, self.is_on_trial = True, False
        self.times_left += 1

    def try_again(self) -> None:
        self.is_left, self.is_on_trial = False, True
        self.silence, self.resumes = 0, 0.0


class Lines:
    """The lines of one night, each with the searches that are still to be sent.

    Parameters
    ----------
    pairs : iterable of tuple of str, str
        Reference numbers of the searches and parties, in the order of sending.
    max_in_flight : int
        Most calls of a line at the same time.
    timeout : float
        Seconds of a call.
    patience : float or None
        Slow lines get this part of the time more than the quick ones needed for as many searches;
        None: the night waits for all.
    now : float
        Time of the beginning.
    """

    def __init__(
        self,
        pairs: Iterable[tuple[str, str]],
        *,
        max_in_flight: int,
        timeout: float,
        patience: float | None,
        now: float,
    ) -> None:
        self._lines: dict[str, _Line] = {}
        for place, (reference, party) in enumerate(pairs):
            line = self._lines.setdefault(party, _Line(party))
            line.queue.append((place, reference))
            line.n_searches += 1
        self._ready = dict(self._lines)  # all that may take a call, and perhaps others
        self._max_in_flight = max_in_flight
        self._timeout = timeout
        self._patience = patience
        self._began = now
        self._has_news = True  # a line is done, or left
        self._pace: float | None = None  # seconds a search, of the quick lines

    @property
    def is_over(self) -> bool:
        """Whether everything was sent or left, and no call is under way."""
        return not any(line.is_busy for line in self._lines.values())

    def next_call(self, now: float) -> Call | None:
        """Return the next search to send, with the parties whose lines take it now."""
        free = []
        for line in list(self._ready.values()):
            if self._takes_calls(line, now):
                free.append(line)
            elif line.resumes <= now:
                del self._ready[line.party]  # until a call ends
        if not free:
            return None
        first = min(free, key=lambda line: line.queue[0][0])
        _, reference = first.queue[0]
        sent = sorted(
            (line for line in free if line.queue[0][1] == reference),
            key=lambda line: line.queue[0][0],
        )
        for line in sent:
            line.queue.popleft()
            line.running += 1
        return Call(reference, tuple(line.party for line in sent))

    def ended(self, reference: str, party: str, outcome: PartyOutcome | None, now: float) -> bool:
        """Take in the end of a call to a party; None: the search is closed and was not sent.

        Returns
        -------
        bool
            False if nothing was sent because of calls that still hang: the search is sent later.
        """
        line = self._lines[party]
        line.running -= 1
        self._ready[party] = line
        line.took = now - self._began
        self._has_news |= not line.queue
        if outcome is None:
            return True
        hangs = outcome.outcome is Outcome.BUSY and outcome.error_code == _OWN_LIMIT
        if hangs:
            line.queue.appendleft((-1, reference))
            line.resumes = now + _PAUSE * self._timeout
        if hangs or outcome.outcome in _SILENT:
            line.silence += 1
            line.last = Outcome.TIMEOUT if hangs else outcome.outcome
        elif outcome.outcome is not Outcome.BUSY:
            line.silence, line.is_on_trial = 0, False
            line.answers += outcome.outcome in _SEARCHED
        if line.is_on_trial or (line.silence >= MOST_SILENCE and not line.is_left):
            line.leave()
            self._has_news = True
        return not hangs

    def unsent(self, now: float) -> Iterator[Unsent]:
        """Yield, and forget, the searches that are not sent any more this night."""
        if self._pace is None:
            self._set_pace()
        if self._pace is not None:
            for line in self._active():
                if line.queue and not line.is_on_trial and self._end_of(line) <= now:
                    yield from _emptied(line, PartyOutcome(Outcome.PENDING, error_code=NIGHT_OVER))
        if any(line.queue for line in self._active()):
            return
        for line in self._lines.values():
            if line.is_left and line.times_left > 1:
                yield from _emptied(line, PartyOutcome(line.last, error_code=LINE_LEFT))
            elif line.is_left and line.queue and not line.running:
                line.try_again()  # everything else was sent
                self._ready[line.party] = line

    def wait(self, now: float) -> float | None:
        """Return the seconds until there may be something to do; None: when a call ends."""
        first = inf
        for line in self._active():
            if line.queue and line.resumes > now:
                first = min(first, line.resumes)
            if line.queue and not line.is_on_trial and self._pace is not None:
                first = min(first, self._end_of(line))
        if first == inf and any(line.running for line in self._lines.values()):
            return None
        return 0.0 if first == inf else max(0.0, first - now)

    def _takes_calls(self, line: _Line, now: float) -> bool:
        if line.is_left or not line.queue or line.resumes > now:
            return False
        if line.silence and line.silence + line.running >= MOST_SILENCE:
            return False  # the calls under way decide
        return line.running < (1 if line.is_on_trial else self._max_in_flight)

    def _active(self) -> Iterator[_Line]:
        return (line for line in self._lines.values() if not line.is_left)

    def _end_of(self, line: _Line) -> float:
        """Return the time at which nothing more is sent on a line."""
        if self._patience is None or self._pace is None:
            return inf
        took = self._pace * line.n_searches
        return self._began + took * (1 + self._patience) + _GRACE * self._timeout

    def _set_pace(self) -> None:
        """Take the pace of the quick lines, once they are done."""
        if not self._has_news:
            return
        self._has_news = False
        # A line that refuses everything is quick, and says nothing about a search.
        lines = [one for one in self._active() if one.is_busy or 2 * one.answers >= one.n_searches]
        done = [line for line in lines if not line.is_busy]
        # All but one of a few lines, three quarters of many.
        if done and len(done) >= min(len(lines) - 1, _QUICK * len(lines)):
            self._pace = max(line.took / line.n_searches for line in done)


def _emptied(line: _Line, outcome: PartyOutcome) -> Iterator[Unsent]:
    while line.queue:
        yield Unsent(line.queue.popleft()[1], line.party, outcome)
