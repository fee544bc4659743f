"""Bulk comparison: exactly once over crashes and restarts, and never over changed galleries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from prum_match import engine
from prum_match.engine.galleries import join
from prum_match.errors import GenerationChanged, InvalidInput, PrumError
from prum_match.exchange import MemoryStore, SqliteStore
from prum_match.exchange.nightly import BulkComparison, BulkProgress, Match, MatchLedger
from prum_match.exchange.store import StoreTransaction
from prum_match.testing.clock import VirtualClock
from toy_category import NUMBERS, Within

OURS = {f"AT-{n}": 10 * n for n in range(12)}
THEIRS = {f"DE-{n}": 10 * n + 1 for n in range(0, 24, 2)}
TRUTH = [f"AT-{n} DE-{n}" for n in range(0, 12, 2)]


class CrashingStore:
    """A store whose n-th transaction from now on is lost, at its very end."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.crash_in = 0

    @contextmanager
    def transaction(self) -> Iterator[StoreTransaction]:
        with self.inner.transaction() as entries:
            yield entries
            self.crash_in -= 1
            if self.crash_in == 0:
                raise InterruptedError

    def close(self) -> None:
        self.inner.close()


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(join, "_BLOCK_ROWS", 2)


def gallery_of(items: dict[str, int]) -> engine.Gallery[int]:
    gallery = engine.Gallery(NUMBERS)
    if items:
        gallery.enrol(list(items), list(items.values()))
    return gallery


@pytest.fixture
def ours() -> engine.Gallery[int]:
    return gallery_of(OURS)


@pytest.fixture
def theirs() -> engine.Gallery[int]:
    return gallery_of(THEIRS)


def comparison(ours: Any, theirs: Any, ledger: MatchLedger, **more: Any) -> BulkComparison:
    def data_of(gallery: engine.Gallery[int]):
        return lambda reference: b"%d" % gallery[reference]

    options = {
        "name": "AT-DE",
        "party": "DE",
        "own_data": data_of(ours),
        "reference_data": data_of(theirs),
    }
    return BulkComparison(ours, theirs, ledger, **{**options, **more})


def reported(bulk: BulkComparison, ledger: MatchLedger) -> list[str]:
    found = []
    for match in bulk.run():
        found.append(name(match))
        ledger.report(match)
    return found


def name(match: Match) -> str:
    assert (match.key.category, match.key.party) == ("numbers", "DE")
    return f"{match.key.own_reference} {match.key.reference}"


@pytest.fixture
def ledger() -> MatchLedger:
    return MatchLedger(MemoryStore())


@pytest.mark.parametrize("chunk", [1, 2, 4, 6, 100])
def test_all_pairs_are_found_once(ours, theirs, ledger: MatchLedger, chunk: int) -> None:
    bulk = comparison(ours, theirs, ledger, chunk=chunk)
    assert bulk.progress() is None
    assert reported(bulk, ledger) == TRUTH
    progress = bulk.progress()
    assert progress is not None
    assert (progress.blocks, progress.n_blocks, progress.complete) == (6, 6, True)
    assert (progress.compared, progress.pairs, progress.cut) == (12 * 12, 6, 0)
    assert progress.policy == "within 1"
    assert reported(bulk, ledger) == []


def test_progress_is_written_after_each_chunk(ours, theirs, ledger: MatchLedger) -> None:
    bulk = comparison(ours, theirs, ledger, chunk=2)
    run = bulk.run()
    assert name(next(run)) == TRUTH[0]
    progress = bulk.progress()
    assert progress is not None
    assert (progress.blocks, progress.n_blocks, progress.complete) == (2, 6, False)
    assert (progress.compared, progress.pairs) == (4 * 12, 2)
    assert len(ledger.matches("numbers")) == 2


