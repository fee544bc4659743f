"""Two whole galleries in one place: all pairs, in chunks, into the match ledger (Art. 6(1))."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from itertools import islice
from typing import Any, TypeAlias

from prum_match import engine
from prum_match.errors import GenerationChanged, InvalidInput
from prum_match.exchange.messages.envelope import COUNT, PARTY, REFERENCE, Clock, utc_now
from prum_match.exchange.messages.records import FLAG, check_fields, text, write_record
from prum_match.exchange.nightly.ledger import MatchLedger
from prum_match.exchange.nightly.matches import Match, MatchKey, Sighting
from prum_match.exchange.store.stored import record_from
from prum_match.values.parties import party_code

DataOf: TypeAlias = Callable[[str], bytes]

_KIND = "bulk"
_DIGEST = text("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkProgress:
    """How far a comparison is, and of what.

    Parameters
    ----------
    name : str
        The comparison.
    party : str
        Whose gallery the other one is.
    policy : str
        Name and version of the policy.
    own_contents, contents : str
        Digests of what this party's gallery and the other one hold.
    blocks, n_blocks : int
        Blocks of the join that are done, and all of them; 0 of 0 before the first is done.
    compared : int
        Comparisons that were made.
    pairs : int
        Pairs that were found.
    cut : int
        Pairs that the policy's cap on candidates left out.
    complete : bool
        Whether all pairs were compared.
    """

    name: str = field(metadata=REFERENCE.meta)
    party: str = field(metadata=PARTY.meta)
    policy: str = field(metadata=text(r"[^\x00-\x1f\x7f-\x9f]{1,256}").meta)
    own_contents: str = field(metadata=_DIGEST.meta, repr=False)
    contents: str = field(metadata=_DIGEST.meta, repr=False)
    blocks: int = field(default=0, metadata=COUNT.meta)
    n_blocks: int = field(default=0, metadata=COUNT.meta)
    compared: int = field(default=0, metadata=COUNT.meta)
    pairs: int = field(default=0, metadata=COUNT.meta)
    cut: int = field(default=0, metadata=COUNT.meta)
    complete: bool = field(default=False, metadata=FLAG.meta)

    def __post_init__(self) -> None:
        check_fields(self)

    def after(self, blocks: Sequence[engine.JoinBlock]) -> BulkProgress:
        """Return the progress after the next blocks; none: there are no more."""
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
    """Compares all references of two galleries that are in one place, once.

    Parameters
    ----------
    gallery, other : engine.Gallery
        This party's references, and the partner's, of one category.
    ledger : MatchLedger
        What is known; its store keeps the progress.
    name : str
        Names the comparison in the store; 1 to 64 printable ASCII characters.
    party : str
        Whose gallery `other` is.
    policy : Policy, optional
        What makes a candidate. Default: that of the category.
    chunk : int
        Blocks of the join, of 8,192 references of `gallery` each, that are written down at once.
    own_data, reference_data : callable, optional
        ``reference number -> bytes``: what a request would carry of an own reference, and what a
        reply would carry of the partner's, so that matches that are found here are known to
        `Nightly`. Default: the enrolled item itself, as for a `Responder`.
    clock : callable
        Returns the time in UTC.

    Raises
    ------
    InvalidInput
        ``unknown_party`` or ``bad_limit``.

    Notes
    -----
    Progress and matches of a chunk are written in one transaction: after a crash, `run` goes on
    with the next chunk, and no match is lost or new twice. For one name there is one run at a time.

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
        if chunk < 1:
            raise InvalidInput("a limit is at least 1", code="bad_limit", field="chunk")
        self._gallery = gallery
        self._other = other
        self._ledger = ledger
        self._name = name
        self._party = party_code(party)
        self._policy = gallery.category.matching.default_policy if policy is None else policy
        self._chunk = chunk
        self._own_data = own_data or _items_of(gallery)
        self._reference_data = reference_data or _items_of(other)
        self._clock = clock

    def run(self) -> Iterator[Match]:
        """Compare what was not compared yet, and yield what is to be reported.

        Yields
        ------
        Match
            First those of earlier runs that nobody was told of, of any party, then the new ones
            of each chunk once it was written down.

        Raises
        ------
        GenerationChanged
            ``generation_changed``: a gallery was changed since the comparison began, so that the
            blocks no longer fit together. What was written down stands. Call `start_over` and run
            again: the ledger keeps known matches from being reported again.
        InvalidInput
            ``other_comparison``: one of this name was begun with another party or policy.
        """
        yield from self._ledger.unreported(self._gallery.category.name)
        generations = self._generations()
        progress = self._resumed()
        blocks = self._gallery.join(self._other, policy=self._policy, start=progress.blocks)
        while not progress.complete:
            chunk = list(islice(blocks, self._chunk))
            progress = progress.after(chunk)
            seen = list(self._sightings(chunk))
            self._check(generations)  # so the data are those that were compared
            with self._ledger.store.transaction() as entries:
                new = self._ledger.note(entries, seen)
                entries.put(_KIND, self._name, write_record(progress))
            yield from new

    def progress(self) -> BulkProgress | None:
        """Return how far the comparison is; None: it was not begun."""
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
                "a comparison of this name was begun with another party or policy",
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
                raise  # not erased meanwhile: the provider failed
            raise _changed() from None

    def _generations(self) -> tuple[int, int]:
        # Asking for the length takes over what other processes have erased.
        for gallery in (self._gallery, self._other):
            len(gallery)
        return self._gallery.generation, self._other.generation

    def _check(self, generations: tuple[int, int]) -> None:
        if self._generations() != generations:
            raise _changed()


def _changed() -> GenerationChanged:
    return GenerationChanged(
        "a gallery was changed since the comparison began; call start_over and run again: what "
        "the ledger knows is not reported again",
        code="generation_changed",
    )


def _items_of(gallery: engine.Gallery[Any]) -> DataOf:
    return lambda reference: gallery.category.required_wire().reference_to_bytes(gallery[reference])
