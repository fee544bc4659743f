"""Any bytes in the columns of a segment lead to an answer or a `PrumError`.

Columns may be mapped files. Their sizes are checked when they are opened, but not their contents.
Run under a sanitizer too (tools/sanitize.sh): reads out of bounds rarely show otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from prum_match import Eligible, _native, dactyloscopy, dna, face, vehicle
from prum_match.engine import Columns, Gallery, Policy
from prum_match.errors import PrumError, StorageError
from prum_match.police_record import DicePolicy, LinkagePolicy
from support.dna import TIERS, tier
from support.examples import FEW
from support.galleries.kits import KITS, TOY, VEHICLE, Kit

pytestmark = pytest.mark.native

N = 150  # more than two words of live bits, and no multiple of a panel
NAMES = [f"REF-{i:03d}" for i in range(N)]
LABELS = ("l0", "l1", "l2")
BY_NAME = {kit.name: kit for kit in KITS}
GONE = NAMES[5::17]
LEFT = [name for name in NAMES if name not in GONE]
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
# The version of the id index is odd half of the time, and then a lookup is a thousand lookups.
ASKED = [*NAMES[::40], "nobody"]

POLICIES: dict[str, tuple[Policy, ...]] = {
    "numbers": (),
    "dna": (dna.PRUM_2008, dna.RESPONDER_2008, dna.CODIS_LOW, dna.CODIS_HIGH),
    "face": (face.Policy(threshold=0.8), face.Policy(threshold=-1e30)),
    "dactyloscopy": (
        dactyloscopy.Policy(threshold=60),
        dactyloscopy.Policy(threshold=0, mode="cascade", keep=0.2),
    ),
    "vehicle": (vehicle.NATIONAL, vehicle.Policy(history="none")),
    "police_record": (LinkagePolicy(threshold=4), LinkagePolicy(by_tokens=True)),
    "police_record by field": (LinkagePolicy(threshold=4), LinkagePolicy(by_tokens=True)),
    "police_record by record": (DicePolicy(threshold=0.5), DicePolicy(by_tokens=True)),
}


def items(kit: Kit) -> Any:
    """Return items of few families, so that lists are long and runs are shared."""
    made = [kit.item(i % 40, i % 4) for i in range(N)]
    if kit.name != "face":
        return made
    dates = [NOON.replace(year=2000 + i % 20) for i in range(N)]
    return face.Embeddings(
        np.array([e.vector for e in made]), captured_at=dates, quality=[i % 100 for i in range(N)]
    )


def sound(kit: Kit) -> Gallery[Any]:
    return _sound(kit.name)


@cache
def _sound(name: str) -> Gallery[Any]:
    kit = BY_NAME[name]
    gallery = kit.gallery(open_labels=True, labels=LABELS)
    gallery.enrol(
        NAMES,
        items(kit),
        subject_ids=[f"S-{i // 3}" if i % 4 else None for i in range(N)],
        labels=[LABELS[i % 3] for i in range(N)],
        expires=[NOON] * N,
    )
    gallery.erase(GONE)
    return gallery


@cache
def _few(name: str) -> Gallery[Any]:
    kit = BY_NAME[name]
    gallery = kit.gallery()
    gallery.enrol(["F-1", "F-2", "F-3"], [kit.item(family) for family in (0, 7, 33)])
    return gallery


def few(kit: Kit) -> Gallery[Any]:
    """Return a small valid gallery: a join of prints is slow under a sanitizer."""
    return _few(kit.name)


def names_of_columns(kit: Kit) -> list[str]:
    (segment,) = sound(kit)._core.segments()
    return list(segment.columns)


def damaged(kit: Kit, change: Callable[[Columns], object]) -> Gallery[Any]:
    """Return a gallery of copied columns that were changed after they were sealed."""
    (segment,) = sound(kit)._core.segments()
    columns = {name: array.copy() for name, array in segment.columns.items()}
    change(columns)
    gallery = kit.gallery(open_labels=True, labels=LABELS)
    gallery._core.native.publish([_native.Segment(segment.rows, columns)], 1)
    return gallery


def bytes_of(array: NDArray[Any]) -> NDArray[np.uint8]:
    return array.reshape(-1).view(np.uint8)


def flip_bits(array: NDArray[Any], random: np.random.Generator) -> None:
    data = bytes_of(array)
    for place in random.integers(len(data), size=int(random.integers(1, 9)) if len(data) else 0):
        data[place] ^= np.uint8(1 << int(random.integers(8)))


def randomise(array: NDArray[Any], random: np.random.Generator) -> None:
    bytes_of(array)[:] = random.integers(0, 256, array.nbytes)


def shuffle(array: NDArray[Any], random: np.random.Generator) -> None:
    """Move valid values to invalid places."""
    random.shuffle(array.reshape(-1))


def nearly(array: NDArray[Any], random: np.random.Generator) -> None:
    """Draw values that are off by one, which a nearly correct check lets through."""
    flat = array.reshape(-1)
    some = random.random(flat.size) < 0.2
    if flat.dtype.kind == "f":
        flat[some] = random.choice([np.nan, np.inf, -np.inf, 3e38, 0.0], some.sum())
    else:
        top = max(int(flat.max()), N) if flat.size else N
        near = np.array([0, 1, N - 1, N, N + 1, top])
        # Behind the largest number comes the smallest.
        flat[some] = random.choice(np.concatenate([near, near[-1:] + 1]), some.sum())


def zeros(array: NDArray[Any], random: np.random.Generator) -> None:
    bytes_of(array)[:] = 0


def ones(array: NDArray[Any], random: np.random.Generator) -> None:
    bytes_of(array)[:] = 255


DAMAGES = (flip_bits, nearly, randomise, flip_bits, shuffle, zeros, ones)[: 3 if FEW else None]


def uses(kit: Kit, gallery: Gallery[Any]) -> Iterator[Callable[[], object]]:
    """Return all uses of a gallery, one by one, since an error ends each."""
    (segment,) = gallery._core.segments()
    probes = [kit.item(family) for family in (0, 7, 33)]
    eligible = [
        None,
        Eligible(labels={"l1"}),
        Eligible(reference_ids=LEFT[:4]),
        *([Eligible(ranges={"quality": (10, None)})] if kit.name == "face" else []),
    ]
    for policy in POLICIES[kit.name] or (None,):
        for limit in (None, 1, 5):
            for fuse in (False, True):
                yield lambda p=policy, n=limit, f=fuse: read(
                    gallery.search(probes[1], policy=p, limit=n, fuse_subjects=f)
                )
                yield lambda p=policy, n=limit, f=fuse: gallery.search_many(
                    probes, policy=p, limit=n, threads=2, count_all=f, fuse_subjects=not f
                )
        yield lambda p=policy: gallery.search_many([*probes] * 14, policy=p, limit=3)
        yield lambda p=policy: list(few(kit).join(gallery, policy=p))
        yield lambda p=policy: list(gallery.join(few(kit), policy=p))
    yield lambda: list(gallery.join(gallery, policy=next(iter(POLICIES[kit.name]), None)))
    for who in eligible:
        yield lambda who=who: read(gallery.search(probes[0], eligible=who, limit=3))
    for name in ASKED:
        yield lambda name=name: gallery[name]
    for row in range(0, N, 7):
        yield lambda row=row: gallery._core.item_at(segment, row)
        yield lambda row=row: gallery._core.subject_of(segment, row)
        yield lambda row=row: gallery._core.label_of(segment, row)
    yield lambda: list(gallery)
    yield lambda: len(gallery)
    yield segment.live_row_numbers
    yield lambda: segment.find_rows(ASKED)
    yield lambda: segment.index_without(np.arange(N, dtype=np.uint32))
    yield lambda: gallery._core.native.find_everywhere(ASKED)
    yield lambda: _native.make_id_index(
        segment.columns["ids.offsets"], segment.columns["ids.bytes"], segment.columns["live"]
    )
    if isinstance(gallery, dna.Gallery):
        yield gallery.typed_patterns
    if isinstance(gallery, dactyloscopy.Gallery):
        for policy in POLICIES[kit.name]:
            yield lambda p=policy: gallery.search_subjects(probes, policy=p, limit=5)
            yield lambda p=policy: gallery.search_subjects(probes, policy=p, any_finger=True)
    if isinstance(gallery, vehicle.Gallery):
        for query in queries():
            yield lambda query=query: read(gallery.search(query, limit=5))
        yield lambda: gallery.search_many(queries(), threads=2)
    yield lambda: gallery.enrol(["new"], [probes[2]])  # merges, if it likes
    yield lambda: gallery.purge(now=NOON.replace(day=2))
    yield lambda: list(gallery.category.layout.traces(segment, np.arange(0, N, 3, dtype=np.uint32)))
    yield lambda: gallery.erase(LEFT[::9])
    yield gallery.compact


def queries() -> list[Any]:
    """Return queries of all kinds for plates and chassis numbers; some match every row."""
    of = VEHICLE.item(7)
    holder = of.holders[0]
    return [
        vehicle.OwnerQuery(holder.name, holder.first_name, holder.birth_date),
        vehicle.ExactQuery(of.country, of.plate, at=NOON.replace(year=2001)),
        vehicle.ExactQuery(vin=of.vin),
        vehicle.FuzzyQuery(of.plate, max_cost=3, costs=vehicle.UNIT_COSTS),
        vehicle.FuzzyQuery("8A8OOO1", ["DE", "FR"], max_cost=16),
        *(vehicle.PatternQuery(pattern) for pattern in ("*", "BAB???[0-4]", "*1?", "?*?")),
        *(vehicle.PatternQuery(pattern, of="vin") for pattern in ("*", "WVW*", "*7", "*0*0?")),
    ]


def read(answer: Any) -> None:
    for candidate in answer:
        for get in (candidate.explain, lambda c=candidate: (c.label, c.subject_id, c.columns)):
            with suppress(PrumError):
                get()


def use(kit: Kit, gallery: Gallery[Any]) -> None:
    for call in uses(kit, gallery):
        with suppress(PrumError):
            call()


def cases(whole: Kit, others: Sequence[Kit]) -> list[tuple[Kit, str]]:
    """Return all columns of one kit, and the category's own columns of the others."""
    known = set(names_of_columns(TOY))
    return [
        *((whole, name) for name in names_of_columns(whole)),
        *((kit, name) for kit in others for name in names_of_columns(kit) if name not in known),
    ]


