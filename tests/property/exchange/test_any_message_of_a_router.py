"""Damaged bundles and frames of a router are an error or another valid one."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from prum_match.errors import ExchangeError
from prum_match.exchange import PARTIES, TransportError
from prum_match.exchange.http.bundle import bundle, unbundle
from prum_match.exchange.http.frames import Frame, Frames
from support.exchange.messages import respelt, rewritten

MOST = 300
parties = st.sampled_from(sorted(PARTIES))
replies = st.binary(max_size=MOST)
requests = st.dictionaries(
    parties, st.binary(max_size=40) | st.just(b'{"a":"an image","b":1}'), min_size=1, max_size=4
)


def parts(data: st.DataObject, stream: bytes) -> list[bytes]:
    """Cut a stream into pieces, as a network does."""
    found = []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        found.append(stream[:size])
        stream = stream[size:]
    return found


def taken(pieces: list[bytes]) -> tuple[list[tuple[str, Any]], str | None]:
    """Return the frames of a stream, and the code of the error that ended it."""
    frames = Frames(MOST)
    found: list[tuple[str, Any]] = []
    for piece in pieces:
        try:
            found.extend(frames.feed(piece))
        except TransportError as error:
            return found, error.code
    return found, None


@given(replies, parties, st.data())
def test_a_damaged_frame_is_an_error_or_another_frame(
    reply: bytes, party: str, data: st.DataObject
) -> None:
    line = Frame.of(party, reply).line()[:-1]
    other = data.draw(rewritten(line) | respelt(line) | st.binary(max_size=600))
    found, code = taken(parts(data, other + b"\n" + reply))
    assert code in (None, "wrong_frame", "too_large")
    assert all(party in PARTIES for party, _ in found)
    assert sum(len(one) for _, one in found if isinstance(one, bytes)) <= len(other) + len(reply)


@given(requests, st.data())
def test_a_damaged_bundle_is_refused_or_within_its_bounds(
    asked: dict[str, bytes], data: st.DataObject
) -> None:
    head, _, rest = bundle(asked, 5).partition(b"\n")
    other = data.draw(rewritten(head) | respelt(head) | st.binary(max_size=40))
    try:
        timeout, found = unbundle(other + b"\n" + rest, MOST)
    except ExchangeError:
        return
    assert timeout > 0
    assert found.keys() <= set(PARTIES)
    assert all(len(one) <= MOST for one in found.values())
