"""The match ledger: the known matches, so that each is reported once.

Nightly searches find the same references again and again. The ledger tells new matches from known
ones by reference numbers and a digest. It holds no profile, no image and no print.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from prum_match.errors import ExchangeError
from prum_match.exchange.asking.pending_search import PendingSearch
from prum_match.exchange.hits.hit import Hit, HitState
from prum_match.exchange.messages.checked import Checked
from prum_match.exchange.messages.envelope import COUNT, DIGEST, Clock, utc_now
from prum_match.exchange.messages.records import (
    FLAG,
    TIME,
    member,
    write_record,
)
from prum_match.exchange.nightly.matches import Match, MatchKey, MatchStatus, Sighting, sightings
from prum_match.exchange.store.stored import record_from
from prum_match.exchange.store.stores import Store, StoreTransaction
from prum_match.values.checks import having

_SALT, _SALT_BYTES = "match_salt", 32
# Reference numbers are printable: the separator is in none of them.
_SEPARATOR = "\x1f"
_EVER, _ALL = datetime.max.replace(tzinfo=UTC), 2**62

_S = MatchStatus
_JUDGED = {_S.CONFIRMED, _S.REFUTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry(Checked):
    digest: str = field(metadata=DIGEST.meta)
    status: MatchStatus = field(metadata=member(MatchStatus).meta)
    reported: bool = field(metadata=FLAG.meta)
    since: datetime = field(metadata=TIME.meta)
    version: int = field(metadata=COUNT.meta)


class MatchLedger:
    """The matches of this party's searches, each with its status.

    Parameters
    ----------
    store : Store
        Keeps the ledger over a restart.
    clock : callable
        Returns the time in UTC.

    Notes
    -----
    A match is identified by its pair of reference numbers and by the data of both ends. It is new

    - when the pair was not seen before,
    - when the data of either end have changed, whatever its status: a verdict on the old data does
      not cover the corrected ones, and
    - when it is found again after a withdrawal, even with the same data: a record that was erased
      and enrolled again is another record.

    A refuted match is not reported again as long as its data stay the same.

    Of the data the store holds a SHA-256 digest under a random salt of this ledger, so that two
    ledgers cannot be compared. Whoever has the store has the salt: they can recognise a profile
    that they already have, but cannot read one out.

    May be used by several threads at once.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from prum_match.exchange import MemoryStore
    >>> from prum_match.exchange.nightly import MatchKey, MatchLedger, Sighting
    >>> ledger = MatchLedger(MemoryStore())
    >>> key = MatchKey(category="dna", party="DE", own_reference="AT-1", reference="DE-9")
    >>> seen = Sighting(key=key, data=b"...", time=datetime(2026, 3, 1, tzinfo=UTC))
    >>> with ledger.store.transaction() as entries:
    ...     [match.status.value for match in ledger.note(entries, [seen, seen])]
    ['new']
    >>> (match,) = ledger.unreported("dna")
    >>> (match,) = ledger.report(match)
    >>> ledger.refute(match).status.value
    'refuted'
    """

    def __init__(self, store: Store, *, clock: Clock = utc_now) -> None:
        self.store: Store = having(store, "store", "transaction")
        self._clock = clock
        with store.transaction() as entries:
            salt = entries.get(_SALT, "")
            if salt is None:
                salt = secrets.token_bytes(_SALT_BYTES)
                entries.put(_SALT, "", salt)
        self._salt = salt

    def observe(self, pending: PendingSearch) -> list[Match]:
        """Take in the candidates of a search so far.

        Returns
        -------
        list of Match
            The matches that this call made new. See `unreported` for all unreported ones.
        """
        seen = [
            one
            for party, asked in pending.asked.items()
            for one in sightings(
                pending.category,
                pending.probe_id,
                asked.request.probe,
                party,
                asked.state,
                asked.request.time,
            )
        ]
        with self.store.transaction() as entries:
            return self.note(entries, seen)

    def note(self, entries: StoreTransaction, seen: Iterable[Sighting]) -> list[Match]:
        """Take in sightings, in a transaction of the caller on the same store.

        Returns
        -------
        list of Match
            The matches that this call made new.
        """
        new = []
        for sighting in seen:
            known = _read(entries, sighting.key)
            digest = hmac.digest(self._salt, sighting.data, "sha256").hex()
            if known is not None:
                if known.status is _S.WITHDRAWN:
                    # The partner was asked before it withdrew: the answer is outdated.
                    if sighting.time < known.since:
                        continue
                elif known.digest == digest:
                    continue
            entry = _Entry(
                digest=digest,
                status=_S.NEW,
                reported=False,
                since=sighting.time,
                version=1 if known is None else known.version + 1,
            )
            _write(entries, sighting.key, entry)
            new.append(replace(_match(sighting.key, entry), candidate=sighting.candidate))
        return new

    def follow(self, hits: Iterable[Hit]) -> list[Match]:
        """Take over the state of hits from the follow-up.

        Call it with the hit of every event and of every own decision, and with
        ``follow_up.hits()`` after a restart: known states change nothing.

        Parameters
        ----------
        hits : iterable of Hit
            Hits of either end. Hits of unknown pairs, and hits opened before the data changed, are
            skipped.

        Returns
        -------
        list of Match
            The matches whose status changed.
        """
        changed = []
        with self.store.transaction() as entries:
            for hit in hits:
                status = _status_of(hit)
                key = MatchKey.of(hit)
                entry = None if status is None else _read(entries, key)
                if entry is None or status is None or hit.since < entry.since:
                    continue
                if status is _S.WITHDRAWN and entry.status is not _S.WITHDRAWN:
                    entry = replace(entry, since=hit.ended_at or self._clock())
                elif entry.status not in {_S.NEW, _S.REPORTED}:
                    continue
                entry = replace(entry, status=status)
                _write(entries, key, entry)
                changed.append(_match(key, entry))
        return changed

    def report(self, *matches: Match) -> list[Match]:
        """Record that matches were reported to a human; all of them, or none.

        A crash before this call leaves them in `unreported`.

        Raises
        ------
        ExchangeError
            ``unknown_match``; ``match_changed``: it has become new again; or
            ``illegal_transition``: it was already reported, or withdrawn.
        """
        reported = []
        with self.store.transaction() as entries:
            for match in matches:
                entry = _current(entries, match)
                if entry.reported or entry.status is _S.WITHDRAWN:
                    raise _illegal("report", entry)
                status = entry.status if entry.status in _JUDGED else _S.REPORTED
                entry = replace(entry, status=status, reported=True)
                _write(entries, match.key, entry)
                reported.append(_match(match.key, entry))
        return reported

    def confirm(self, match: Match) -> Match:
        """Record that a human confirmed a reported match; errors as for `report`."""
        return self._judge(match, _S.CONFIRMED)

    def refute(self, match: Match) -> Match:
        """Record that a human refuted a reported match; errors as for `report`."""
        return self._judge(match, _S.REFUTED)

    def withdraw(self, match: Match) -> Match:
        """Record that data of either end were corrected or erased; errors as for `report`."""
        with self.store.transaction() as entries:
            entry = _current(entries, match)
            if entry.status is _S.WITHDRAWN:
                raise _illegal("withdraw", entry)
            entry = replace(entry, status=_S.WITHDRAWN, since=self._clock())
            _write(entries, match.key, entry)
        return _match(match.key, entry)

    def match(self, key: MatchKey) -> Match:
        """Return one match.

        Raises
        ------
        ExchangeError
            ``unknown_match``.
        """
        with self.store.transaction() as entries:
            return _match(key, _known(entries, key))

    def matches(self, category: str, *statuses: MatchStatus) -> list[Match]:
        """Return the matches of a category with these statuses, or all of them."""
        with self.store.transaction() as entries:
            found = [_get(entries, category, name) for name in entries.keys(_kind(category))]
        return [match for match in found if not statuses or match.status in statuses]

    def unreported(self, category: str) -> list[Match]:
        """Return the unreported matches of a category, oldest first."""
        with self.store.transaction() as entries:
            names = entries.due_keys(_kind(category), _EVER, _ALL)
            return [_get(entries, category, name) for name in names]

    def forget(self, category: str, own_reference: str) -> int:
        """Remove all matches of an own reference, and return their number.

        Use it after a case was closed and its record erased. If the reference is searched with
        again, its matches are new.
        """
        kind = _kind(category)
        with self.store.transaction() as entries:
            names = entries.keys(kind, own_reference + _SEPARATOR)
            for name in names:
                entries.delete(kind, name)
        return len(names)

    def _judge(self, match: Match, status: MatchStatus) -> Match:
        with self.store.transaction() as entries:
            entry = _current(entries, match)
            if entry.status is not _S.REPORTED:
                raise _illegal(status.value, entry)
            entry = replace(entry, status=status)
            _write(entries, match.key, entry)
        return _match(match.key, entry)


def _status_of(hit: Hit) -> MatchStatus | None:
    """Return the status of a match after a hit; None without a verdict."""
    match hit.state:
        case HitState.CANDIDATE:
            return None
        case HitState.REFUTED:
            return _S.REFUTED
        case HitState.WITHDRAWN:
            return _S.WITHDRAWN
        case _:  # facts and core data follow a confirmation
            return _S.CONFIRMED


def _illegal(step: str, entry: _Entry) -> ExchangeError:
    return ExchangeError(
        f"a match with the status {entry.status.value} does not allow the step {step}",
        code="illegal_transition",
        field="status",
    )


def _current(entries: StoreTransaction, match: Match) -> _Entry:
    """Return the entry of a match, unless its data have changed."""
    entry = _known(entries, match.key)
    if entry.version != match.version:
        raise ExchangeError(
            "the data of the match have changed: fetch it again", code="match_changed"
        )
    return entry


def _known(entries: StoreTransaction, key: MatchKey) -> _Entry:
    entry = _read(entries, key)
    if entry is None:
        raise ExchangeError("no match has this key", code="unknown_match", field="key")
    return entry


def _read(entries: StoreTransaction, key: MatchKey) -> _Entry | None:
    kind = _kind(key.category)
    value = entries.get(kind, _name(key))
    return None if value is None else record_from(_Entry, kind, value)


def _write(entries: StoreTransaction, key: MatchKey, entry: _Entry) -> None:
    # Unreported matches are due: they are found without reading the whole ledger.
    is_due = not entry.reported and entry.status is not _S.WITHDRAWN
    due = entry.since if is_due else None
    entries.put(_kind(key.category), _name(key), write_record(entry), due=due)


def _get(entries: StoreTransaction, category: str, name: str) -> Match:
    own_reference, party, reference = name.split(_SEPARATOR)
    key = MatchKey(category=category, party=party, own_reference=own_reference, reference=reference)
    return _match(key, _known(entries, key))


def _match(key: MatchKey, entry: _Entry) -> Match:
    return Match(
        key=key,
        status=entry.status,
        reported=entry.reported,
        since=entry.since,
        version=entry.version,
    )


def _kind(category: str) -> str:
    return f"match/{category}"


def _name(key: MatchKey) -> str:
    return _SEPARATOR.join((key.own_reference, key.party, key.reference))
