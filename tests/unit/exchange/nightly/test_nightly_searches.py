"""Open searches: stored data, refusals, and the order of turns."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from prum_match import engine
from prum_match.errors import DuplicateReference, ExchangeError, PrumError, UnknownReference
from prum_match.exchange import (
    Justification,
    MemoryStore,
    Outcome,
    PartyOutcome,
    Sample,
    SearchOutcome,
    SqliteStore,
    Store,
    SubjectClass,
)
from prum_match.exchange.nightly import OpenSearches, PartyState
from prum_match.testing.clock import VirtualClock

WHY = Justification(case="2026/17", offence="0101 00", official="insp-7")
PENDING = PartyState()
HOUR = timedelta(hours=1)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Store = (
        MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "exchange.db")
    )
    yield made
    made.close()


@pytest.fixture
def searches(store: Store, clock: VirtualClock) -> OpenSearches:
    return OpenSearches("toy", store, clock=clock)


def settle(searches: OpenSearches, reference: str, run: datetime, **said: Outcome):
    search = searches.get(reference)
    outcome = SearchOutcome({party: PartyOutcome(one, (), 0, "x") for party, one in said.items()})
    with searches.store.transaction() as entries:
        return searches.settle(entries, search, outcome, run)


def turns(searches: OpenSearches, until: datetime, limit: int = 1000):
    return [(turn.search.reference, turn.parties) for turn in searches.due(until, limit)]


def test_a_search_is_kept_as_it_is_sent(searches: OpenSearches, toy) -> None:
    item = toy.Item("apple", "S")
    searches.add("AT-7", item, parties=["DE", "FR"], justification=WHY, every=HOUR)
    search = searches.get("AT-7")
    assert search.probe == b'["apple", "S"]'
    assert (search.parties, search.justification, search.every) == (("DE", "FR"), WHY, HOUR)
    assert searches.probe_of(search) == item
    assert searches.references() == ["AT-7"]
    assert searches.states("AT-7") == {"DE": PENDING, "FR": PENDING}
    assert "apple" not in repr(search)
    assert "2026/17" not in repr(search)


def test_a_sample_is_kept_as_it_was_taken(store: Store) -> None:
    faces = OpenSearches("face", store)
    faces.add("AT-7", Sample(b"an image"), parties=["DE"])
    assert faces.probe_of(faces.get("AT-7")) == Sample(b"an image")
    with pytest.raises(PrumError, match="not_a_sample"):
        faces.add("AT-8", "no image", parties=["DE"])


def test_a_category_may_be_given_itself(store: Store, toy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(engine, "category")
    searches = OpenSearches(toy.category, store)
    searches.add("AT-7", toy.Item("apple"), parties=["DE"])
    assert searches.probe_of(searches.get("AT-7")) == toy.Item("apple")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"word": ""}, "too_short"),
        ({"word": "owner", "justification": WHY}, "subject_not_allowed"),
        ({"word": "owner"}, "subject_not_allowed"),
        ({"at_home": True}, "probe_stays_in_house"),
        ({"parties": []}, "no_party"),
        ({"parties": ["DE", "DE"]}, "duplicate_party"),
        ({"parties": ["XX"]}, "unknown_party"),
        ({"every": timedelta(0)}, "invalid_field"),
        ({"reference": "a\x1fb"}, "invalid_field"),
    ],
)
def test_a_search_that_is_not_allowed_is_refused_when_it_is_added(
    searches: OpenSearches, toy, changes: dict, code: str
) -> None:
    options = {"reference": "AT-7", "parties": ["DE"], **changes}
    item = toy.Item(options.pop("word", "apple"), at_home=options.pop("at_home", False))
    with pytest.raises(PrumError) as caught:
        searches.add(options.pop("reference"), item, **options)
    assert caught.value.code == code
    assert searches.references() == []
    assert turns(searches, datetime(9999, 1, 1, tzinfo=UTC)) == []


def test_the_justification_is_judged_by_day(store: Store) -> None:
    faces = OpenSearches("face", store)
    with pytest.raises(ExchangeError, match="sentence_missing"):
        faces.add("AT-7", Sample(b"an image"), parties=["DE"], justification=WHY)
    assert faces.references() == []


def test_a_search_for_suspects_alone_needs_a_suspect(searches: OpenSearches, toy) -> None:
    why = replace(WHY, subject=SubjectClass.SUSPECT)
    searches.add("AT-7", toy.Item("owner"), parties=["DE"], justification=why)
    searches.extend("AT-7", ["FR"])
    assert searches.get("AT-7").justification == why


def test_one_search_for_one_reference(searches: OpenSearches, toy) -> None:
    searches.add("AT-7", toy.Item("apple"), parties=["DE"])
    with pytest.raises(DuplicateReference, match="duplicate_reference"):
        searches.add("AT-7", toy.Item("pear"), parties=["FR"])
    assert searches.probe_of(searches.get("AT-7")).word == "apple"


@pytest.mark.parametrize("verb", ["get", "states", "remove"])
def test_a_search_that_is_not_open_is_unknown(searches: OpenSearches, toy, verb: str) -> None:
    with pytest.raises(UnknownReference, match="unknown_reference"):
        getattr(searches, verb)("AT-7")
    with pytest.raises(UnknownReference):
        searches.correct("AT-7", toy.Item("apple"))
    with pytest.raises(UnknownReference):
        searches.extend("AT-7", ["DE"])


def test_a_closed_search_leaves_nothing(tmp_path: Path, toy) -> None:
    path = tmp_path / "exchange.db"
    with SqliteStore(path) as store:
        searches = OpenSearches("toy", store)
        searches.add("AT-7", toy.Item("canary-word"), parties=["DE", "FR"])
        searches.add("AT-70", toy.Item("pear"), parties=["DE"])
        written = b64encode(searches.get("AT-7").probe)
        assert written in path.read_bytes()
        searches.remove("AT-7")
        assert searches.references() == ["AT-70"]
        assert turns(searches, datetime(9999, 1, 1, tzinfo=UTC)) == [("AT-70", ("DE",))]
        assert written not in path.read_bytes()
        searches.add("AT-7", toy.Item("apple"), parties=["BE"])
        assert list(searches.states("AT-7")) == ["BE"]


def test_categories_do_not_mix(searches: OpenSearches, toy) -> None:
    other = OpenSearches("dna", searches.store)
    searches.add("AT-7", toy.Item("apple"), parties=["DE"])
    assert other.references() == []


def test_the_longest_waiting_come_first(searches: OpenSearches, toy, clock) -> None:
    for reference in ("AT-9", "AT-1"):
        searches.add(reference, toy.Item("apple"), parties=["FR", "DE"])
        clock.sleep(60)
    until = clock()
    both = ("DE", "FR")
    assert turns(searches, until) == [("AT-9", both), ("AT-1", both)]
    assert turns(searches, until, limit=3) == [("AT-9", both), ("AT-1", ("DE",))]
    assert turns(searches, until - timedelta(seconds=90)) == [("AT-9", both)]


@pytest.mark.parametrize(
    ("outcome", "answered"),
    [(one, one in (Outcome.HIT, Outcome.NO_HIT, Outcome.UNSUITABLE)) for one in Outcome],
)
@pytest.mark.parametrize("every", [None, HOUR])
def test_only_an_answer_ends_a_turn(
    searches: OpenSearches,
    toy,
    clock: VirtualClock,
    outcome: Outcome,
    answered: bool,
    every: timedelta | None,
) -> None:
    searches.add("AT-7", toy.Item("apple"), parties=["DE"], every=every)
    run = clock()
    assert settle(searches, "AT-7", run, DE=outcome) == {"DE": PENDING}
    assert searches.states("AT-7")["DE"] == PartyState(outcome=outcome, code="x", run=run)
    assert turns(searches, run) == []
    moment = timedelta(microseconds=1)
    due = [("AT-7", ("DE",))]
    if not answered:
        assert turns(searches, run + moment) == due
    elif every is None:
        assert turns(searches, run + 1000 * HOUR) == []
    else:
        assert turns(searches, run + every - moment) == []
        assert turns(searches, run + every) == due


def test_settling_returns_the_earlier_states(searches: OpenSearches, toy, clock) -> None:
    searches.add("AT-7", toy.Item("apple"), parties=["DE", "FR"])
    settle(searches, "AT-7", clock(), DE=Outcome.TIMEOUT)
    before = settle(searches, "AT-7", clock(), DE=Outcome.HIT, FR=Outcome.HIT)
    assert {party: state.outcome for party, state in before.items()} == {
        "DE": Outcome.TIMEOUT,
        "FR": Outcome.PENDING,
    }


def test_a_corrected_probe_is_asked_of_all_again(searches: OpenSearches, toy, clock) -> None:
    searches.add("AT-7", toy.Item("apple"), parties=["DE", "FR"], justification=WHY, every=None)
    old = searches.get("AT-7")
    settle(searches, "AT-7", clock(), DE=Outcome.HIT, FR=Outcome.NO_HIT)
    clock.sleep(60)
    searches.correct("AT-7", toy.Item("pear"))
    new = searches.get("AT-7")
    assert searches.probe_of(new).word == "pear"
    assert (new.parties, new.justification, new.every) == (old.parties, WHY, None)
    assert turns(searches, clock()) == [("AT-7", ("DE", "FR"))]
    # The answer to what it was before counts for nothing.
    with searches.store.transaction() as entries:
        said = SearchOutcome({"DE": PartyOutcome(Outcome.NO_HIT)})
        assert searches.settle(entries, old, said, clock()) == {}
    assert searches.states("AT-7")["DE"] == PENDING


def test_a_correction_is_judged_like_a_new_probe(searches: OpenSearches, toy) -> None:
    searches.add("AT-7", toy.Item("apple"), parties=["FR"], justification=WHY)
    for word, code in [("", "too_short"), ("owner", "subject_not_allowed")]:
        with pytest.raises(PrumError, match=code):
            searches.correct("AT-7", toy.Item(word))
    assert searches.probe_of(searches.get("AT-7")).word == "apple"


def test_an_item_may_take_the_place_of_a_sample(searches: OpenSearches, toy) -> None:
    searches.add("AT-7", Sample(b"an image"), parties=["DE"])
    searches.correct("AT-7", toy.Item("apple"))
    assert searches.probe_of(searches.get("AT-7")) == toy.Item("apple")
    searches.correct("AT-7", Sample(b"another image"))
    assert searches.probe_of(searches.get("AT-7")) == Sample(b"another image")


def test_a_party_that_joins_later_catches_up(searches: OpenSearches, toy, clock) -> None:
    searches.add("AT-7", toy.Item("apple"), parties=["DE"], every=None)
    settle(searches, "AT-7", clock(), DE=Outcome.NO_HIT)
    for parties, code in [(["DE"], "duplicate_party"), (["XX"], "unknown_party"), ([], "no_party")]:
        with pytest.raises(PrumError, match=code):
            searches.extend("AT-7", parties)
    searches.extend("AT-7", ["BE", "FR"])
    assert searches.get("AT-7").parties == ("DE", "BE", "FR")
    assert turns(searches, clock()) == [("AT-7", ("BE", "FR"))]
    assert searches.states("AT-7")["DE"].outcome is Outcome.NO_HIT


def test_a_state_is_checked_like_every_record() -> None:
    with pytest.raises(ExchangeError) as caught:
        PartyState(run=datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=2))))
    assert (caught.value.code, caught.value.field) == ("invalid_field", "run")
