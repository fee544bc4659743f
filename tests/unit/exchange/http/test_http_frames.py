from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prum_match.exchange import (
    PARTIES,
    TransportBusy,
    TransportError,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)
from prum_match.exchange.http.frames import Frame, Frames

LIMIT = 1000
FAILURES = [
    TransportTimeout(),
    TransportUnreachable(code="no_route"),
    TransportBusy(retry_after=7),
    TransportBusy(),
    TransportRefused(),
    TransportError(code="line_broke"),
]


def stream_of(answers):
    return b"".join(
        Frame.of(party, one).line() + (one if isinstance(one, bytes) else b"")
        for party, one in answers
    )


def told(answers):
    return [
        (party, one if isinstance(one, bytes) else (type(one), one.code, wait(one)))
        for party, one in answers
    ]


def wait(error):
    return getattr(error, "retry_after", None)


answers = st.lists(
    st.tuples(st.sampled_from(sorted(PARTIES)), st.binary(max_size=50) | st.sampled_from(FAILURES)),
    max_size=5,
)


@given(answers, st.lists(st.integers(1, 30)))
def test_a_stream_is_read_however_it_is_cut(sent, cuts):
    stream, frames, got = stream_of(sent), Frames(LIMIT), []
    for size in [*cuts, len(stream)]:
        got += frames.feed(stream[:size])
        stream = stream[size:]
    assert told(got) == told(sent)


@given(st.lists(st.binary(max_size=600)))
def test_rubbish_ends_in_a_transport_error_or_waits_for_more(parts):
    frames, code = Frames(LIMIT), None
    try:
        assert all(party in PARTIES for part in parts for party, _ in frames.feed(part))
    except TransportError as error:
        code = error.code
    # A line that is longer than any frame cannot be waited for.
    assert code in {None, "wrong_frame", "too_large"}
    assert code is not None or len(b"".join(parts)) < 512 or b"\n" in b"".join(parts)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"x" * 512, "wrong_frame"),
        (b"[]\n", "wrong_frame"),
        (Frame(party="DE", size=LIMIT + 1).line(), "too_large"),
        (Frame(party="DE", size=1).line().replace(b"DE", b"XX"), "wrong_frame"),
        (Frame.of("DE", TransportTimeout()).line().replace(b"timeout", b"no_hit"), "wrong_frame"),
    ],
)
def test_an_invalid_frame_is_refused(line, code):
    with pytest.raises(TransportError) as caught:
        list(Frames(LIMIT).feed(line))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, 1), (-5, 0), (3, 3), (1e9, 10**6), (None, None)]
)
def test_a_wait_is_rounded_up_and_bounded(seconds, said):
    assert Frame.of("DE", TransportBusy(retry_after=seconds)).retry_after == said
