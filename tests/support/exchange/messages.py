"""Strategies for any message of the exchange, and for hostile changes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC
from hashlib import sha256
from typing import Any

from hypothesis import strategies as st

from prum_match.exchange import PARTIES, CoreData, Decision, HitKey, WithdrawalReason
from prum_match.exchange.messages import (
    Confirmation,
    CoreDataMessage,
    Facts,
    ReplyCandidate,
    Result,
    SearchReply,
    SearchRequest,
    StatusMessage,
    StatusRequest,
    StatusResult,
    Verdict,
    Withdrawal,
    decode_follow_up,
    decode_reply,
    decode_request,
    decode_status,
)

DECODERS: dict[str, Callable[[bytes], Any]] = {
    "request": decode_request,
    "reply": decode_reply,
    "follow-up": decode_follow_up,
    "status": decode_status,
}

numbers = st.from_regex(r"[0-9A-Za-z._:-]{1,64}", fullmatch=True)
references = st.from_regex(r"[ -~]{1,64}", fullmatch=True)
words = st.from_regex(r"[a-z][a-z0-9_]{0,63}", fullmatch=True)
times = st.datetimes(timezones=st.just(UTC))
types = st.sampled_from(["P", "S", None])
pairs = st.lists(st.sampled_from(sorted(PARTIES)), min_size=2, max_size=2, unique=True)
waits = st.none() | st.integers(0, 10**6)
offences = st.from_regex(r"[0-9]{4} [0-9]{2}", fullmatch=True)

# Text as the closed lists take it: no control characters and nothing that UTF-8 cannot write.
_lines = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
_dates = st.from_regex(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", fullmatch=True)
_countries = st.from_regex(r"[A-Z]{2,3}", fullmatch=True)

requests = pairs.flatmap(
    lambda pair: st.builds(
        SearchRequest,
        category=words,
        requesting=st.just(pair[0]),
        requested=st.just(pair[1]),
        number=numbers,
        time=times,
        reference=references,
        type=types,
        probe=st.binary(max_size=100),
    )
)


@st.composite
def replies(draw: st.DrawFn) -> SearchReply:
    result = draw(st.sampled_from(Result))
    ids = draw(st.lists(references, min_size=1, max_size=3, unique=True))
    head = draw(requests).head()
    if result is Result.ERROR and draw(st.booleans()):
        head = None
    return SearchReply(
        result=result,
        number=draw(numbers),
        time=draw(times),
        request=head,
        candidates=tuple(
            ReplyCandidate(
                rank=rank,
                reference=reference,
                type=draw(types),
                quality=draw(st.integers(0, 2**53 - 1)),
                readings=tuple(sorted(draw(st.sets(words, max_size=3)))),
                data=draw(st.binary(max_size=50)),
            )
            for rank, reference in enumerate(ids, 1)
            if result is Result.HIT
        ),
        code=draw(words) if result in (Result.REFUSED, Result.ERROR) else None,
        retry_after=draw(waits) if result is Result.BUSY else None,
    )


@st.composite
def core_data(draw: st.DrawFn) -> CoreData:
    fields: dict[str, Any] = {
        "acquisition_date": draw(st.none() | _dates),
        "acquisition_place": draw(st.none() | _lines),
        "offence": draw(st.none() | offences),
        "case_number": draw(st.none() | _lines),
        "authority": draw(st.none() | _lines),
    }
    identified = draw(st.booleans())
    if identified:
        some = st.lists(_lines, max_size=3).map(tuple)
        fields |= {
            "first_names": draw(some),
            "family_names": draw(some),
            "aliases": draw(some),
            "previous_names": draw(some),
            "birth_date": draw(st.none() | _dates),
            "birth_place": draw(st.none() | _lines),
            "birth_country": draw(st.none() | _countries),
            "nationalities": draw(st.lists(_countries, max_size=3).map(tuple)),
            "gender": draw(st.sampled_from([None, 0, 1, 2, 9])),
        }
    return CoreData(identified=identified, **fields)


@st.composite
def follow_ups(draw: st.DrawFn) -> Any:
    requesting, requested = draw(pairs)
    head: dict[str, Any] = {
        "hit": HitKey(
            category=draw(words),
            requesting=requesting,
            requested=requested,
            request=draw(numbers),
            reference=draw(references),
        ),
        "number": draw(numbers),
        "time": draw(times),
    }
    decision = draw(st.sampled_from(Decision))
    data = draw(core_data()) if decision is Decision.RETURNED else None
    until = draw(st.none() | times) if decision is Decision.DELAYED else None
    facts = st.text(st.characters(exclude_characters="\r", exclude_categories=("Cs",)), max_size=40)
    description = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "\t", draw(facts)) or "."
    return draw(
        st.sampled_from(
            [
                Confirmation(verdict=draw(st.sampled_from(Verdict)), **head),
                Facts(offence=draw(st.none() | offences), description=description, **head),
                CoreDataMessage(decision=decision, data=data, until=until, **head),
                Withdrawal(reason=draw(st.sampled_from(WithdrawalReason)), **head),
                StatusRequest(**head),
            ]
        )
    )


@st.composite
def statuses(draw: st.DrawFn) -> StatusMessage:
    result = draw(st.sampled_from(StatusResult))
    failed = result in (StatusResult.REFUSED, StatusResult.ERROR)
    unread = result is StatusResult.ERROR and draw(st.booleans())
    return StatusMessage(
        number=draw(numbers),
        time=draw(times),
        answers=None if unread else draw(numbers),
        result=result,
        state=draw(st.none() | words) if result is StatusResult.ACCEPTED else None,
        code=draw(words) if failed else None,
        retry_after=draw(waits) if result is StatusResult.BUSY else None,
    )


messages = requests | replies() | follow_ups() | statuses()


def canonical(raw: Any) -> bytes:
    """Write canonical JSON; text that UTF-8 cannot encode is escaped."""
    try:
        return json.dumps(raw, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(raw, sort_keys=True, separators=(",", ":")).encode()


def sealed(raw: dict[str, Any]) -> bytes:
    """Write a message with a correct digest, as an attacker can."""
    fields = {name: value for name, value in raw.items() if name != "digest"}
    return canonical({**fields, "digest": sha256(canonical(fields)).hexdigest()})


# --- damage -------------------------------------------------------------------------------------

ODD_TEXT = (
    "\ud800",
    "\x00",
    "\ufeff",
    "\u2028",
    "\U0001f600",
    "NaN",
    "9" * 300,
    "=",
    '"kind":"status"',
    '\\"',
    "[[[[{{{{",
    "2026-02-30T00:00:00.000000Z",
    "2026-01-01T00:00:00.000000+01:00",
    "9999-12-31T23:59:60.000000Z",
)
odd_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, -1, 2**53, 2**64, 10**400, 1.0, float("nan"), float("inf"), -0.0])
    | st.sampled_from(ODD_TEXT)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\[\]{}:,"]+', re.DOTALL)
_ODD_TOKENS = (
    *(b'"%s"' % part for part in (b"\\ud800", b"\\u0000", b"\x00", b"\xff", b"\\", b"AT", b"kind")),
    *(b"NaN", b"1e400", b"-0", b"01", b"1.0", b"null", b"true", b"9" * 5000),
    *(b"[", b"]", b"{", b"}", b",", b":", b'"', b" ", b"\n", b"/**/", b"\xef\xbb\xbf", b"\xc0\xaf"),
)


def spots(raw: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place of a value within a JSON value."""
    for key, value in raw.items() if isinstance(raw, dict) else enumerate(raw):
        yield raw, key
        if isinstance(value, dict | list):
            yield from spots(value)