def said(case: Any) -> str:
    return case if isinstance(case, str) else case.name


# What the engine's own columns hold is judged before a category is asked.
CASES = cases(TOY, KITS[1:])
# Its matcher is Python.
NATIVE = cases(KITS[1], KITS[2:])


@pytest.mark.parametrize(("kit", "name"), CASES, ids=said)
def test_any_bytes_in_one_column(kit: Kit, name: str) -> None:
    for seed, damage in enumerate(DAMAGES):
        random = np.random.default_rng(seed)
        with tier(TIERS[seed % len(TIERS)]):
            use(kit, damaged(kit, lambda columns, d=damage, r=random: d(columns[name], r)))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
def test_a_few_bits_in_all_columns(kit: Kit, seed: int) -> None:
    random = np.random.default_rng(seed)

    def change(columns: Columns) -> None:
        for array in columns.values():
            flip_bits(array, random)

    use(kit, damaged(kit, change))


@pytest.mark.parametrize("name", [column.name for column in vehicle.VEHICLE.layout.columns])
def test_a_missing_column_of_vehicles(name: str) -> None:
    """A valid catalogue lists all columns; a damaged one must not crash the process."""
    gallery = damaged(VEHICLE, lambda columns: columns.pop(name))
    for call in uses(VEHICLE, gallery):
        with suppress(PrumError, KeyError):
            call()


