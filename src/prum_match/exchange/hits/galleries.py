"""Galleries behind the hits of a requested party: what has become of the references."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Any, Protocol

import numpy as np

from prum_match import engine
from prum_match.errors import InvalidInput
from prum_match.exchange.messages.follow_up import WithdrawalReason


class HoldsReferences(Protocol):
    """The part of a gallery that tells what has become of a reference."""

    @property
    def generation(self) -> int:
        """Number that changes with every enrolment, replacement and erasure."""
        ...

    def __getitem__(self, reference_id: str) -> Any: ...

    def __contains__(self, reference_id: object) -> bool: ...


def category_of(name: str, gallery: Any) -> engine.Category[Any, Any]:
    """Return the category of a gallery; one name can have several, such as pseudonyms."""
    return getattr(gallery, "category", None) or engine.category(name)


def content_of(category: engine.Category[Any, Any], item: Any, data: bytes | None = None) -> bytes:
    """Return a digest of an item: the same in every process, and wherever a gallery keeps it.

    It is of the `data` that the category sends of the item; where it sends none, of the columns.
    """
    if data is None:
        with suppress(InvalidInput):  # not exchanged in this form
            data = category.required_wire().reference_to_bytes(item)
    if data:
        return sha256(data).digest()
    digest = sha256()
    for name, column in sorted(category.layout.encode([item]).columns.items()):
        digest.update(f"{name} {column.dtype.str} {column.shape};".encode())
        digest.update(np.ascontiguousarray(column).tobytes())
    return digest.digest()


class Galleries:
    """The galleries of a party, by category name."""

    def __init__(self, galleries: Mapping[str, HoldsReferences]) -> None:
        self._galleries: dict[str, HoldsReferences] = {}
        self._categories: dict[str, engine.Category[Any, Any]] = {}
        self.add(galleries)

    def add(self, galleries: Mapping[str, HoldsReferences]) -> None:
        """Add galleries; one of a category that is there already takes its place."""
        for name, gallery in galleries.items():
            self._categories[name] = category_of(name, gallery)
            self._galleries[name] = gallery

    def names(self) -> list[str]:
        """Return the names of the categories."""
        return list(self._galleries)

    def generation(self, category: str) -> int:
        """Return the generation of a gallery, which shows first what a writer has committed."""
        gallery: Any = self._galleries[category]
        if getattr(gallery, "is_outdated", False):
            gallery.refresh()
        return int(gallery.generation)

    def content(self, category: str, reference: str) -> bytes | None:
        """Return the digest of the item that a reference has now; None if it is gone."""
        gallery = self._galleries[category]
        try:
            return content_of(self._categories[category], gallery[reference])
        except KeyError:
            if reference in gallery:
                raise
            return None

    def reason(self, category: str, reference: str, content: bytes) -> WithdrawalReason | None:
        """Return why the reference of a hit no longer counts; None if it does, or nobody knows."""
        # A gallery in memory that nothing was enrolled in yet has lost nothing.
        if category not in self._galleries or self.generation(category) == 0:
            return None
        now = self.content(category, reference)
        if now is None:
            return WithdrawalReason.ERASED
        return WithdrawalReason.CORRECTED if content not in (b"", now) else None