@pytest.mark.parametrize("crash", range(1, 12))
@pytest.mark.parametrize("chunk", [1, 2])
def test_a_crash_anywhere_loses_and_repeats_nothing(
    tmp_path: Path, ours, theirs, crash: int, chunk: int
) -> None:
    found = []
    with SqliteStore(tmp_path / "exchange.db") as inner:
        store = CrashingStore(inner)
        ledger = MatchLedger(store)
        store.crash_in = crash
        try:
            for match in comparison(ours, theirs, ledger, chunk=chunk).run():
                ledger.report(match)
                found.append(name(match))
        except InterruptedError:
            assert len(found) < len(TRUTH)
    with SqliteStore(tmp_path / "exchange.db") as inner:
        ledger = MatchLedger(inner)
        before = len(ledger.matches("numbers"))
        bulk = comparison(ours, theirs, ledger, chunk=chunk)
        progress = bulk.progress()
        assert before == (progress.pairs if progress else 0)
        found += reported(bulk, ledger)
        assert sorted(found) == sorted(TRUTH)
        progress = bulk.progress()
        assert progress is not None
        assert (progress.compared, progress.pairs) == (144, 6)


@pytest.mark.parametrize("change", ["enrol", "replace", "erase"])
@pytest.mark.parametrize("end", ["ours", "theirs"])
def test_a_changed_gallery_stops_the_comparison(
    ours, theirs, ledger: MatchLedger, change: str, end: str
) -> None:
    bulk = comparison(ours, theirs, ledger)
    run = bulk.run()
    found = [name(next(run))]
    gallery = {"ours": ours, "theirs": theirs}[end]
    some = next(iter(OURS if end == "ours" else THEIRS))
    {
        "enrol": lambda: gallery.enrol(["X-1"], [7]),
        "replace": lambda: gallery.replace([some], [5000]),
        "erase": lambda: gallery.erase([some]),
    }[change]()
    with pytest.raises(GenerationChanged, match="generation_changed"):
        list(run)
    again = comparison(ours, theirs, ledger)
    with pytest.raises(GenerationChanged, match="start_over"):
        list(again.run())
    ledger.report(ledger.matches("numbers")[0])
    again.start_over()
    assert again.progress() is None
    found += reported(again, ledger)
    expected = TRUTH[1:] if change != "enrol" else TRUTH
    assert sorted(found) == sorted({TRUTH[0], *expected})


def test_a_change_while_the_process_was_down_is_seen(
    tmp_path: Path, ours, theirs, ledger: MatchLedger
) -> None:
    ours.save(tmp_path / "ours")
    with engine.Gallery.open(tmp_path / "ours") as before:
        next(comparison(before, theirs, ledger).run())
    with engine.Gallery.open(tmp_path / "ours") as same:
        next(comparison(same, theirs, ledger).run())
    with engine.Gallery.open(tmp_path / "ours", "rw") as writer:
        writer.replace(["AT-3"], [61])
    with (
        engine.Gallery.open(tmp_path / "ours") as after,
        pytest.raises(GenerationChanged, match="start_over"),
    ):
        list(comparison(after, theirs, ledger).run())


@pytest.mark.parametrize("lost", ["ours", "theirs"])
def test_a_reference_that_goes_while_its_data_are_fetched_stops_the_comparison(
    ours, theirs, ledger: MatchLedger, lost: str
) -> None:
    def erasing(gallery: engine.Gallery[int]):
        def data_of(reference: str) -> bytes:
            if reference in ("AT-2", "DE-2"):
                gallery.erase([reference])
            return b"%d" % gallery[reference]

        return data_of

    hook = {"own_data": erasing(ours)} if lost == "ours" else {"reference_data": erasing(theirs)}
    with pytest.raises(GenerationChanged, match="start_over"):
        list(comparison(ours, theirs, ledger, **hook).run())
    assert [name(match) for match in ledger.matches("numbers")] == TRUTH[:1]


def test_a_reference_that_changes_while_its_data_are_fetched_stops_the_comparison(
    ours, theirs, ledger: MatchLedger
) -> None:
    def replacing(reference: str) -> bytes:
        theirs.replace([reference], [9999])
        return b"%d" % theirs[reference]

    with pytest.raises(GenerationChanged, match="start_over"):
        list(comparison(ours, theirs, ledger, reference_data=replacing).run())
    assert ledger.matches("numbers") == []


