"""The open searches of a category in a store, with the last outcome of each party."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from prum_match import engine
from prum_match.errors import DuplicateReference, UnknownReference
from prum_match.exchange.asking.probes import Probes, whom_to_ask
from prum_match.exchange.asking.sample import Sample
from prum_match.exchange.justification import Justification
from prum_match.exchange.messages.envelope import Clock, utc_now
from prum_match.exchange.messages.records import write_record
from prum_match.exchange.nightly.open_search import (
    MOMENT,
    NIGHTLY,
    OpenSearch,
    PartyState,
    Turn,
    Unreached,
)
from prum_match.exchange.outcomes import ANSWERED, PartyOutcome, SearchOutcome
from prum_match.exchange.store.stored import record_from
from prum_match.exchange.store.stores import Store, StoreTransaction
from prum_match.values.checks import having, option_of

# Reference numbers are printable: the separator is in none of them.
_SEPARATOR = "\x1f"
_ALL = 2**62


class OpenSearches:
    """The open searches of one category.

    Parameters
    ----------
    category : str or engine.Category
        A category, or its name in the engine's registry. The name is enough for a `Sample`.
    store : Store
        Keeps the probes, which are personal data, over a restart. Removed probes are overwritten as
        far as the store does so.
    clock : callable
        Returns the time in UTC.

    Notes
    -----
    The three modes of Article 6 of Regulation (EU) 2024/982 are kinds of open searches:

    - new against all, 6(2): `add` every profile when it is enrolled, with ``every=None``. Each
      party is asked until it has answered once; what that party enrols later, it asks itself.
    - an open trace: ``every`` is a pause, and each party is asked again and again.
    - catching up, 6(3): a party without an answer stays due, and `extend` adds a party that joined
      later.

    All against all, 6(1), is `BulkComparison` where both galleries are in one place.

    Examples
    --------
    >>> from prum_match import dna, exchange
    >>> stain = dna.Profile({"VWA": (16, 17), "TH01": (6, 9.3), "D21S11": (29, 30.2),
    ...     "FGA": (21, 24), "D8S1179": (13, 14), "D3S1358": (15, 17)}, kind="stain")
    >>> searches = exchange.nightly.OpenSearches("dna", exchange.MemoryStore())
    >>> searches.add("AT-1", stain, parties=["DE", "FR"])
    >>> {party: state.outcome.value for party, state in searches.states("AT-1").items()}
    {'DE': 'pending', 'FR': 'pending'}
    >>> searches.remove("AT-1")
    >>> searches.references()
    []
    """

    def __init__(
        self, category: str | engine.Category[Any, Any], store: Store, *, clock: Clock = utc_now
    ) -> None:
        self._probes = Probes(category)
        self.category = self._probes.category
        self.store: Store = having(store, "store", "transaction")
        self._clock = clock
        self._searches = f"open_search/{self.category}"
        self._states = f"open_search_state/{self.category}"

    def add(
        self,
        reference: str,
        probe: Any,
        *,
        parties: Iterable[str],
        justification: Justification | None = None,
        every: timedelta | None = NIGHTLY,
        send_below_floor: bool = False,
    ) -> None:
        """Open a search; its parties are due at once.

        Parameters
        ----------
        reference : str
            Own reference number of the probe.
        probe : object
            An item of the category, or a `Sample`.
        parties : iterable of str
            Codes of the parties to ask.
        justification : Justification, optional
            Legal basis of the search; checked here, and again before each request.
        every : timedelta, optional
            As in `OpenSearch`.
        send_below_floor : bool
            As for `Conversation.submit`; it holds for the nights too.

        Raises
        ------
        DuplicateReference
            ``duplicate_reference``: a search with this reference is open.
        ExchangeError
            ``probe_stays_in_house``, ``invalid_field``, or a code of `Justification.check`.
        InvalidInput
            ``unknown_party``, ``duplicate_party``, ``no_party``, ``bare_string``, ``bad_option``,
            ``below_floor``, or a code of the category.
        """
        codes = whom_to_ask(parties)
        option_of(every, timedelta | None, "every")
        data = self._probes.to_bytes(probe, justification, send_below_floor)
        search = OpenSearch(
            reference=reference,
            probe=data,
            is_sample=isinstance(probe, Sample),
            parties=codes,
            justification=justification,
            every=every,
        )
        with self.store.transaction() as entries:
            if entries.get(self._searches, reference) is not None:
                raise DuplicateReference(
                    "a search with this reference is already open",
                    code="duplicate_reference",
                    field="reference",
                )
            self._write(entries, search, codes)

    def correct(self, reference: str, probe: Any, *, send_below_floor: bool = False) -> None:
        """Replace a probe by a corrected one; all parties are due at once.

        Withdraw the earlier probe from the parties with ``FollowUp.withdraw``.

        Raises
        ------
        UnknownReference
            ``unknown_reference``.
        ExchangeError, InvalidInput
            As for `add`.
        """
        with self.store.transaction() as entries:
            old = self._get(entries, reference)
            data = self._probes.to_bytes(probe, old.justification, send_below_floor)
            new = replace(old, probe=data, is_sample=isinstance(probe, Sample))
            self._write(entries, new, new.parties)

    def extend(self, reference: str, parties: Iterable[str]) -> None:
        """Add parties; the outcomes of the others stay (Art. 6(3), catching up).

        Raises
        ------
        UnknownReference
            ``unknown_reference``.
        InvalidInput
            ``unknown_party``, ``no_party``, or ``duplicate_party``, also for a party of the search.
        """
        codes = whom_to_ask(parties)
        with self.store.transaction() as entries:
            old = self._get(entries, reference)
            both = whom_to_ask((*old.parties, *codes))
            self._write(entries, replace(old, parties=both), codes)

    def remove(self, reference: str) -> None:
        """Close a search and remove its probe. Its matches stay in the ledger.

        Raises
        ------
        UnknownReference
            ``unknown_reference``.
        """
        with self.store.transaction() as entries:
            for party in self._get(entries, reference).parties:
                entries.delete(self._states, _name(reference, party))
            entries.delete(self._searches, reference)

    def references(self) -> list[str]:
        """Return the reference numbers of the open searches."""
        with self.store.transaction() as entries:
            return entries.keys(self._searches)

    def get(self, reference: str) -> OpenSearch:
        """Return an open search.

        Raises
        ------
        UnknownReference
            ``unknown_reference``.
        """
        with self.store.transaction() as entries:
            return self._get(entries, reference)

    def states(self, reference: str) -> Mapping[str, PartyState]:
        """Return the last outcome of an open search at each party.

        Raises
        ------
        UnknownReference
            ``unknown_reference``.
        """
        with self.store.transaction() as entries:
            search = self._get(entries, reference)
            return {party: self._state(entries, reference, party) for party in search.parties}

    def probe_of(self, search: OpenSearch) -> Any:
        """Return the probe of an open search, for a requester."""
        if search.is_sample:
            return Sample(search.probe)
        return self._probes.from_bytes(search.probe)

    def due(self, until: datetime, limit: int = 1000) -> list[Turn]:
        """Return the due searches with their parties, longest waiting first.

        Parameters
        ----------
        until : datetime
            Time by which they are due.
        limit : int
            Most pairs of a search and a party.
        """
        parties: dict[str, list[str]] = {}
        with self.store.transaction() as entries:
            for name in entries.due_keys(self._states, until, limit):
                reference, party = name.split(_SEPARATOR)
                parties.setdefault(reference, []).append(party)
            return [
                Turn(self._get(entries, reference), tuple(codes))
                for reference, codes in parties.items()
            ]

    def due_pairs(self, until: datetime) -> list[tuple[str, str]]:
        """Return the due searches and parties, without reading them; longest waiting first."""
        with self.store.transaction() as entries:
            names = entries.due_keys(self._states, until, _ALL)
        pairs = (name.split(_SEPARATOR) for name in names)
        return [(reference, party) for reference, party in pairs]

    def unreached(self, run: datetime) -> Iterator[Unreached]:
        """Yield the searches that parties did not answer in the run that began at this time."""
        with self.store.transaction() as entries:
            for name in entries.keys(self._states):
                reference, party = name.split(_SEPARATOR)
                state = self._state(entries, reference, party)
                if state.run == run and state.outcome not in ANSWERED:
                    yield Unreached(reference, party, state.outcome, state.code)

    def leave(
        self,
        entries: StoreTransaction,
        reference: str,
        party: str,
        outcome: PartyOutcome,
        run: datetime,
    ) -> dict[str, PartyState]:
        """Store the outcome of a party that is not asked in this run, as `settle` does."""
        name = _name(reference, party)
        if entries.get(self._states, name) is None:
            return {}  # closed meanwhile
        before = self._state(entries, reference, party)
        state = PartyState(outcome=outcome.outcome, code=outcome.error_code, run=run)
        self._put(entries, reference, party, state, run + MOMENT)
        return {party: before}

    def settle(
        self, entries: StoreTransaction, search: OpenSearch, outcome: SearchOutcome, run: datetime
    ) -> dict[str, PartyState]:
        """Store outcomes of parties, in a transaction of the caller on the same store.

        Parameters
        ----------
        entries : StoreTransaction
            The transaction.
        search : OpenSearch
            The search as it was sent.
        outcome : SearchOutcome
            The outcomes.
        run : datetime
            Start of the run that asked.

        Returns
        -------
        dict of str to PartyState
            The earlier outcomes of these parties. Empty: the search was closed or corrected
            meanwhile, and the answers are ignored.
        """
        value = entries.get(self._searches, search.reference)
        if value is None or self._search(value).probe != search.probe:
            return {}
        before = {party: self._state(entries, search.reference, party) for party in outcome}
        for party, one in outcome.items():
            # Without an answer the party is due again when the next run begins.
            pause = search.every if party in outcome.answered else MOMENT
            state = PartyState(outcome=one.outcome, code=one.error_code, run=run)
            due = None if pause is None else run + pause
            self._put(entries, search.reference, party, state, due)
        return before

    def _write(self, entries: StoreTransaction, search: OpenSearch, due: Iterable[str]) -> None:
        entries.put(self._searches, search.reference, write_record(search))
        for party in due:
            self._put(entries, search.reference, party, PartyState(), self._clock())

    def _put(
        self,
        entries: StoreTransaction,
        reference: str,
        party: str,
        state: PartyState,
        due: datetime | None,
    ) -> None:
        entries.put(self._states, _name(reference, party), write_record(state), due=due)

    def _get(self, entries: StoreTransaction, reference: str) -> OpenSearch:
        value = entries.get(self._searches, reference)
        if value is None:
            raise UnknownReference(
                "no open search has this reference", code="unknown_reference", field="reference"
            )
        return self._search(value)

    def _state(self, entries: StoreTransaction, reference: str, party: str) -> PartyState:
        value = entries.get(self._states, _name(reference, party))
        return record_from(PartyState, self._states, value)

    def _search(self, value: bytes) -> OpenSearch:
        return record_from(OpenSearch, self._searches, value, max_depth=2, max_containers=3)


def _name(reference: str, party: str) -> str:
    return f"{reference}{_SEPARATOR}{party}"
