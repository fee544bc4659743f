"""Every decoder reads what `encode` wrote, and refuses everything else with a code."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prum_match.errors import ExchangeError
from prum_match.exchange import CoreData, Decision, HitKey
from prum_match.exchange.mailbox.correlation import numbers_of
from prum_match.exchange.messages import (
    CoreDataMessage,
    SearchReply,
    StatusMessage,
    decode_follow_up,
    encode,
)
from prum_match.exchange.messages.envelope import peek
from support.examples import examples
from support.exchange.messages import (
    DECODERS,
    ODD_TEXT,
    core_data,
    damaged,
    follow_ups,
    messages,
    replies,
    requests,
    sealed,
    statuses,
)

# All codes that a decoder may raise, as on the page about errors.
CODES = {
    "too_large",
    "too_deep",
    "too_many_candidates",
    "too_many_values",
    "malformed",
    "unsupported_version",
    "wrong_kind",
    "unknown_field",
    "missing_field",
    "invalid_field",
    "inconsistent_field",
    "same_party",
    "not_for_traces",
    "wrong_digest",
    "not_canonical",
}


def read(data: bytes) -> Any:
    """Return the message that any decoder makes of these bytes, None if all refuse."""
    found, codes = [], set()
    for decode in DECODERS.values():
        try:
            found.append(decode(data))
        except ExchangeError as error:
            codes.add(error.code)
    assert codes <= CODES
    assert len(found) <= 1
    return found[0] if found else None


@given(messages)
def test_exactly_one_decoder_reads_a_message_unchanged(message: Any) -> None:
    sent = encode(message)
    assert read(sent) == message
    seen = peek(sent)
    assert seen.kind == message.KIND
    assert seen.is_answer == isinstance(message, SearchReply | StatusMessage)
    numbers = numbers_of(sent)
    assert numbers.own == message.number
    if isinstance(message, SearchReply) and message.request is not None:
        assert numbers.answered == message.request.number
    if isinstance(message, StatusMessage):
        assert numbers.answered == message.answers


@settings(max_examples=examples(400))
@given(messages, st.data())
def test_a_changed_message_is_refused_or_another_valid_one(
    message: Any, data: st.DataObject
) -> None:
    """A changed message is refused, or it is another canonical message."""
    other = data.draw(damaged(encode(message)))
    found = read(other)
    if found is not None:
        assert encode(found) == other
    peek(other)
    numbers_of(other)


@given(st.data())
def test_damage_with_a_stale_digest_is_refused(data: st.DataObject) -> None:
    sent = encode(data.draw(messages))
    place = data.draw(st.integers(0, len(sent) - 1))
    flipped = data.draw(st.integers(1, 255))
    assert read(sent[:place] + bytes([sent[place] ^ flipped]) + sent[place + 1 :]) is None
    assert read(sent[:place]) is None
    assert read(sent[:place] + sent[place : place + 1] + sent[place:]) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(data: bytes) -> None:
    assert read(data) is None
    assert peek(data).kind is None or b"kind" in data
    numbers_of(data)


@pytest.mark.parametrize("kind", DECODERS)
@given(st.data())
def test_odd_text_in_any_field(kind: str, data: st.DataObject) -> None:
    """Such text is refused where it is not allowed, and read back unchanged where it is."""
    strategies = {
        "request": requests,
        "reply": replies(),
        "follow-up": follow_ups(),
        "status": statuses(),
    }
    raw = json.loads(encode(data.draw(strategies[kind])))
    name = data.draw(st.sampled_from(sorted(raw)))
    raw[name] = data.draw(st.sampled_from(ODD_TEXT))
    other = sealed(raw)
    found = read(other)
    assert found is None or encode(found) == other


@given(core_data(), st.data())
def test_core_data_refuse_unsendable_text(known: CoreData, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["case_number", "authority", "acquisition_place"]))
    text = data.draw(st.text(min_size=1, max_size=5) | st.sampled_from(ODD_TEXT))
    fields = {one: getattr(known, one) for one in CoreData.__slots__}
    try:
        made = CoreData(**{**fields, name: text})
    except ExchangeError:
        return
    key = HitKey(category="toy", requesting="AT", requested="DE", request="q1", reference="DE-1")
    head = {"hit": key, "number": "1", "time": datetime(2026, 1, 1, tzinfo=UTC)}
    message = CoreDataMessage(decision=Decision.RETURNED, data=made, **head)
    assert decode_follow_up(encode(message)) == message
