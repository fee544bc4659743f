"""Comparison of two whole galleries in one place, into the match ledger (Art. 6(1))."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from itertools import islice
from typing import Any, TypeAlias

from prum_match import engine
from prum_match.errors import GenerationChanged, InvalidInput
from prum_match.exchange.messages.checked import Checked
from prum_match.exchange.messages.envelope import COUNT, DIGEST, PARTY, REFERENCE, Clock, utc_now
from prum_match.exchange.messages.records import FLAG, text, write_record
from prum_match.exchange.nightly.ledger import MatchLedger
from prum_match.exchange.nightly.matches import Match, MatchKey, Sighting
from prum_match.exchange.store.stored import record_from
from prum_match.values.checks import option_of, whole_number
from prum_match.values.parties import party_code

DataOf: TypeAlias = Callable[[str], bytes]

_KIND = "bulk"


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkProgress(Checked):
    """Progress of a comparison.

    Parameters
    ----------
    name : str
        Name of the comparison.
    party : str
        The party whose references are compared.
    policy : str
        Name and version of the policy.
    own_contents, contents : str
        Digests of the contents of the own gallery and of the other one.
    blocks, n_blocks : int
        Finished blocks of the join, and all blocks; 0 of 0 before the first is done.
    compared : int
        Number of comparisons.
    pairs : int
        Number of pairs found.
    cut : int
        Number of pairs left out by the policy's cap on candidates.
    complete : bool
        Whether all pairs were compared.
    """

    name: str = field(metadata=REFERENCE.meta)
    party: str = field(metadata=PARTY.meta)
    policy: str = field(metadata=text(r"[^\x00-\x1f\x7f-\x9f]{1,256}").meta)
    own_contents: str = field(metadata=DIGEST.meta, repr=False)
    contents: str = field(metadata=DIGEST.meta, repr=False)
    blocks: int = field(default=0, metadata=COUNT.meta)
    n_blocks: int = field(default=0, metadata=COUNT.meta)
    compared: int = field(default=0, metadata=COUNT.meta)
    pairs: int = field(default=0, metadata=COUNT.meta)
    cut: int = field(default=0, metadata=COUNT.meta)
    complete: bool = field(default=False, metadata=FLAG.meta)

    def after(self, blocks: Sequence[engine.JoinBlock]) -> BulkProgress:
        """Return the progress after the next blocks; no blocks: the comparison is complete."""
        if not blocks:
            return replace(self, complete=True)
        done = blocks[-1].number + 1
        return replace(
            self,
            blocks=done,
            n_blocks=blocks[-1].n_blocks,
            compared=self.compared + sum(block.examined for block in blocks),
            pairs=self.pairs + sum(len(block) for block in blocks),
            cut=self.cut + sum(block.n_found - len(block) for block in blocks),
            complete=done == blocks[-1].n_blocks,
        )


class BulkComparison:
    """One comparison of all references of two galleries in one place.

    Parameters
    ----------
    gallery, other : engine.Gallery
        This party's references, and the partner's, of one category.
    ledger : MatchLedger
        The known matches; its store keeps the progress.
    name : str
        Names the comparison in the store; 1 to 64 printable ASCII characters.
    party : str
        The party of the gallery `other`.
    policy : Policy, optional
        Rule for a candidate. Default: that of the category.
    chunk : int
        Blocks of the join, of 8,192 references of `gallery` each, that are stored at once.
    own_data, reference_data : callable, optional
        ``reference number -> bytes``: the bytes of an own reference in a request, and of a
        partner's in a reply, so that `Nightly` knows the matches that are found here. Default: the
        enrolled item itself, as for a `Responder`.
    clock : callable
        Returns the time in UTC.

    Raises
    ------
    InvalidInput
        ``unknown_party``, ``bad_limit``, ``bad_option`` or ``foreign_policy``.

    Notes
    -----
    Progress and matches of a chunk are stored in one transaction: after a crash, `run` continues
    with the next chunk, and no match is lost or reported as new twice. Make one run at a time for
    each name.

    Examples
    --------
    >>> from prum_match import dna, exchange
    >>> profile = dna.Profile({"VWA": (16, 17), "TH01": (6, 9.3), "D21S11": (29, 30.2),
    ...     "FGA": (21, 24), "D8S1179": (13, 14), "D3S1358": (15, 17)})
    >>> ours, theirs = dna.Gallery(), dna.Gallery()
    >>> _ = ours.enrol(["AT-1"], [profile]), theirs.enrol(["DE-9"], [profile])
    >>> ledger = exchange.nightly.MatchLedger(exchange.MemoryStore())
    >>> initial = exchange.nightly.BulkComparison(ours, theirs, ledger, name="AT-DE", party="DE")
    >>> for match in initial.run():
    ...     print(match.key.own_reference, match.key.reference)
    ...     _ = ledger.report(match)
    AT-1 DE-9
    >>> initial.progress().complete, list(initial.run())
    (True, [])
    """

    def __init__(
        self,
        gallery: engine.Gallery[Any],
        other: engine.Gallery[Any],
        ledger: MatchLedger,
        *,
        name: str,
        party: str,
        policy: engine.Policy | None = None,
        chunk: int = 1,
        own_data: DataOf | None = None,
        reference_data: DataOf | None = None,
        clock: Clock = utc_now,
    ) -> None:
        for parameter, value in (("gallery", gallery), ("other", other)):
            option_of(value, engine.Gallery, parameter)
        option_of(ledger, MatchLedger, "ledger")
        self._gallery = gallery
        self._other = other
        self._ledger = ledger
        self._name = name
        self._party = party_code(party)
        self._policy = gallery.category.matching.policy_of(policy)
        self._chunk = whole_number(chunk, "chunk", least=1, code="bad_limit")
        self._own_data = own_data or _items_of(gallery)
        self._reference_data = reference_data or _items_of(other)
        self._clock = clock

    def run(self) -> Iterator[Match]:
        """Compare the remaining pairs, and yield the matches to report.

        Yields
        ------
        Match
            First unreported matches of earlier runs, of any party, then the new ones of each chunk
            after it was stored.

        Raises
        ------
        GenerationChanged
            ``generation_changed``: a gallery has changed since the comparison began, so that its
            blocks no longer fit together. Stored matches stay. Call `start_over` and run again: the
            ledger prevents known matches from being reported again.
        InvalidInput
            ``other_comparison``: a comparison of this name has another party or policy.
        """
        yield from self._ledger.unreported(self._gallery.category.name)
        generations = self._generations()
        progress = self._resumed()
        blocks = self._gallery.join(self._other, policy=self._policy, start=progress.blocks)
        while not progress.complete:
            chunk = list(islice(blocks, self._chunk))
            progress = progress.after(chunk)
            seen = list(self._sightings(chunk))
            self._check(generations)  # so that the data are those that were compared
            with self._ledger.store.transaction() as entries:
                new = self._ledger.note(entries, seen)
                entries.put(_KIND, self._name, write_record(progress))
            yield from new

    def progress(self) -> BulkProgress | None:
        """Return the progress of the comparison; None if it has not begun."""
        with self._ledger.store.transaction() as entries:
            value = entries.get(_KIND, self._name)
        return None if value is None else record_from(BulkProgress, _KIND, value)

    def start_over(self) -> None:
        """Forget the progress: the next run compares everything. The ledger stays as it is."""
        with self._ledger.store.transaction() as entries:
            entries.delete(_KIND, self._name)

    def _resumed(self) -> BulkProgress:
        fresh = BulkProgress(
            name=self._name,
            party=self._party,
            policy=f"{self._policy.name} {self._policy.version}",
            own_contents=self._gallery._core.digest(),
            contents=self._other._core.digest(),
        )
        kept = self.progress()
        if kept is None:
            return fresh
        if (kept.party, kept.policy) != (fresh.party, fresh.policy):
            raise InvalidInput(
                "a comparison of this name has another party or policy: choose another name",
                code="other_comparison",
                field="name",
            )
        if (kept.own_contents, kept.contents) != (fresh.own_contents, fresh.contents):
            raise _changed()
        return kept

    def _sightings(self, chunk: Sequence[engine.JoinBlock]) -> Iterator[Sighting]:
        now = self._clock()
        category = self._gallery.category.name
        own = cache(lambda reference: sha256(self._data(self._own_data, reference)).digest())
        other = cache(lambda reference: self._data(self._reference_data, reference))
        for block in chunk:
            for probe_id, reference_id in zip(block.probe_ids, block.reference_ids, strict=True):
                key = MatchKey(
                    category=category,
                    party=self._party,
                    own_reference=probe_id,
                    reference=reference_id,
                )
                yield Sighting(key=key, data=own(probe_id) + other(reference_id), time=now)

    def _data(self, data_of: DataOf, reference: str) -> bytes:
        try:
            return data_of(reference)
        except KeyError:
            if reference in self._gallery or reference in self._other:
                raise  # not erased: the provider failed
            raise _changed() from None

    def _generations(self) -> tuple[int, int]:
        # Taking the length loads the changes of other processes.
        for gallery in (self._gallery, self._other):
            len(gallery)
        return self._gallery.generation, self._other.generation

    def _check(self, generations: tuple[int, int]) -> None:
        if self._generations() != generations:
            raise _changed()


def _changed() -> GenerationChanged:
    return GenerationChanged(
        "a gallery has changed since the comparison began: call start_over and run again; known "
        "matches are not reported again",
        code="generation_changed",
    )


def _items_of(gallery: engine.Gallery[Any]) -> DataOf:
    return lambda reference: gallery.category.required_wire().reference_to_bytes(gallery[reference])