def test_a_failing_provider_is_not_a_change_of_the_gallery(
    ours, theirs, ledger: MatchLedger
) -> None:
    empty: dict[str, bytes] = {}
    for provider in ("own_data", "reference_data"):
        with pytest.raises(KeyError):
            list(comparison(ours, theirs, ledger, **{provider: empty.__getitem__}).run())
    assert ledger.matches("numbers") == []


def test_without_providers_the_enrolled_items_are_the_data(ours, theirs, ledger) -> None:
    with pytest.raises(PrumError, match="not_exchanged"):  # the toy's items have no bytes
        list(BulkComparison(ours, theirs, ledger, name="AT-DE", party="DE").run())


def test_one_name_is_one_comparison(ours, theirs, ledger: MatchLedger) -> None:
    list(comparison(ours, theirs, ledger).run())
    other = Within(name="wider", version="1", source="made up", distance=20)
    newer = Within(name="within", version="2", source="made up")
    for changes in ({"party": "FR"}, {"policy": other}, {"policy": newer}):
        with pytest.raises(InvalidInput, match="other_comparison"):
            list(comparison(ours, theirs, ledger, **changes).run())
    wider = comparison(ours, theirs, ledger, name="another", policy=other)
    assert len(list(wider.run())) > len(TRUTH)


def test_pairs_beyond_the_cap_are_counted(ledger: MatchLedger) -> None:
    ours = gallery_of({"AT-1": 5, "AT-2": 100, "AT-3": 6})  # in two blocks
    theirs = gallery_of({f"DE-{n}": n for n in range(4, 8)})
    capped = Within(name="within", version="1", source="made up", max_candidates=1)
    bulk = comparison(ours, theirs, ledger, policy=capped)
    assert [name(match) for match in bulk.run()] == ["AT-1 DE-5", "AT-3 DE-6"]
    progress = bulk.progress()
    assert progress is not None
    assert (progress.n_blocks, progress.pairs, progress.cut) == (2, 2, 6)


def test_an_empty_gallery_is_compared_at_once(theirs, ledger: MatchLedger) -> None:
    bulk = comparison(gallery_of({}), theirs, ledger)
    assert list(bulk.run()) == []
    progress = bulk.progress()
    assert isinstance(progress, BulkProgress)
    assert (progress.complete, progress.n_blocks, progress.compared) == (True, 0, 0)


def test_corrected_data_are_new_at_either_end(ours, theirs, ledger: MatchLedger) -> None:
    bulk = comparison(ours, theirs, ledger)
    reported(bulk, ledger)
    ours.replace(["AT-2"], [22])
    theirs.replace(["DE-4"], [42])
    bulk.start_over()
    assert sorted(reported(bulk, ledger)) == ["AT-2 DE-2", "AT-4 DE-4"]


def test_matches_are_dated_by_the_clock(ours, theirs) -> None:
    clock = VirtualClock()
    ledger = MatchLedger(MemoryStore(), clock=clock)
    clock.sleep(60)
    (since,) = {match.since for match in comparison(ours, theirs, ledger, clock=clock).run()}
    assert since == clock()
    # An answer that was asked for before a withdrawal revives nothing; a later comparison does.
    ledger.withdraw(ledger.matches("numbers")[0])
    clock.sleep(60)
    bulk = comparison(ours, theirs, ledger, clock=clock)
    bulk.start_over()
    unreported = {name(match) for match in ledger.unreported("numbers")}
    new = [match for match in bulk.run() if name(match) not in unreported]
    assert [match.since - since for match in new] == [timedelta(minutes=1)]


@pytest.mark.parametrize(
    ("changes", "code"), [({"chunk": 0}, "bad_limit"), ({"party": "XX"}, "unknown_party")]
)
def test_bad_options_are_refused(ours, theirs, ledger: MatchLedger, changes, code: str) -> None:
    with pytest.raises(InvalidInput, match=code):
        comparison(ours, theirs, ledger, **changes)


def test_an_invalid_name_is_refused(ours, theirs, ledger: MatchLedger) -> None:
    with pytest.raises(PrumError, match="invalid_field"):
        list(comparison(ours, theirs, ledger, name="").run())