@pytest.mark.parametrize(("kit", "name"), NATIVE, ids=said)
def test_a_missing_column_is_an_error_or_unused(kit: Kit, name: str) -> None:
    """A search either raises an error or does not need the column; answers stay the same."""
    for probe in (kit.item(7), *(queries() if kit is VEHICLE else ())):
        with suppress(PrumError):
            found = damaged(kit, lambda columns: columns.pop(name)).search(probe)
            assert found.reference_ids == sound(kit).search(probe).reference_ids


@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
def test_all_uses_succeed_on_valid_columns(kit: Kit) -> None:
    """Otherwise the tests above would be vacuous."""
    codes = []
    for call in uses(kit, damaged(kit, lambda columns: None)):
        try:
            call()
        except PrumError as error:
            codes.append(error.code)
    assert codes.count("unknown_reference") == 3, "nobody, and those who were erased before"
    assert set(codes) <= {"unknown_reference", "erased"}


@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
def test_an_id_beyond_its_bytes_is_damage(kit: Kit) -> None:
    def change(columns: Columns) -> None:
        columns["ids.offsets"][1:] += np.uint64(10**6)

    gallery = damaged(kit, change)
    (segment,) = gallery._core.segments()
    for call in (
        lambda: list(gallery),
        lambda: gallery.search(kit.item(0)),
        lambda: segment.find_rows(NAMES),
        lambda: _native.take_strings(
            segment.columns["ids.offsets"],
            segment.columns["ids.bytes"],
            np.arange(3, dtype=np.uint32),
        ),
    ):
        with pytest.raises(StorageError) as caught:
            call()
        assert caught.value.code == "damaged_segment"


def test_a_lookup_in_a_full_index_ends() -> None:
    for entry in (1, N + 1, 2**32 - 1):
        gallery = damaged(KITS[0], lambda columns, e=entry: columns["ids.index"].fill(e))
        assert "nobody" not in gallery
        (segment,) = gallery._core.segments()
        segment.index_without(np.arange(N, dtype=np.uint32))


