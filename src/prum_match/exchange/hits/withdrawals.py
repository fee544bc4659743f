"""Withdrawal of hits, by the host or because the galleries no longer hold what a hit is about."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

from prum_match.errors import ExchangeError
from prum_match.exchange.audit import Act
from prum_match.exchange.audit.trail import AuditTrail
from prum_match.exchange.hits.galleries import HoldsReferences
from prum_match.exchange.hits.gallery_watch import GalleryWatch
from prum_match.exchange.hits.hit import Hit, HitState, Step
from prum_match.exchange.hits.hit_book import HitBook
from prum_match.exchange.hits.hit_desk import HitDesk, HitEvent, check_references
from prum_match.exchange.messages.envelope import Clock
from prum_match.exchange.messages.follow_up import HitKey, Withdrawal, WithdrawalReason
from prum_match.exchange.messages.search import RequestHead
from prum_match.exchange.store.stores import Store, StoreTransaction


class Withdrawals(ABC):
    """The methods of a follow-up that withdraw hits."""

    store: Store
    trail: AuditTrail
    _book: HitBook
    _desk: HitDesk
    _watch: GalleryWatch
    _clock: Clock

    def withdraw(
        self, category: str, references: Iterable[str], reason: WithdrawalReason
    ) -> list[Hit]:
        """Tell every party that received one of these records that it was corrected or erased.

        Parameters
        ----------
        category : str
            Name of the category.
        references : iterable of str
            Own reference numbers: of references, or of probes that were sent.
        reason : WithdrawalReason
            Correction or erasure.

        Returns
        -------
        list of Hit
            The hits withdrawn by this call.

        Raises
        ------
        InvalidInput
            ``bad_reference_id``: a single string instead of a collection.
        """
        check_references(references)
        with self.store.transaction() as entries:
            done = [
                self._withdraw(entries, hit, reason)
                for reference in references
                for hit in self._book.naming(entries, category, reference)
                if hit.state is not HitState.WITHDRAWN
            ]
        self.trail.flush()
        return done

    def watch(self, galleries: Mapping[str, HoldsReferences]) -> None:
        """Add galleries, as a `Responder` does with its own."""
        self._watch.galleries.add(galleries)

    def reconcile(self) -> list[Hit]:
        """Withdraw the hits whose references are gone from the galleries, or have other items.

        The responder does so for each request, and `tick` too, where a gallery has changed. While
        there are many hits and many changes, both leave a pause in between. Call this after an
        erasure that has to be told at once.

        Returns
        -------
        list of Hit
            The hits withdrawn by this call, each with an event.

        Raises
        ------
        StorageError
            A gallery cannot be read; what was found before is withdrawn.
        """
        return self._told(self._watch.all(self._clock()))

    def catch_up(self, *categories: str) -> list[Hit]:
        """Do as `reconcile` in categories whose galleries have changed."""
        return self._told(self._watch.where_moved(categories, self._clock()))

    def has_withdrawn(self, head: RequestHead) -> bool:
        """Tell whether a hit of a request was withdrawn: its reply must not leave again."""
        with self.store.transaction() as entries:
            return self._book.has_withdrawn(entries, head)

    def _withdraw(self, entries: StoreTransaction, hit: Hit, reason: WithdrawalReason) -> Hit:
        message = Withdrawal(reason=reason, **self._head(hit.key))
        gone = hit.after(Step.WITHDRAW, hit.side, message.time)
        self._desk.record(entries, gone, message, Act.WITHDRAWN)
        return gone

    def _still_there(self, key: HitKey) -> Hit:
        """Return a hit, unless its record is gone."""
        self._told(self._watch.one(key))
        with self.store.transaction() as entries:
            hit = self._book.get(entries, key)
        if hit.state is HitState.WITHDRAWN:
            raise ExchangeError(
                "the record behind this hit was corrected or erased",
                code="reference_gone",
                field="hit",
                rule="Reg. (EU) 2024/982 Art. 64",
            )
        return hit

    def _told(self, withdrawn: list[Hit]) -> list[Hit]:
        if withdrawn:
            self._finish([HitEvent(hit) for hit in withdrawn])
        return withdrawn

    @abstractmethod
    def _head(self, key: HitKey) -> dict[str, Any]:
        """Return the fields that every message about a hit begins with."""

    @abstractmethod
    def _finish(self, events: list[HitEvent]) -> None:
        """Hand events to the host, after their changes were stored."""
