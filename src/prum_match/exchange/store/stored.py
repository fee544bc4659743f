"""What a store gives back, and the error for what cannot be read any more.

A partner's bytes that cannot be read are refused, and the partner is told so. An own store's are a
fault at home: nobody may be answered, and nothing be decided, on account of them.
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
    """Read what the library itself has written into a store."""
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
    """Return the record that an entry holds."""
    with read_back(kind):
        raw = loads(
            value, max_bytes=sys.maxsize, max_depth=max_depth, max_containers=max_containers
        )
        return from_json(record_type, raw)
