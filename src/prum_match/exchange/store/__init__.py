"""Storage of the state of an exchange: what must outlive a restart."""

from __future__ import annotations

from prum_match.exchange.store.stores import StoreTransaction

__all__ = [
    "StoreTransaction",
]
