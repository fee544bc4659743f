"""The canonical form of a message, and the bounds that are checked on its bytes."""

from __future__ import annotations

import pytest

from prum_match.errors import ExchangeError
from prum_match.exchange.messages.encoding import dumps, is_small, loads


def test_the_canonical_form_is_sorted_and_without_blanks() -> None:
    assert dumps({"b": 1, "a": []}) == b'{"a":[],"b":1}'
    assert dumps({"a": "Ä"}) == '{"a":"Ä"}'.encode()


def test_a_glance_counts_brackets_in_strings_as_well() -> None:
    assert is_small(b'{"a":[]}', 100, 2)
    assert not is_small(b'{"a":[]}', 7, 2)
    # Within bounds all the same: only the full check can tell.
    data = b'{"a":"[]"}'
    assert not is_small(data, 100, 1)
    assert loads(data, max_bytes=100, max_depth=1, max_containers=1) == {"a": "[]"}


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        ({}, None),
        ({"max_bytes": 7}, "too_large"),
        ({"max_depth": 1}, "too_deep"),
    ],
)
def test_a_message_is_parsed_if_it_is_within_bounds(
    bounds: dict[str, int], code: str | None
) -> None:
    given = {"max_bytes": 8, "max_depth": 2, "max_containers": 2, **bounds}
    if code is None:
        assert loads(b'{"a":[]}', **given) == {"a": []}
        return
    with pytest.raises(ExchangeError) as caught:
        loads(b'{"a":[]}', **given)
    assert caught.value.code == code
