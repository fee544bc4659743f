"""Records read from a store, and the error for unreadable ones.

Unreadable bytes of a partner are refused with a reply. Unreadable bytes of the own store are a
local fault: they must neither be answered nor decide anything.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from prum_match.errors import ExchangeError
from prum_match.exchange.messages.encoding import loads
from prum_match.exchange.messages.records import from_json
from prum_match.exchange.store.stores import damaged

_Record = TypeVar("_Record")


@contextmanager
def read_back(kind: str) -> Iterator[None]:
    """Turn errors in the block, which decodes stored bytes, into ``store_damaged``."""
    try:
        yield
    except (ExchangeError, ValueError):
        raise damaged(kind) from None


def record_from(
    record_type: type[_Record],
    kind: str,
    value: Any,
    *,
    max_depth: int = 1,
    max_containers: int = 1,
) -> _Record:
    """Return the record in the value of an entry."""
    with read_back(kind):
        raw = loads(
            value, max_bytes=sys.maxsize, max_depth=max_depth, max_containers=max_containers
        )
        return from_json(record_type, raw)
