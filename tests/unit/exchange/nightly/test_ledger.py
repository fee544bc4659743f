"""The match ledger: new and known matches, and allowed steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from prum_match.errors import ExchangeError
from prum_match.exchange import Conversation, Hit, HitKey, HitState, MemoryStore, SqliteStore, Store
from prum_match.exchange.category_rules import Side
from prum_match.exchange.hits import Step
from prum_match.exchange.messages import encode
from prum_match.exchange.nightly import Match, MatchKey, MatchLedger, MatchStatus, Sighting

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = MatchKey(category="toy", party="DE", own_reference="AT-7", reference="DE-1")
NEW, REPORTED, CONFIRMED, REFUTED, WITHDRAWN = MatchStatus


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Store = (
        MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "exchange.db")
    )
    yield made
    made.close()


@pytest.fixture
def ledger(store: Store) -> MatchLedger:
    return MatchLedger(store, clock=lambda: NOON + 24 * HOUR)


def see(
    ledger: MatchLedger, data: bytes = b"data", time: datetime = NOON, key: MatchKey = KEY
) -> list[Match]:
    with ledger.store.transaction() as entries:
        return ledger.note(entries, [Sighting(key=key, data=data, time=time)])


def hit(state: HitState, since: datetime = NOON, side: Side = Side.REQUESTING, **more) -> Hit:
    at, de = ("AT", "AT-7"), ("DE", "DE-1")
    (asks, probe), (asked, reference) = (at, de) if side is Side.REQUESTING else (de, at)
    key = HitKey(category="toy", requesting=asks, requested=asked, request="1", reference=reference)
    return Hit(key=key, side=side, probe_reference=probe, since=since, state=state, **more)


def withdrawn_hit(ended: datetime, **more) -> Hit:
    return hit(HitState.WITHDRAWN, ended_at=ended, **more)


def test_a_match_is_new_once(ledger: MatchLedger) -> None:
    (match,) = see(ledger)
    assert match == Match(key=KEY, status=NEW, reported=False, since=NOON, version=1)
    assert see(ledger, time=NOON + HOUR) == []
    assert ledger.match(KEY) == match
    assert ledger.unreported("toy") == [match]


def test_the_same_pair_twice_in_one_answer_is_one_match(ledger: MatchLedger) -> None:
    seen = [Sighting(key=KEY, data=b"data", time=NOON)] * 2
    with ledger.store.transaction() as entries:
        assert len(ledger.note(entries, seen)) == 1


@pytest.mark.parametrize(
    "changed", [{"category": "dna"}, {"party": "FR"}, {"own_reference": "A"}, {"reference": "B"}]
)
def test_every_part_of_the_key_counts(ledger: MatchLedger, changed: dict[str, str]) -> None:
    see(ledger)
    other = replace(KEY, **changed)
    assert [match.key for match in see(ledger, key=other)] == [other]
    assert len(ledger.matches(other.category)) == (1 if "category" in changed else 2)


def test_a_reported_match_is_not_reported_again(ledger: MatchLedger) -> None:
    (match,) = see(ledger)
    (reported,) = ledger.report(match)
    assert (reported.status, reported.reported) == (REPORTED, True)
    assert ledger.unreported("toy") == []
    assert see(ledger, time=NOON + HOUR) == []
    assert ledger.matches("toy", NEW) == []
    assert ledger.matches("toy", REFUTED, REPORTED) == ledger.matches("toy") == [reported]


@pytest.mark.parametrize("judged", [CONFIRMED, REFUTED])
def test_a_judged_match_stays_silent_until_its_data_change(
    ledger: MatchLedger, judged: MatchStatus
) -> None:
    (match,) = ledger.report(*see(ledger))
    match = ledger.confirm(match) if judged is CONFIRMED else ledger.refute(match)
    assert match.status is judged
    assert see(ledger, time=NOON + HOUR) == []
    (again,) = see(ledger, b"other data", NOON + 2 * HOUR)
    assert (again.status, again.reported, again.version) == (NEW, False, 2)
    assert again.since == NOON + 2 * HOUR
    assert ledger.unreported("toy") == [again]


def test_a_withdrawn_match_that_comes_again_is_new_even_with_the_same_data(
    ledger: MatchLedger,
) -> None:
    (match,) = ledger.report(*see(ledger))
    gone = ledger.withdraw(match)
    assert (gone.status, gone.since) == (WITHDRAWN, NOON + 24 * HOUR)
    (again,) = see(ledger, time=NOON + 25 * HOUR)
    assert (again.status, again.version) == (NEW, 2)


@pytest.mark.parametrize("data", [b"data", b"other data"])
def test_an_answer_to_an_older_request_does_not_revive_a_withdrawn_match(
    ledger: MatchLedger, data: bytes
) -> None:
    (match,) = see(ledger)
    gone = ledger.withdraw(match)
    assert see(ledger, data, time=gone.since - timedelta(microseconds=1)) == []
    assert ledger.match(KEY) == gone
    assert len(see(ledger, data, time=gone.since)) == 1


def test_a_withdrawn_match_needs_no_report(ledger: MatchLedger) -> None:
    (match,) = see(ledger)
    gone = ledger.withdraw(match)
    assert ledger.unreported("toy") == []
    with pytest.raises(ExchangeError, match="does not allow the step report") as caught:
        ledger.report(gone)
    assert caught.value.code == "illegal_transition"


def test_unreported_are_the_oldest_first(ledger: MatchLedger) -> None:
    later = replace(KEY, reference="DE-0")
    see(ledger, time=NOON + HOUR, key=later)
    see(ledger)
    assert [match.key for match in ledger.unreported("toy")] == [KEY, later]
    assert ledger.unreported("dna") == []


@pytest.mark.parametrize(
    ("path", "step"),
    [
        ((), "confirm"),
        ((), "refute"),
        (("report",), "report"),
        (("report", "confirm"), "report"),
        (("report", "confirm"), "confirm"),
        (("report", "confirm"), "refute"),
        (("report", "refute"), "confirm"),
        (("report", "refute"), "report"),
        (("withdraw",), "withdraw"),
        (("report", "withdraw"), "confirm"),
        (("report", "withdraw"), "refute"),
    ],
)
def test_illegal_steps_are_refused(ledger: MatchLedger, path: tuple[str, ...], step: str) -> None:
    (match,) = see(ledger)
    for one in path:
        getattr(ledger, one)(match)
    before = ledger.match(KEY)
    with pytest.raises(ExchangeError) as caught:
        getattr(ledger, step)(match)
    assert (caught.value.code, caught.value.field) == ("illegal_transition", "status")
    assert "AT-7" not in str(caught.value)
    assert ledger.match(KEY) == before


@pytest.mark.parametrize("step", ["report", "confirm", "refute", "withdraw"])
def test_a_step_on_older_data_is_refused(ledger: MatchLedger, step: str) -> None:
    (old,) = ledger.report(*see(ledger))
    see(ledger, b"other data", NOON + HOUR)
    with pytest.raises(ExchangeError) as caught:
        getattr(ledger, step)(old)
    assert caught.value.code == "match_changed"
    assert ledger.match(KEY).status is NEW


def test_a_report_of_several_is_all_or_nothing(ledger: MatchLedger) -> None:
    (one,) = see(ledger)
    (two,) = see(ledger, key=replace(KEY, reference="DE-2"))
    ledger.report(two)
    with pytest.raises(ExchangeError):
        ledger.report(one, two)
    assert ledger.unreported("toy") == [one]


@pytest.mark.parametrize("step", ["report", "confirm", "refute", "withdraw"])
def test_unknown_matches_are_refused(ledger: MatchLedger, step: str) -> None:
    (match,) = see(ledger)
    assert ledger.forget("toy", "AT-7") == 1
    with pytest.raises(ExchangeError) as caught:
        getattr(ledger, step)(match)
    assert (caught.value.code, caught.value.field) == ("unknown_match", "key")
    with pytest.raises(ExchangeError, match="unknown_match"):
        ledger.match(KEY)


def test_forgetting_only_removes_the_matches_of_one_reference(ledger: MatchLedger) -> None:
    keys = [KEY, replace(KEY, party="FR"), replace(KEY, own_reference="AT-70")]
    for key in keys:
        see(ledger, key=key)
    assert ledger.forget("toy", "AT-7") == 2
    assert [match.key for match in ledger.matches("toy")] == keys[2:]
    assert ledger.forget("toy", "AT-7") == 0


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (HitState.CONFIRMED, CONFIRMED),
        (HitState.FACTS_SENT, CONFIRMED),
        (HitState.OVERDUE, CONFIRMED),
        (HitState.CORE_DATA_RETURNED, CONFIRMED),
        (HitState.DECLINED, CONFIRMED),
        (HitState.REFUTED, REFUTED),
    ],
)
@pytest.mark.parametrize("side", Side)
def test_the_ledger_follows_the_hit(
    ledger: MatchLedger, state: HitState, status: MatchStatus, side: Side
) -> None:
    ledger.report(*see(ledger))
    (match,) = ledger.follow([hit(state, side=side)])
    assert match == ledger.match(KEY)
    assert (match.key, match.status, match.since) == (KEY, status, NOON)
    assert ledger.follow([hit(state, side=side)]) == []


def test_candidates_and_second_verdicts_are_not_reported(ledger: MatchLedger) -> None:
    ledger.report(*see(ledger))
    assert ledger.follow([hit(HitState.CANDIDATE)]) == []
    assert ledger.match(KEY).status is REPORTED
    ledger.follow([hit(HitState.REFUTED)])
    assert ledger.follow([hit(HitState.CONFIRMED)]) == []
    assert ledger.match(KEY).status is REFUTED


@pytest.mark.parametrize("verdict", [HitState.CONFIRMED, HitState.REFUTED])
def test_the_partners_verdict_does_not_swallow_the_report(
    ledger: MatchLedger, verdict: HitState
) -> None:
    see(ledger)
    (judged,) = ledger.follow([hit(verdict)])
    assert not judged.reported
    assert ledger.unreported("toy") == [judged]
    (reported,) = ledger.report(judged)
    assert (reported.status, reported.reported) == (judged.status, True)
    assert ledger.unreported("toy") == []


@pytest.mark.parametrize("before", [None, HitState.CONFIRMED, HitState.REFUTED])
def test_a_withdrawal_is_followed_from_any_status(
    ledger: MatchLedger, before: HitState | None
) -> None:
    see(ledger)
    if before is not None:
        ledger.follow([hit(before)])
    (gone,) = ledger.follow([withdrawn_hit(NOON + HOUR)])
    assert (gone.status, gone.since) == (WITHDRAWN, NOON + HOUR)
    assert ledger.unreported("toy") == []
    assert ledger.follow([withdrawn_hit(NOON + 2 * HOUR), hit(HitState.CONFIRMED)]) == []
    assert ledger.match(KEY) == gone


def test_a_hit_that_was_opened_before_the_data_changed_is_passed_over(
    ledger: MatchLedger,
) -> None:
    see(ledger)
    (again,) = see(ledger, b"other data", NOON + HOUR)
    old = [withdrawn_hit(NOON + 2 * HOUR, since=NOON), hit(HitState.CONFIRMED)]
    assert ledger.follow(old) == []
    assert ledger.match(KEY) == again
    assert len(ledger.follow([withdrawn_hit(NOON + 2 * HOUR, since=NOON + HOUR)])) == 1


def test_hits_of_other_pairs_are_passed_over(ledger: MatchLedger) -> None:
    assert ledger.follow([hit(HitState.CONFIRMED), withdrawn_hit(NOON)]) == []
    assert ledger.matches("toy") == []


def test_a_hit_knows_its_match_by_both_ends() -> None:
    assert MatchKey.of(hit(HitState.CANDIDATE)) == KEY
    assert MatchKey.of(hit(HitState.CANDIDATE, side=Side.REQUESTED)) == KEY
    confirmed = hit(HitState.CANDIDATE).after(Step.CONFIRM, Side.REQUESTING, NOON)
    assert MatchKey.of(confirmed) == KEY


@pytest.mark.parametrize(
    "bad",
    [{"category": "T"}, {"party": "XX"}, {"own_reference": "a\x1fb"}, {"reference": ""}],
)
def test_an_invalid_key_is_refused(bad: dict[str, str]) -> None:
    with pytest.raises(ExchangeError, match="invalid_field"):
        replace(KEY, **bad)


def test_a_search_is_observed_with_the_outcome_of_each_party(
    ledger: MatchLedger, conversation: Conversation, toy, reply_of
) -> None:
    pending = conversation.submit(toy.Item("apple"), parties=["DE", "FR"], probe_id="AT-7")
    assert ledger.observe(pending) == []
    reply = reply_of(pending.asked["DE"].request.head())
    conversation.deliver("DE", encode(reply))
    (match,) = ledger.observe(pending)
    assert (match.key, match.since) == (KEY, pending.asked["DE"].request.time)
    assert match.candidate == reply.candidates[0]
    assert ledger.observe(pending) == []
    assert ledger.match(KEY).candidate is None
    assert "matching" not in repr(match)


def test_the_probe_is_part_of_the_data(
    ledger: MatchLedger, conversation: Conversation, toy, reply_of
) -> None:
    for word, new in [("apple", 1), ("apple", 0), ("pear", 1)]:
        pending = conversation.submit(toy.Item(word), parties=["DE"], probe_id="AT-7")
        conversation.deliver("DE", encode(reply_of(pending.asked["DE"].request.head())))
        assert len(ledger.observe(pending)) == new


def test_a_ledger_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "exchange.db"
    with SqliteStore(path) as store:
        ledger = MatchLedger(store)
        (match,) = see(ledger)
        see(ledger, key=replace(KEY, reference="DE-2"))
        ledger.report(match)
    with SqliteStore(path) as store:
        ledger = MatchLedger(store)
        assert see(ledger, time=NOON + HOUR) == []
        assert ledger.match(KEY).status is REPORTED
        assert [match.key.reference for match in ledger.unreported("toy")] == ["DE-2"]


def test_a_crash_before_the_report_leaves_the_match_unreported(store: Store) -> None:
    ledger = MatchLedger(store)
    (match,) = see(ledger)

    def crash() -> None:
        with store.transaction() as entries:
            ledger.note(entries, [Sighting(key=KEY, data=b"other", time=NOON + HOUR)])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crash()
    assert ledger.unreported("toy") == [match]


def test_the_store_has_no_data_and_each_ledger_its_own_digests(tmp_path: Path) -> None:
    canary = b"CANARY-OF-A-PROFILE"
    files = []
    for name in ("one", "two"):
        with SqliteStore(tmp_path / name) as store:
            see(MatchLedger(store), canary)
            with store.transaction() as entries:
                files.append(entries.get("match/toy", entries.keys("match/toy")[0]))
        raw = (tmp_path / name).read_bytes()
        assert canary not in raw
        assert sha256(canary).hexdigest().encode() not in raw
    assert files[0] != files[1]


def test_sightings_and_matches_do_not_print_data() -> None:
    assert "secret" not in repr(Sighting(key=KEY, data=b"secret", time=NOON))
