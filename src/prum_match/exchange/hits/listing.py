"""The hits in the file of a store, for the supervisor of an exchange."""

from __future__ import annotations

import os
from collections.abc import Iterator

from prum_match.exchange.hits.hit import Hit
from prum_match.exchange.store.reading import values_of
from prum_match.exchange.store.stored import record_from


def hits_in(path: str | os.PathLike[str]) -> Iterator[Hit]:
    """Yield every hit in the file of a `SqliteStore`, without a `FollowUp` and beside others.

    Raises
    ------
    StorageError
        ``store_unusable``: the file is missing, cannot be read, or is not that of a store.
        ``store_damaged``: an entry has changed since it was written.
    """
    for _, value in values_of(path, "hit"):
        yield record_from(Hit, "hit", value, max_depth=2, max_containers=2)