@pytest.mark.parametrize(
    ("column", "value"), [((0, 1), 0), ((0, 1), 256), ((0, 0), 255), ((1, 0), 3), ((1, 0), 40000)]
)
def test_invalid_loci(column: tuple[int, int], value: int) -> None:
    """Test a missing period, one beyond a byte, an unknown locus and a repeated one."""

    def change(columns: Columns) -> None:
        columns["loci"][0, 0] = 3
        columns["loci"][column] = value

    with pytest.raises(StorageError):
        damaged(KITS[1], change).search(KITS[1].item(0))


def test_keys_beyond_the_last_row() -> None:
    """With one locus a key is a row, and may exceed a signed number."""
    gallery = dna.Gallery()
    gallery.enrol(["a", "b", "c"], [dna.Profile({"SE33": [12, 70 + i]}) for i in range(3)])
    (segment,) = gallery._core.segments()
    assert len(segment.columns["escapes.key"]) == 3
    segment.columns["escapes.key"][1:] = 2**63, 2**64 - 1
    gallery.erase(["a"])
    assert not segment.columns["escapes.value"][0].any()
    gallery.compact()
    assert sorted(gallery) == ["b", "c"]


def test_overlapping_runs_list_each_reference_once() -> None:
    kit = BY_NAME["dna"]
    families = [kit.item(i % 3) for i in range(9000)]
    gallery = dna.Gallery()
    gallery.enrol([f"R{i}" for i in range(9000)], families)
    (segment,) = gallery._core.segments()
    assert segment.columns["runs.start"].tolist() == [0, 3000, 6000, 9000]
    segment.columns["runs.start"][1:3] = 8000, 1
    segment.columns["runs.classes"][:] = 0  # no run is left out
    for family in range(3):
        found = gallery.search(kit.item(family)).reference_ids
        assert found
        assert len(set(found)) == len(found)


def test_runs_end_with_the_segment() -> None:
    gallery = damaged(BY_NAME["dna"], lambda columns: columns["runs.start"].fill(0))
    (segment,) = gallery._core.segments()
    starts = segment.columns["runs.start"]
    starts[1:] = 2**32 - 1
    segment.bury(segment.live_row_numbers())
    rows = np.arange(N, dtype=np.uint32)
    assert set(_native.dna_dead_runs(segment, rows)) <= set(range(len(starts) - 1))


def test_an_escape_code_without_a_side_entry_matches_nothing() -> None:
    genotypes = np.full((3, 1, 2), 255, np.uint8)
    loci = np.array([[0, 4]], np.uint16)
    for keys in ([], [1], [0, 2]):
        values = np.arange(1, 1 + 5 * len(keys), dtype=np.uint16).reshape(-1, 5)
        order, *_, new_keys, new_values = _native.dna_seal(
            genotypes, loci, np.array(keys, np.uint64), values
        )
        assert sorted(order[new_keys.astype(np.int64)]) == keys
        assert sorted(new_values.tolist()) == values.tolist()


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_vectors_with_nan_are_damage(name: str, value: float) -> None:
    """Test with more dimensions than an exact sum has room for."""
    vectors = np.random.default_rng(1).standard_normal((20, 4096)).astype(np.float32)
    gallery = face.Gallery(face.Model("m", "1", 4096, normalise="none"))
    gallery.enrol([f"R{i}" for i in range(20)], vectors)
    (segment,) = gallery._core.segments()
    segment.columns["vectors"][7] = value
    policy = face.Policy(threshold=-1e9)
    calls = (
        lambda: gallery.search(vectors[0], policy=policy),
        lambda: list(gallery.join(gallery, policy=policy)),
        lambda: gallery["R7"],
    )
    with tier(name):
        for call in calls:
            with pytest.raises(StorageError):
                call()


def test_fused_subjects_of_one_reference_id() -> None:
    """Damaged ids may be equal; a subject must not lead to another one's place."""
    gallery = BY_NAME["numbers"].gallery()
    n = 400
    subjects = [f"S{i % 20}" for i in range(n)]
    gallery.enrol(
        [f"R{i:03d}" for i in range(n)], [100 + i % 3 for i in range(n)], subject_ids=subjects
    )
    (segment,) = gallery._core.segments()
    segment.columns["ids.bytes"][:] = ord("R")
    for limit in (1, 2, 7):
        answer = gallery.search(100, limit=limit, fuse_subjects=True, count_all=False)
        assert set(answer.reference_ids) <= {"RRRR"}
