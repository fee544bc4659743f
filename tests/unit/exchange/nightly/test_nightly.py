"""Nightly runs: requests, new matches, and the coverage of each party."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from prum_match.errors import ExchangeError, InvalidInput, StorageError
from prum_match.exchange import (
    Justification,
    MemoryStore,
    Outcome,
    PartyOutcome,
    SearchOutcome,
    SqliteStore,
    Store,
)
from prum_match.exchange.messages import ReplyCandidate
from prum_match.exchange.nightly import (
    Coverage,
    Match,
    MatchLedger,
    Nightly,
    NightReport,
    OpenSearches,
)
from prum_match.testing.clock import VirtualClock

WHY = Justification(case="2026/17", offence="0101 00", official="insp-7")
DAY = 24 * 3600


class Partners:
    """A requester whose parties answer from a table: word to references and their data."""

    def __init__(self, **holdings: dict[str, dict[str, bytes]]) -> None:
        self.holdings = holdings
        self.silent: dict[str, Outcome] = {}
        self.calls: list[tuple[str, tuple[str, ...]]] = []
        self.options: list[tuple[float, Justification | None]] = []
        self.crash_at = 0
        self.error: Exception | None = None

    def search(
        self,
        probe: Any,
        parties: Iterable[str],
        *,
        timeout: float,
        probe_id: str | None,
        justification: Justification | None,
    ) -> SearchOutcome:
        assert probe_id is not None
        if self.error is not None:
            raise self.error
        self.calls.append((probe_id, tuple(parties)))
        self.options.append((timeout, justification))
        if len(self.calls) == self.crash_at:
            raise InterruptedError
        return SearchOutcome({party: self.answer(party, probe.word) for party in parties})

    def answer(self, party: str, word: str) -> PartyOutcome:
        if party in self.silent:
            return PartyOutcome(self.silent[party])
        held = self.holdings[party].get(word, {})
        candidates = tuple(
            ReplyCandidate(
                rank=rank, reference=name, type="P", quality=1, readings=(), data=content
            )
            for rank, (name, content) in enumerate(held.items(), 1)
        )
        return PartyOutcome(Outcome.HIT if candidates else Outcome.NO_HIT, candidates)


class Night:
    def __init__(self, store: Store, clock: VirtualClock) -> None:
        self.searches = OpenSearches("toy", store, clock=clock)
        self.ledger = MatchLedger(store, clock=clock)
        self.nightly = Nightly(self.searches, self.ledger, clock=clock)

    def run(self, partners: Partners) -> list[str]:
        """Return the reported matches."""
        found = []
        for match in self.nightly.run(partners, timeout=30):
            found.append(name(match))
            self.ledger.report(match)
        return found


def name(match: Match) -> str:
    return f"{match.key.own_reference} {match.key.reference}"


@pytest.fixture
def partners() -> Partners:
    return Partners(DE={"apple": {"DE-1": b"1", "DE-2": b"2"}}, FR={"pear": {"FR-1": b"1"}}, BE={})


@pytest.fixture
def night(clock: VirtualClock, toy) -> Night:
    made = Night(MemoryStore(), clock)
    made.searches.add("AT-1", toy.Item("apple"), parties=["DE", "FR"], justification=WHY)
    made.searches.add("AT-2", toy.Item("pear"), parties=["DE", "FR"])
    return made


def test_a_known_match_is_reported_once(
    night: Night, partners: Partners, clock: VirtualClock
) -> None:
    assert night.run(partners) == ["AT-1 DE-1", "AT-1 DE-2", "AT-2 FR-1"]
    for _ in range(3):
        clock.sleep(DAY)
        assert night.run(partners) == []
    assert partners.calls == [("AT-1", ("DE", "FR")), ("AT-2", ("DE", "FR"))] * 4
    assert partners.options[:2] == [(30, WHY), (30, None)]


def test_a_new_reference_is_found_the_next_night(
    night: Night, partners: Partners, clock: VirtualClock, toy
) -> None:
    night.run(partners)
    clock.sleep(DAY)
    partners.holdings["FR"]["apple"] = {"FR-9": b"9"}  # enrolled
    partners.holdings["DE"]["apple"]["DE-2"] = b"corrected"
    night.searches.add("AT-3", toy.Item("pear"), parties=["FR"])
    assert night.run(partners) == ["AT-1 DE-2", "AT-1 FR-9", "AT-3 FR-1"]


def test_new_matches_carry_the_candidate_of_the_reply(night: Night, partners: Partners) -> None:
    match = next(night.nightly.run(partners, timeout=30))
    assert match.candidate is not None
    assert (match.candidate.reference, match.candidate.data) == ("DE-1", b"1")


def test_a_refuted_match_stays_silent(
    night: Night, partners: Partners, clock: VirtualClock
) -> None:
    for match in night.nightly.run(partners, timeout=30):
        night.ledger.refute(*night.ledger.report(match))
    clock.sleep(DAY)
    assert night.run(partners) == []


def test_the_report_shows_the_coverage_of_each_party(
    night: Night, partners: Partners, clock: VirtualClock
) -> None:
    partners.silent["FR"] = Outcome.TIMEOUT
    started = clock()
    night.run(partners)
    report = night.nightly.report()
    assert report == NightReport(
        started=started,
        finished=started,
        parties=(Coverage(party="DE", asked=2, searched=2), Coverage(party="FR", asked=2)),
    )
    assert [one.unanswered for one in report.parties] == [0, 2]
    assert not report.complete
    clock.sleep(DAY)
    del partners.silent["FR"]
    night.run(partners)
    report = night.nightly.report()
    assert report.complete
    assert report.started == started + timedelta(days=1)
    assert [one.searched for one in report.parties] == [2, 2]


@pytest.mark.parametrize("outcome", [Outcome.UNSUITABLE, Outcome.REFUSED, Outcome.INVALID_REPLY])
def test_no_answer_is_never_no_hit(night: Night, partners: Partners, outcome: Outcome) -> None:
    partners.silent["FR"] = outcome
    night.run(partners)
    report = night.nightly.report()
    unsuitable = outcome is Outcome.UNSUITABLE
    assert report.parties[1] == Coverage(party="FR", asked=2, unsuitable=2 * unsuitable)
    assert report.parties[1].unanswered == (0 if unsuitable else 2)
    assert not report.complete


def test_a_silent_party_is_asked_first_in_the_next_run(
    night: Night, partners: Partners, clock: VirtualClock
) -> None:
    partners.silent["FR"] = Outcome.UNREACHABLE
    assert night.run(partners) == ["AT-1 DE-1", "AT-1 DE-2"]
    partners.calls.clear()
    del partners.silent["FR"]
    clock.sleep(3600)  # too early for those that have answered
    assert night.run(partners) == ["AT-2 FR-1"]
    assert partners.calls == [("AT-1", ("FR",)), ("AT-2", ("FR",))]


def test_a_concurrent_run_only_asks_silent_parties(night: Night, partners: Partners) -> None:
    partners.silent["FR"] = Outcome.BUSY
    night.run(partners)
    partners.calls.clear()
    night.run(partners)
    assert partners.calls == [("AT-1", ("FR",)), ("AT-2", ("FR",))]


def test_new_against_all_asks_until_there_is_an_answer(
    night: Night, partners: Partners, clock: VirtualClock, toy
) -> None:
    for reference in ("AT-1", "AT-2"):
        night.searches.remove(reference)
    night.searches.add("AT-5", toy.Item("pear"), parties=["FR", "BE"], every=None)
    partners.silent["FR"] = Outcome.TIMEOUT
    found = []
    for _ in range(4):
        found.append(night.run(partners))
        clock.sleep(DAY)
        if len(found) == 2:
            del partners.silent["FR"]
    assert found == [[], [], ["AT-5 FR-1"], []]
    assert partners.calls == [("AT-5", ("BE", "FR"))] + [("AT-5", ("FR",))] * 2
    assert night.nightly.report().complete  # nothing was asked, so nothing is missing
    assert night.nightly.report().parties == ()


def test_a_run_that_crashed_goes_on_where_it_stopped(
    tmp_path: Path, clock: VirtualClock, partners: Partners, toy
) -> None:
    path = tmp_path / "exchange.db"
    with SqliteStore(path) as store:
        night = Night(store, clock)
        for number in range(1, 5):
            night.searches.add(f"AT-{number}", toy.Item("apple"), parties=["DE", "FR"])
        partners.silent["FR"] = Outcome.TIMEOUT
        partners.crash_at = 3
        with pytest.raises(InterruptedError):
            night.run(partners)
        started = night.nightly.report().started
        assert night.nightly.report().finished is None
        assert not night.nightly.report().complete
    partners.calls.clear()
    partners.crash_at = 0
    clock.sleep(600)
    with SqliteStore(path) as store:
        night = Night(store, clock)
        assert night.run(partners) == [
            f"AT-{number} DE-{found}" for number in (3, 4) for found in (1, 2)
        ]
        assert [reference for reference, _ in partners.calls] == ["AT-3", "AT-4"]
        report = night.nightly.report()
        assert (report.started, report.finished) == (started, clock())
        assert [(one.asked, one.searched) for one in report.parties] == [(4, 4), (4, 0)]


def test_unreported_matches_come_first_in_the_next_run(
    night: Night, partners: Partners, clock: VirtualClock
) -> None:
    run = night.nightly.run(partners, timeout=30)
    assert name(next(run)) == "AT-1 DE-1"
    run.close()  # the process dies before anything is reported
    clock.sleep(60)
    assert night.run(partners) == ["AT-1 DE-1", "AT-1 DE-2", "AT-2 FR-1"]


def test_an_answer_and_its_matches_stand_together(
    night: Night, partners: Partners, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> list[Match]:
        raise StorageError("the disk is full", code="store_unusable")

    with monkeypatch.context() as patch:
        patch.setattr(night.ledger, "note", full)
        with pytest.raises(StorageError):
            night.run(partners)
    assert night.searches.states("AT-1")["DE"].run is None
    assert night.nightly.report().parties == ()
    assert night.run(partners) == ["AT-1 DE-1", "AT-1 DE-2", "AT-2 FR-1"]


@pytest.mark.parametrize(
    "error", [ExchangeError("no", code="too_large"), InvalidInput("no", code="other_register")]
)
def test_a_search_that_may_not_be_sent_does_not_end_the_night(
    night: Night, partners: Partners, error: Exception
) -> None:
    partners.error = error
    assert night.run(partners) == []
    state = night.searches.states("AT-1")["DE"]
    assert (state.outcome, state.code) == (Outcome.REFUSED, error.code)
    assert [one.unanswered for one in night.nightly.report().parties] == [2, 2]


def test_a_store_that_fails_ends_the_night(night: Night, partners: Partners) -> None:
    partners.error = StorageError("the disk is full", code="store_unusable")
    with pytest.raises(StorageError):
        night.run(partners)
    assert night.nightly.report().finished is None


def test_a_search_that_is_closed_while_it_is_asked_finds_nothing(
    night: Night, partners: Partners, clock: VirtualClock
) -> None:
    night.nightly.begin()
    turn = night.nightly.turns()[0]
    outcome = partners.search(
        night.searches.probe_of(turn.search),
        turn.parties,
        timeout=1,
        probe_id="AT-1",
        justification=None,
    )
    night.searches.remove("AT-1")
    assert night.nightly.take(turn.search, outcome, clock()) == []
    assert night.ledger.matches("toy") == []
    assert night.nightly.report().parties == ()


def test_answers_may_come_later_than_the_questions(
    night: Night, partners: Partners, clock: VirtualClock
) -> None:
    night.nightly.begin()
    asked_at = clock()
    for search, parties in night.nightly.turns():
        pending = SearchOutcome(dict.fromkeys(parties, PartyOutcome(Outcome.PENDING)))
        assert night.nightly.take(search, pending, asked_at) == []
    assert night.nightly.turns() == []
    clock.sleep(600)
    search = night.searches.get("AT-1")

    def take(party: str) -> list[str]:
        said = SearchOutcome({party: partners.answer(party, "apple")})
        return [name(match) for match in night.nightly.take(search, said, asked_at)]

    assert take("DE") == ["AT-1 DE-1", "AT-1 DE-2"]
    assert take("DE") == []
    night.nightly.finish()
    counts = [(one.asked, one.searched) for one in night.nightly.report().parties]
    assert counts == [(2, 1), (2, 0)]
    assert take("FR") == []  # after the run
    counts = [(one.asked, one.searched) for one in night.nightly.report().parties]
    assert counts == [(2, 1), (2, 1)]
    assert {match.since for match in night.ledger.matches("toy")} == {asked_at}
    night.nightly.begin()
    assert [(turn.search.reference, turn.parties) for turn in night.nightly.turns()] == [
        ("AT-2", ("DE", "FR"))
    ]


def test_turns_come_in_pieces(night: Night, clock: VirtualClock) -> None:
    night.nightly.begin()
    assert [turn.parties for turn in night.nightly.turns(limit=3)] == [("DE", "FR"), ("DE",)]


def test_beginning_twice_is_one_run(night: Night, clock: VirtualClock) -> None:
    first = night.nightly.begin()
    assert not first.complete
    clock.sleep(60)
    assert night.nightly.begin() == first
    night.nightly.finish()
    assert night.nightly.begin().started == clock()
    night.nightly.finish()
    assert night.nightly.begin().started > clock()  # two runs at one time are still two


def test_without_a_run_there_is_no_report(night: Night, clock: VirtualClock) -> None:
    with pytest.raises(ExchangeError, match="no_run"):
        night.nightly.report()
    with pytest.raises(ExchangeError, match="no_run"):
        night.nightly.finish()


def test_searches_and_ledger_share_a_store(clock: VirtualClock) -> None:
    with pytest.raises(InvalidInput, match="other_store"):
        Nightly(OpenSearches("toy", MemoryStore()), MatchLedger(MemoryStore()))
