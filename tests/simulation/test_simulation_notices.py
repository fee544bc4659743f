"""Exchanges that are broken on purpose: the simulation notices every one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from prum_match.exchange import Outcome, TransportTimeout
from prum_match.exchange.answering.answers import Answers
from prum_match.exchange.answering.duplicates import Duplicates
from prum_match.exchange.answering.replay import ReplayWindow
from prum_match.exchange.asking import conversation, reading
from prum_match.exchange.asking.search_keeper import SearchKeeper
from prum_match.exchange.audit import trail as audit_trail
from prum_match.exchange.audit.trail import AuditTrail
from prum_match.exchange.hits import arrivals, galleries, hit_desk
from prum_match.exchange.hits.follow_up import FollowUp
from prum_match.exchange.hits.gallery_watch import GalleryWatch
from prum_match.exchange.hits.hit import Hit
from prum_match.exchange.hits.hit_book import HitBook
from prum_match.exchange.hits.outbox import Outbox
from prum_match.exchange.messages.core_data import CoreData
from simulation.world import Broken, run

_MOST = 300

Patch = pytest.MonkeyPatch
Break = Callable[[Patch], None]


def nothing(*arguments: Any, **options: Any) -> None:
    return None


def no_replay_window(patch: Patch) -> None:
    patch.setattr(Duplicates, "find", nothing)


def forgotten_at_a_restart(patch: Patch, kind: str) -> None:
    def forget(self: Answers, *arguments: Any) -> None:
        with self._store.transaction() as entries:
            for key in entries.keys(kind):
                entries.delete(kind, key)

    patch.setattr(Answers, "recall", forget)


def answers_forgotten_at_a_restart(patch: Patch) -> None:
    forgotten_at_a_restart(patch, "answered")


def old_requests_taken(patch: Patch) -> None:
    patch.setattr(ReplayWindow, "is_stale", lambda *arguments: False)


def quotas_forgotten_at_a_restart(patch: Patch) -> None:
    forgotten_at_a_restart(patch, "quota")


def anybody_may_decide(patch: Patch) -> None:
    patch.setattr(Hit, "_check_side", nothing)


def core_data_at_once(patch: Patch) -> None:
    receive = FollowUp.receive

    def eager(self: FollowUp, party: str, data: bytes) -> bytes:
        answer = receive(self, party, data)
        for hit in self.hits():
            if hit.state.value == "awaiting_release" and hit.releasing is hit.side:
                self.release(hit.key, official="nobody")
        return answer

    patch.setattr(FollowUp, "receive", eager)


def messages_sent_once(patch: Patch) -> None:
    due = Outbox.due

    def forgetful(self: Outbox, entries: Any, now: Any) -> Any:
        found = due(self, entries, now)
        for message in found:
            self.remove(entries, message.number)
        return found

    patch.setattr(Outbox, "due", forgetful)


def entries_lost_in_a_crash(patch: Patch) -> None:
    patch.setattr(AuditTrail, "_recover", nothing)


def entries_written_again_after_a_crash(patch: Patch) -> None:
    patch.setattr(audit_trail, "Counter", lambda entries: dict.fromkeys(entries, 0))


def a_timeout_is_no_hit(patch: Patch) -> None:
    patch.setitem(reading._OF_FAILURE, TransportTimeout, Outcome.NO_HIT)


def a_lost_answer_is_a_refusal(patch: Patch) -> None:
    patch.setattr(conversation, "_LOST", None)


def replies_are_not_kept(patch: Patch) -> None:
    save = SearchKeeper.save

    def fleeting(self: SearchKeeper, pending: Any, asked: Any, now: Any) -> None:
        reply, asked.reply = asked.reply, None
        save(self, pending, asked, now)
        asked.reply = reply

    patch.setattr(SearchKeeper, "save", fleeting)


def hits_without_a_place(patch: Patch) -> None:
    patch.setattr(FollowUp, "open", nothing)


def early_withdrawals_forgotten(patch: Patch) -> None:
    patch.setattr(HitBook, "withdraw_early", nothing)


def withdrawals_not_told(patch: Patch) -> None:
    patch.setattr(FollowUp, "withdraw", nothing)


def changes_of_a_register_not_looked_for(patch: Patch) -> None:
    patch.setattr(GalleryWatch, "where_moved", lambda *arguments: [])


def corrections_not_told_from_what_was(patch: Patch) -> None:
    patch.setattr(galleries, "content_of", lambda *arguments: b"the same")


def both_words_stand(patch: Patch) -> None:
    patch.setattr(arrivals, "_gives_way", lambda *arguments: False)


def replies_overtaken_for_good(patch: Patch) -> None:
    patch.setattr(hit_desk, "is_awaited", lambda *arguments: False)


def content_shown(patch: Patch) -> None:
    patch.setattr(Hit, "__repr__", lambda self: f"Hit of {CoreData.__name__} qzx")


BREAKS: list[Break] = [
    no_replay_window,
    answers_forgotten_at_a_restart,
    old_requests_taken,
    quotas_forgotten_at_a_restart,
    anybody_may_decide,
    core_data_at_once,
    messages_sent_once,
    entries_lost_in_a_crash,
    entries_written_again_after_a_crash,
    a_timeout_is_no_hit,
    a_lost_answer_is_a_refusal,
    replies_are_not_kept,
    hits_without_a_place,
    early_withdrawals_forgotten,
    withdrawals_not_told,
    changes_of_a_register_not_looked_for,
    corrections_not_told_from_what_was,
    both_words_stand,
    replies_overtaken_for_good,
    content_shown,
]


@pytest.fixture(autouse=True)
def _quietly() -> Iterator[None]:
    logging.getLogger("prum_match").setLevel(logging.CRITICAL)
    yield
    logging.getLogger("prum_match").setLevel(logging.NOTSET)


@pytest.mark.parametrize("broken", BREAKS, ids=lambda one: one.__name__)
def test_deliberate_faults_are_detected(broken: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)

    def worlds() -> None:
        for seed in range(_MOST):
            run(seed)

    with pytest.raises(Broken, match=r"seed \d+: .*again: ") as found:
        worlds()
    print(found.value)
