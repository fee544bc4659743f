"""One entry of the audit log: its closed list of fields, and its bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange.messages.checked import Checked
from prum_match.exchange.messages.encoding import dumps, loads
from prum_match.exchange.messages.envelope import COUNT, REFERENCE, TYPE, WORD
from prum_match.exchange.messages.records import (
    TIME,
    member,
    one_of,
    optional,
    text,
)
from prum_match.values.parties import PARTIES

UNKNOWN = "?"
"""Party, category or number of an unreadable message."""

_WORD = r"[a-z][a-z0-9_]{0,63}"
_ID = optional(REFERENCE)
_OPTIONAL_WORD = optional(WORD)

_START = datetime(1, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Seven fields of at most 64 characters, each of which JSON can write as two, and their names.
_CONTENT_BYTES = 2048


class Act(StrEnum):
    """Kind of an entry. Only the log itself writes `ERASED`."""

    JUSTIFIED = "justified"
    ASKED = "asked"
    ANSWERED = "answered"
    RECEIVED = "received"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    FACTS_SENT = "facts_sent"
    FACTS_RECEIVED = "facts_received"
    CORE_DATA_SENT = "core_data_sent"
    CORE_DATA_RECEIVED = "core_data_received"
    DECLINED = "declined"
    DELAYED = "delayed"
    OVERDUE = "overdue"
    WITHDRAWN = "withdrawn"
    PURGED = "purged"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Checked):
    """One act in the exchange with one party.

    The list of fields is closed, and none of them can hold a probe, a name or a profile: no rule
    requires them in a log, and data minimisation keeps them out.

    Parameters
    ----------
    act : Act
        Kind of the entry.
    time : datetime
        Time of the act, in UTC.
    party : str
        Code of the other party, or `UNKNOWN`.
    category : str
        Name of the category, or `UNKNOWN`.
    number : str
        Number of the request, or `UNKNOWN`. All entries that follow from a request have its number,
        including its justification (Art. 33(3)).
    reference : str or None
        Reference number of the hit.
    result : str or None
        Result or outcome, as a word.
    code : str or None
        Reason, if there is one.
    type : str or None
        ``"P"`` identified, ``"S"`` unidentified, None where the category has no types.
    candidates : int
        Number of candidates of a reply.
    actor : str or None
        Opaque id of the official who decided.

    Raises
    ------
    ExchangeError
        ``invalid_field``, with the name of the field.

    Notes
    -----
    Sources: Regulation (EU) 2024/982, Arts. 18(1), 33(3), 40(1) and 45(1).

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> entry = Entry(
    ...     act=Act.ASKED, time=datetime(2026, 3, 1, tzinfo=UTC), party="DE", category="dna",
    ...     number="7f3a", type="S",
    ... )
    >>> entry.act.value, entry.candidates
    ('asked', 0)
    """

    act: Act = field(metadata=member(Act).meta)
    time: datetime = field(metadata=TIME.meta)
    party: str = field(metadata=one_of({*PARTIES, UNKNOWN}).meta)
    category: str = field(metadata=text(rf"\?|{_WORD}").meta)
    number: str = field(metadata=text(r"\?|[0-9A-Za-z._:-]{1,64}").meta)
    reference: str | None = field(default=None, metadata=_ID.meta)
    result: str | None = field(default=None, metadata=_OPTIONAL_WORD.meta)
    code: str | None = field(default=None, metadata=_OPTIONAL_WORD.meta)
    type: str | None = field(default=None, metadata=TYPE.meta)
    candidates: int = field(default=0, metadata=COUNT.meta)
    actor: str | None = field(default=None, metadata=_ID.meta)


_CONTENT = tuple(one.name for one in fields(Entry) if one.name != "time")


def time_bytes(moment: datetime, *, name: str = "time") -> bytes:
    """Return a moment as eight bytes that sort by time."""
    if not isinstance(moment, datetime) or moment.utcoffset() is None:
        raise InvalidInput(
            "give a datetime with a time zone", code="bad_moment", field=name, value=moment
        )
    return ((moment - _START) // _MICROSECOND).to_bytes(8, "big")


def content_of(entry: Entry) -> bytes:
    """Return an entry without its time, in the canonical form.

    The time is stored beside it, so that a log can be searched by time without reading content.
    """
    return dumps({name: getattr(entry, name) for name in _CONTENT})


def from_content(time: bytes, content: bytes) -> Entry:
    """Return the entry from `time_bytes` and `content_of`."""
    raw = loads(content, max_bytes=_CONTENT_BYTES, max_depth=1, max_containers=1)
    try:
        moment = _START + timedelta(microseconds=int.from_bytes(time, "big"))
        return Entry(act=Act(raw.pop("act")), time=moment, **raw)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        raise ExchangeError(
            "the content is not an entry of the audit log", code="malformed"
        ) from None


def to_be_kept(entries: Iterable[Entry]) -> list[tuple[bytes, bytes]]:
    """Return the entries that a host appends, each as time and content."""
    kept = []
    for entry in entries:
        if entry.act is Act.ERASED:
            raise ExchangeError(
                "only the log itself records erasures", code="invalid_field", field="act"
            )
        kept.append((time_bytes(entry.time), content_of(entry)))
    return kept
