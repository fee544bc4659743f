"""The largest hostile messages cost a decoder a few times their own size, in memory and in time.

The kernel limits the memory: each bomb runs in a child process with a limit. Time is compared with
that of a bomb of a quarter of the size.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from prum_match.errors import ExchangeError
from prum_match.exchange.mailbox.correlation import numbers_of
from prum_match.exchange.messages import (
    ReplyCandidate,
    RequestHead,
    Result,
    SearchReply,
    decode_follow_up,
    decode_reply,
    decode_request,
    decode_status,
    encode,
)
from prum_match.exchange.messages.envelope import peek
from support.children import in_child

CAP = 32 << 20  # the most bytes of any message, by the defaults of `Limits`
TIMES = 7  # measured: 5.5 for members, 4.8 for an honest reply; 57 before members were counted


def filled(piece: bytes) -> Callable[[int], bytes]:
    return lambda size: piece * (size // len(piece))


def inside(head: bytes, piece: bytes, tail: bytes) -> Callable[[int], bytes]:
    return lambda size: head + piece * ((size - len(head + tail)) // len(piece)) + tail


def members(size: int) -> bytes:
    return b"{" + b",".join(b'"%08x":0' % n for n in range(size // 13)) + b"}"


def reply(size: int) -> bytes:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    head = RequestHead(
        category="face",
        requesting="AT",
        requested="DE",
        number="q1",
        reference="AT-1",
        time=moment,
        type=None,
    )
    image = ReplyCandidate(
        rank=1, reference="DE-1", type=None, quality=None, readings=(), data=bytes(size * 3 // 4)
    )
    return encode(
        SearchReply(result=Result.HIT, number="r1", time=moment, request=head, candidates=(image,))
    )


BOMBS: dict[str, Callable[[int], bytes]] = {
    "arrays": filled(b"["),
    "objects": filled(b'{"a":'),
    "ends": filled(b"]"),
    "pairs": filled(b"{}"),
    "commas": filled(b","),
    "quotes": filled(b'"'),
    "empty strings": filled(b'"",'),
    "strings": inside(b'["ab"', b',"ab"', b"]"),
    "brackets in a string": inside(b'{"a":"', b"[{", b'"}'),
    "backslashes": inside(b'"', b"\\", b""),
    "escaped quotes": inside(b'{"a":"', b'\\"', b'"}'),
    "escaped quotes without an end": inside(b'{"a":"', b'\\"', b"\\"),
    "escapes": inside(b'{"a":"', b"\\u00e9", b'"}'),
    "wide escapes": inside(b'{"a":"', b"a", b'\\ud83d\\ude00"}'),
    "one wide character": inside(b'{"a":"', b"a", '\U0001f600"}'.encode()),
    "wide characters": inside(b'{"a":"', "\U0001f600".encode(), b'"}'),
    "small numbers": inside(b"[0", b",0", b"]"),
    "fractions": inside(b"[0.1", b",0.1", b"]"),
    "one number": filled(b"9"),
    "one fraction": inside(b"0.", b"9", b""),
    "members": members,
    "members of one name": inside(b'{"a":0', b',"a":0', b"}"),
    "spaces": filled(b" "),
    "kinds": filled(b'"kind":"'),
    "letters of a kind": inside(b'"kind":"', b"a", b""),
    "zeros": filled(b"\0"),
    "a reply": reply,
}


def read(data: bytes) -> None:
    """Pass the message to everything that reads incoming bytes."""
    for decode in (decode_request, decode_reply, decode_follow_up, decode_status):
        try:
            decode(data)
        except ExchangeError:
            continue
    peek(data)
    numbers_of(data)


def within_its_share(data: bytes) -> None:
    with open("/proc/self/statm") as file:
        held = int(file.read().split()[0]) * resource.getpagesize()
    most = held + TIMES * CAP
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    read(data)


@pytest.mark.parametrize("name", BOMBS)
def test_the_largest_messages_take_a_few_times_their_size(name: str) -> None:
    data = BOMBS[name](CAP - 4096)
    assert len(data) <= CAP
    assert in_child(lambda: within_its_share(data)) == "exit 0"


def test_the_memory_bound_is_enforced() -> None:
    def takes_too_much() -> None:
        within_its_share(b"")
        with pytest.raises(MemoryError):
            bytearray(TIMES * CAP + (64 << 20))

    assert in_child(takes_too_much) == "exit 0"


def seconds(data: bytes) -> float:
    start = time.process_time()
    read(data)
    return time.process_time() - start


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_time_is_linear_in_the_length_of_a_message(name: str) -> None:
    """Quadratic time would mean minutes instead of half a second."""
    small, large = BOMBS[name](1 << 20), BOMBS[name](1 << 22)
    assert seconds(large) < 8 * min(seconds(small) for _ in range(2)) + 0.5
