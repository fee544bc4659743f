"""Any bytes in the columns of persons and pseudonyms lead to an answer or a `PrumError`.

As for other categories; run under a sanitizer too (tools/sanitize.sh).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from prum_match import Eligible, _native
from prum_match.engine import Columns
from prum_match.errors import PrumError
from prum_match.police_record import DicePolicy, Gallery, LinkagePolicy, Person
from support.dna import TIERS, tier
from support.examples import FEW
from support.police_record.pseudonyms import PseudonymRegister
from support.police_record.registers import People

pytestmark = pytest.mark.native

N = 150  # more than two words of live bits, and no multiple of a panel
NAMES = [f"REF-{i:03d}" for i in range(N)]
GONE = range(5, N, 17)
LEFT = [row for row in range(N) if row not in GONE]
KINDS = ("clear", "field", "record")


@cache
def sound(kind: str) -> tuple[Gallery, Sequence[Any]]:
    """Return a gallery of one segment, and some probes, one of them with many names."""
    if kind == "clear":
        people = People(np.random.default_rng(1), 6)
        items: list[Any] = [people.person() for _ in range(N)]
        gallery = Gallery(labels=("l0", "l1"))
        many = Person("Anna", "Berg", [people.alias() for _ in range(40)], birth_date="1984-02-01")
        probes = [*items[::60], many]
    else:
        register = PseudonymRegister(1, 1, 4, 2, kind)
        items = [register.person() for _ in range(N)]
        gallery = Gallery(register.block, labels=("l0", "l1"))
        probes = [register.probe() for _ in range(3)]
    subjects = [f"S-{i // 3}" if i % 4 else None for i in range(N)]
    labels = ["l0" if i % 3 else "l1" for i in range(N)]
    gallery.enrol(NAMES, items, subject_ids=subjects, labels=labels)
    gallery.erase([NAMES[row] for row in GONE])
    return gallery, probes


def columns_of(kind: str) -> list[str]:
    (segment,) = sound(kind)[0]._core.segments()
    others = {"ids", "live", "subjects", "labels"}
    if kind != "clear":
        others |= {"places", "backgrounds", "dates"}  # the same as those of persons in clear
    columns = segment.columns
    return [c for c in columns if c.partition(".")[0] not in others and columns[c].size]


def damaged(kind: str, change: Callable[[Columns], object]) -> Gallery:
    """Return a gallery of copied columns that were changed after they were sealed."""
    whole, _ = sound(kind)
    (segment,) = whole._core.segments()
    columns = {name: array.copy() for name, array in segment.columns.items()}
    change(columns)
    gallery = Gallery(getattr(whole.category.layout, "parameters", None), labels=("l0", "l1"))
    gallery._core.native.publish([_native.Segment(segment.rows, columns)], 1)
    return gallery


def bytes_of(array: NDArray[Any]) -> NDArray[np.uint8]:
    return array.reshape(-1).view(np.uint8)


def flip_bits(array: NDArray[Any], random: np.random.Generator) -> None:
    data = bytes_of(array)
    for place in random.integers(len(data), size=int(random.integers(1, 9))):
        data[place] ^= np.uint8(1 << int(random.integers(8)))


def randomise(array: NDArray[Any], random: np.random.Generator) -> None:
    bytes_of(array)[:] = random.integers(0, 256, array.nbytes)


def shuffle(array: NDArray[Any], random: np.random.Generator) -> None:
    random.shuffle(array.reshape(-1))


def nearly(array: NDArray[Any], random: np.random.Generator) -> None:
    """Draw values that are off by one, which a nearly correct check lets through."""
    flat = array.reshape(-1)
    some = random.random(flat.size) < 0.2
    top = int(flat.max())
    places = (0, 1, top, N, len(flat), len(flat) - 1)
    # Behind the largest number comes the smallest.
    near = [(place + more) % 256**flat.itemsize for place in places for more in (-1, 0, 1)]
    flat[some] = random.choice(np.array(near, flat.dtype), some.sum())


def zeros(array: NDArray[Any], random: np.random.Generator) -> None:
    bytes_of(array)[:] = 0


def ones(array: NDArray[Any], random: np.random.Generator) -> None:
    bytes_of(array)[:] = 255


DAMAGES = (flip_bits, nearly, randomise, shuffle, zeros, ones)[: 3 if FEW else None]


def policies(kind: str) -> Iterator[Any]:
    for by_tokens in (False, True):
        if kind == "record":
            yield from (DicePolicy(threshold=t, by_tokens=by_tokens) for t in (1e-9, 0.6))
        else:
            yield from (LinkagePolicy(threshold=t, by_tokens=by_tokens) for t in (-300, 8))


def uses(kind: str, gallery: Gallery) -> Iterator[Callable[[], object]]:
    """Return all uses of a gallery, one by one, since an error ends each."""
    whole, probes = sound(kind)
    (segment,) = gallery._core.segments()
    for policy in policies(kind):
        for limit in (None, 3):
            for probe in (probes[0], probes[-1]):
                yield lambda p=policy, n=limit, q=probe: read(gallery.search(q, policy=p, limit=n))
        yield lambda p=policy: gallery.search_many([*probes] * 6, policy=p, limit=3, threads=2)
    yield lambda: list(gallery.join(whole, policy=policy))
    yield lambda: list(whole.join(gallery, policy=policy))
    yield lambda: read(gallery.search(probes[0], eligible=Eligible(labels={"l1"}), limit=3))
    if kind != "record":
        matcher = gallery.category.matching.prepare(probes, LinkagePolicy(threshold=0))
        after = np.array([0, N - 1, N, 2**32 - 1][: len(probes)], np.uint32)
        if len(after) == len(probes):
            yield lambda: matcher.pairs(segment, after)
            yield lambda: matcher.count_patterns(segment, after)
        yield lambda: matcher.pairs(segment)
        yield lambda: matcher.count_patterns(segment)
    for row in LEFT[::9]:
        yield lambda row=row: gallery._core.item_at(segment, row)
    yield lambda: list(gallery.category.layout.traces(segment, np.arange(0, N, 3, dtype=np.uint32)))
    yield lambda: gallery.enrol(["new"], [probes[0]])  # merges, if it likes
    yield lambda: gallery.erase([NAMES[row] for row in LEFT[::9]])
    yield gallery.compact


def read(answer: Any) -> None:
    for candidate in list(answer)[:5]:
        for get in (candidate.explain, lambda c=candidate: (c.match_quality, c.columns)):
            with suppress(PrumError):
                get()


def use(kind: str, gallery: Gallery) -> None:
    for call in uses(kind, gallery):
        with suppress(PrumError):
            call()


CASES = [(kind, name) for kind in KINDS for name in columns_of(kind)]


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_any_bytes_in_one_column(kind: str, name: str) -> None:
    for seed, damage in enumerate(DAMAGES):
        random = np.random.default_rng(seed)
        with tier(TIERS[seed % len(TIERS)]):
            use(kind, damaged(kind, lambda columns, d=damage, r=random: d(columns[name], r)))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", KINDS)
def test_a_few_bits_in_all_columns(kind: str, seed: int) -> None:
    random = np.random.default_rng(seed)

    def change(columns: Columns) -> None:
        for name in columns_of(kind):
            flip_bits(columns[name], random)

    use(kind, damaged(kind, change))


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_a_missing_or_short_column(kind: str, name: str) -> None:
    """A search either raises an error or does not need the column; answers stay the same."""
    whole, probes = sound(kind)
    policy = next(policies(kind))
    changes = [lambda c: c.pop(name), lambda c: c.update({name: c[name][:-1].copy()})]
    # With a key less, what is left may be sound, and another register.
    for change in changes[:1] if name == "keys" else changes:
        for probe in probes:
            with suppress(PrumError):
                found = damaged(kind, change).search(probe, policy=policy)
                if "bytes" not in name:
                    assert found.reference_ids == whole.search(probe, policy=policy).reference_ids


@pytest.mark.parametrize("kind", KINDS)
def test_all_uses_succeed_on_valid_columns(kind: str) -> None:
    """Otherwise the tests above would be vacuous."""
    gallery = damaged(kind, lambda columns: None)
    for call in uses(kind, gallery):
        call()
    assert "new" in gallery
