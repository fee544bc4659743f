"""Numbers of entries in the chain, and the digest of those that were erased."""

from __future__ import annotations

from datetime import UTC, datetime

from prum_match.exchange.audit.chain import START, Erasures, seal
from prum_match.exchange.audit.entries import time_bytes
from prum_match.exchange.audit.log import time_range


def test_entries_are_numbered_from_one_and_equal_ones_differ() -> None:
    one, two = seal(START, [(bytes(8), b"{}"), (bytes(8), b"{}")])
    assert (one.sequence, two.sequence) == (1, 2)
    # The salt: a guessed entry cannot be recognised by its leaf.
    assert one.leaf != two.leaf
    assert one.link != two.link


def test_folded_numbers_digest_like_those_erased_one_by_one() -> None:
    folded, apart = Erasures(2), Erasures(0)
    for number in (1, 2):
        apart.add(number)
    assert (folded.count, folded.digest()) == (apart.count, apart.digest())
    for erasures in (folded, apart):
        erasures.add(5)
    assert (folded.count, folded.digest()) == (apart.count, apart.digest())


def test_the_digest_covers_the_erased_numbers() -> None:
    digests = set()
    for numbers in ([], [1], [2], [1, 2], [1, 3], [2, 3], [1, 2, 3]):
        erasures = Erasures(0)
        for number in numbers:
            erasures.add(number)
        assert erasures.count == len(numbers)
        digests.add(erasures.digest())
    assert len(digests) == 7


def test_a_range_without_bounds_holds_every_time() -> None:
    first, behind = time_range(None, None)
    for moment in (datetime.min, datetime.max):
        assert first < time_bytes(moment.replace(tzinfo=UTC)) < behind
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert time_range(noon, None) == (time_bytes(noon), behind)
    assert time_range(None, noon) == (first, time_bytes(noon))
