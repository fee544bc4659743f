"""The match ledger: which matches are known, so that each is reported once.

Searches that come again every night find the same references again. The ledger tells the new from
the known by numbers and a digest. It holds no profile, no image and no print.
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
from prum_match.exchange.messages.envelope import COUNT, Clock, utc_now
from prum_match.exchange.messages.records import (
    FLAG,
    TIME,
    check_fields,
    member,
    text,
    write_record,
)
from prum_match.exchange.nightly.matches import Match, MatchKey, MatchStatus, Sighting, sightings
from prum_match.exchange.store.stored import record_from
from prum_match.exchange.store.stores import Store, StoreTransaction

_SALT, _SALT_BYTES = "match_salt", 32
# Reference numbers are printable: the separator is in none of them.
_SEPARATOR = "\x1f"
_EVER, _ALL = datetime.max.replace(tzinfo=UTC), 2**62

_S = MatchStatus
_JUDGED = {_S.CONFIRMED, _S.REFUTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    digest: str = field(metadata=text("[0-9a-f]{64}").meta)
    status: MatchStatus = field(metadata=member(MatchStatus).meta)
    reported: bool = field(metadata=FLAG.meta)
    since: datetime = field(metadata=TIME.meta)
    version: int = field(metadata=COUNT.meta)

    def __post_init__(self) -> None:
        check_fields(self)


class MatchLedger:
    """The matches that this party's searches found, each with its status.

    Parameters
    ----------
    store : Store
        Where the ledger outlives a restart.
    clock : callable
        Returns the time in UTC.

    Notes
    -----
    A match is known by the pair of reference numbers and by the data of both ends. It is new

    - when the pair was not seen before,
    - when the data of either end are other than before, whatever its status was: a verdict on
      data that were corrected is no verdict on what stands there now, and
    - when it comes again after it was withdrawn, even with the same data: a record that was
      erased and enrolled again is another record.

    A match that was refuted stays silent as long as its data stay the same.

    Of the data the store holds a SHA-256 digest under a random salt of this ledger's own, so that
    two ledgers cannot be compared. Who has the store has the salt: a profile that is known can be
    recognised, none can be read out.

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
        self.store = store
        self._clock = clock
        with store.transaction() as entries:
            salt = entries.get(_SALT, "")
            if salt is None:
                salt = secrets.token_bytes(_SALT_BYTES)
                entries.put(_SALT, "", salt)
        self._salt = salt

    def observe(self, pending: PendingSearch) -> list[Match]:
        """Take in what the parties of a query have said so far.

        Returns
        -------
        list of Match
            Those that are new by this call. See `unreported` for all that nobody was told of.
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
        """Take in sightings, in a transaction of the caller's on the same store.

        Returns
        -------
        list of Match
            Those that are new by this call.
        """
        new = []
        for sighting in seen:
            known = _read(entries, sighting.key)
            digest = hmac.digest(self._salt, sighting.data, "sha256").hex()
            if known is not None:
                if known.status is _S.WITHDRAWN:
                    # The partner was asked before it withdrew: its answer is overtaken.
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
        """Take over what the follow-up says of hits.

        Call it with the hit of every event and of every decision of this party's own, and with
        ``follow_up.hits()`` after a restart: what is known already changes nothing.

        Parameters
        ----------
        hits : iterable of Hit
            Of either end. Those of pairs that are not in the ledger are passed over, as are those
            that were opened before the data changed.

        Returns
        -------
        list of Match
            Those whose status changed.
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
        """Say that somebody was told of matches; all of them, or none.

        A crash between telling and this call leaves them in `unreported`.

        Raises
        ------
        ExchangeError
            ``unknown_match``; ``match_changed``: it was new again since; or
            ``illegal_transition``: it was reported, or withdrawn.
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
        """Say that a human confirmed a match that was reported; refusals as for `report`."""
        return self._judge(match, _S.CONFIRMED)

    def refute(self, match: Match) -> Match:
        """Say that a human refuted a match that was reported; refusals as for `report`."""
        return self._judge(match, _S.REFUTED)

    def withdraw(self, match: Match) -> Match:
        """Say that the data of either end were corrected or erased; refusals as for `report`."""
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
        """Return the matches of a category that nobody was told of yet, the oldest first."""
        with self.store.transaction() as entries:
            names = entries.due_keys(_kind(category), _EVER, _ALL)
            return [_get(entries, category, name) for name in names]

    def forget(self, category: str, own_reference: str) -> int:
        """Remove all matches of one of this party's references; how many there were.

        For a case that is closed and a record that is gone. If the reference is searched with
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
    """Return what a hit says of its match; None: nobody has judged it."""
    match hit.state:
        case HitState.CANDIDATE:
            return None
        case HitState.REFUTED:
            return _S.REFUTED
        case HitState.WITHDRAWN:
            return _S.WITHDRAWN
        case _:  # facts and core data come after a confirmation
            return _S.CONFIRMED


def _illegal(step: str, entry: _Entry) -> ExchangeError:
    return ExchangeError(
        f"{step} is no step of a match with the status {entry.status.value}",
        code="illegal_transition",
        field="status",
    )


def _current(entries: StoreTransaction, match: Match) -> _Entry:
    """Return the entry of a match, unless it is about other data by now."""
    entry = _known(entries, match.key)
    if entry.version != match.version:
        raise ExchangeError(
            "the match was new again since: look at it as it is now", code="match_changed"
        )
    return entry


def _known(entries: StoreTransaction, key: MatchKey) -> _Entry:
    entry = _read(entries, key)
    if entry is None:
        raise ExchangeError("no such match here", code="unknown_match", field="key")
    return entry


def _read(entries: StoreTransaction, key: MatchKey) -> _Entry | None:
    kind = _kind(key.category)
    value = entries.get(kind, _name(key))
    return None if value is None else record_from(_Entry, kind, value)


def _write(entries: StoreTransaction, key: MatchKey, entry: _Entry) -> None:
    # What is due is what has to be reported: found without reading the whole ledger.
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