@st.composite
def rewritten(draw: st.DrawFn, sent: bytes) -> bytes:
    """Draw a message with other values, more or fewer fields, and a correct digest."""
    raw = json.loads(sent)
    for _ in range(draw(st.integers(1, 3))):
        place, key = draw(st.sampled_from(list(spots(raw))))
        change = draw(st.sampled_from(["value", "value", "remove", "add", "swap"]))
        if change == "value":
            place[key] = draw(odd_values)
        elif change == "remove":
            del place[key]
        elif change == "swap":
            other, name = draw(st.sampled_from(list(spots(raw))))
            place[key] = json.loads(json.dumps(other[name]))
        elif isinstance(place, list):
            place.append(draw(odd_values))
        else:
            place[draw(st.sampled_from(["purpose", "digest", "hit", "\ud800"]))] = draw(odd_values)
        if not raw:
            break
    return sealed(raw)


def misdigested(sent: bytes) -> st.SearchStrategy[bytes]:
    """Draw a message that is correct except for an invalid digest."""
    raw = json.loads(sent)
    odd = st.sampled_from([float("nan"), float("inf"), "\ud800", 10**400, None, True, [], {}, "ab"])
    return odd.map(lambda digest: canonical({**raw, "digest": digest}))


@st.composite
def respelt(draw: st.DrawFn, sent: bytes) -> bytes:
    """Draw a message whose tokens were replaced, repeated, removed or moved."""
    tokens = _TOKEN.findall(sent)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(tokens) - 1))
        other = draw(st.sampled_from(_ODD_TOKENS) | st.sampled_from(tokens))
        change = draw(st.sampled_from(["replace", "insert", "remove", "repeat"]))
        if change == "replace":
            tokens[place] = other
        elif change == "insert":
            tokens.insert(place, other)
        elif change == "repeat":
            stop = draw(st.integers(place, min(place + 12, len(tokens))))
            tokens[place:place] = tokens[place:stop]
        elif len(tokens) > 1:
            del tokens[place]
    return b"".join(tokens)


@st.composite
def cut(draw: st.DrawFn, sent: bytes) -> bytes:
    """Draw a message with some bytes replaced by any others."""
    start = draw(st.integers(0, len(sent)))
    stop = draw(st.integers(start, min(start + 20, len(sent))))
    return sent[:start] + draw(st.binary(max_size=8)) + sent[stop:]


def wrapped(sent: bytes) -> st.SearchStrategy[bytes]:
    """Draw a message in another encoding, or with additional bytes around it."""
    text = sent.decode()
    return st.sampled_from(
        [
            b"\xef\xbb\xbf" + sent,
            text.encode("utf-16"),
            text.encode("utf-32-le"),
            sent + sent,
            sent + b"\n",
            b" " + sent,
            sent + b"\x00",
            b"[" + sent + b"]",
            sent[:-1] + b"," + sent[1:],
            json.dumps(json.loads(sent)).encode(),
            b"{}",
            b"null",
            b"",
        ]
    )


def damaged(sent: bytes) -> st.SearchStrategy[bytes]:
    """Draw any damage to a message."""
    return st.one_of(rewritten(sent), misdigested(sent), respelt(sent), cut(sent), wrapped(sent))
