"""Galleries large enough to split runs and tiles, with thousands of candidates."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from oracles.dna import columns as dna_columns
from oracles.dna import policies as dna_policies
from prum_match import dna
from prum_match.testing import strategies
from support.dna import EXCHANGE_COUNTS, ORIGINAL_COUNTS, TIERS, described, normal_of, tier
from support.examples import examples

pytestmark = pytest.mark.native

# csrc/dna/seal.cpp: a longer run is split by its next column; csrc/dna/matcher.cpp: rows that one
# task takes when several probes are searched together.
LONGEST_RUN = 2048
TILE_ROWS = 1 << 16

PERIODS = {
    **dict.fromkeys(("VWA", "TH01", "FGA", "SE33", "TPOX", "D18S51"), 4),
    "D22S1045": 3,
    "PentaE": 5,
}
TABLE_ROWS = TILE_ROWS + 4321
PROFILES = 300


def drawn_alleles(n: int, seed: int) -> NDArray[np.int16]:
    """Few alleles a locus, one of them frequent; some rare, wild, single or missing ones."""
    random = np.random.default_rng(seed)
    alleles = np.zeros((n, len(PERIODS), 2), np.int16)
    for column, period in enumerate(PERIODS.values()):
        common = [120, 130, 121, 120 + period - 1]
        alleles[:, column] = random.choice(common, (n, 2), p=[0.7, 0.2, 0.06, 0.04])
        rare = [2, 11, 20, 522 if period == 5 else 650, 860, 980, 10, 990]
        for share, values in ((0.02, [-1]), (0.01, [0]), (0.01, rare)):
            cells = random.random((n, 2)) < share
            alleles[:, column][cells] = random.choice(values, np.count_nonzero(cells))
        alleles[random.random(n) < 0.05, column] = 0
    return alleles


def rows_of_table(alleles: NDArray[np.int16]) -> dna_columns.Rows:
    """Apply N3, N6 to N8 to alleles in tenths, single values being homozygotes."""
    periods = np.array(list(PERIODS.values()))[None, :, None]
    lengths = alleles.astype(np.int32) // 10 * periods + alleles % 10
    lengths[np.isin(alleles, (-1, 10, 990))] = dna_columns.WILD
    lengths[alleles == 0] = dna_columns.ABSENT
    first, second = lengths[:, :, 0], lengths[:, :, 1]
    first, second = np.where(first == 0, second, first), np.where(second == 0, first, second)
    wild = dna_columns.WILD
    swap = (first == wild) | ((second != wild) & (second < first))
    first, second = np.where(swap, second, first), np.where(swap, first, second)
    pairs = np.stack([first, second], axis=2)
    pairs[first == wild] = dna_columns.ABSENT  # two wildcards
    known = np.where(pairs == wild, 0, pairs)
    known[:, :, 1][known[:, :, 1] == known[:, :, 0]] = 0
    sets = np.concatenate([known, np.zeros_like(known[:, :, :1])], axis=2)
    return dna_columns.Rows(pairs.astype(np.int32), sets.astype(np.int32))


def rows_of_profiles(profiles: list[dna.Profile]) -> dna_columns.Rows:
    pairs = np.zeros((len(profiles), len(PERIODS), 2), np.int32)
    sets = np.zeros((len(profiles), len(PERIODS), 3), np.int32)
    for row, profile in enumerate(profiles):
        normal = normal_of(profile)
        for column, name in enumerate(PERIODS):
            if name in normal.pairs:
                pair = normal.pairs[name]
                pairs[row, column] = [dna_columns.WILD if a == "*" else a for a in pair]
            known = sorted(normal.originals.get(name, ()))
            sets[row, column, : len(known)] = known
    return dna_columns.Rows(pairs, sets)


@dataclass
class Large:
    gallery: dna.Gallery
    rows: dna_columns.Rows
    ids: NDArray[np.bytes_]


def few_profiles() -> list[dna.Profile]:
    """Draw profiles with triple values and tokens, which a table cannot hold."""
    drawn: list[dna.Profile] = []

    @settings(max_examples=PROFILES, derandomize=True, database=None, deadline=None)
    @given(strategies.profiles(loci=tuple(PERIODS)))
    def collect(profile: dna.Profile) -> None:
        drawn.append(profile)

    collect()
    return drawn


@pytest.fixture(scope="module")
def large() -> Large:
    alleles = drawn_alleles(TABLE_ROWS, seed=1)
    profiles = few_profiles()
    table = dna.ProfileTable(list(PERIODS), alleles)
    random = np.random.default_rng(2)
    numbers = random.permutation(len(table) + len(profiles))
    ids = np.array([f"R{i}" for i in numbers], "S8")
    names = [name.decode() for name in ids]
    gallery = dna.Gallery()
    gallery.enrol(names[: len(table)], table)
    gallery.enrol(names[len(table) :], profiles)
    parts = [rows_of_table(alleles), rows_of_profiles(profiles)]
    pairs, sets = (np.concatenate([getattr(p, n) for p in parts]) for n in ("pairs", "sets"))
    keep = random.random(len(ids)) > 0.1
    gallery.erase([names[i] for i in np.flatnonzero(~keep)])
    return Large(gallery, dna_columns.Rows(pairs[keep], sets[keep]), ids[keep])


POLICIES: tuple[dna.Policy, ...] = (
    dna.PRUM_2008,
    dna.RESPONDER_2008,
    dna.PRUM_2008_LENIENT,
    dna.ReadingPolicy(
        name="generous",
        version="0",
        source="test",
        readings=(
            dna.Reading("far", min_loci=5, counts_micro=True, budget=4),
            dna.Reading("wild", min_loci=3, counts_wildcard=True, wildcard_cost=1, budget=2),
        ),
    ),
    dna.CODIS_MODERATE,
    dna.CodisPolicy(
        name="low", version="0", source="t", stringency="low", min_loci=6, max_mismatched_loci=2
    ),
)


def test_the_gallery_has_the_intended_size_and_shape(large: Large) -> None:
    columns = [segment.columns for segment in large.gallery._core.segments()]
    assert [segment.rows for segment in large.gallery._core.segments()] == [TABLE_ROWS, PROFILES]
    lengths, depth = np.diff(columns[0]["runs.start"]), columns[0]["runs.depth"]
    assert len(lengths) > 100
    assert set(depth.tolist()) >= {2, 3, 4}
    assert lengths[depth == depth.max()].max() > LONGEST_RUN  # no column left to split it by
    assert lengths[depth < depth.max()].max() <= LONGEST_RUN
    assert len(columns[0]["escapes.key"]) > 1000
    assert len(large.gallery) == len(large.ids) < TABLE_ROWS


def test_the_array_oracle_equals_the_plain_oracle() -> None:
    """On profiles of all kinds, every pair, every count."""
    profiles = few_profiles()[:60]
    rows = rows_of_profiles(profiles)
    ids = np.array([f"R{7919 * i % 1000:03d}" for i in range(len(profiles))], "S8")
    names = [name.decode() for name in ids]
    normals = dict(zip(names, map(normal_of, profiles), strict=True))
    for policy in map(described, POLICIES):
        for probe, name in enumerate(names):
            found = dna_columns.search(rows, ids, probe, policy)
            plain = dna_policies.search(normals[name], normals, policy)
            assert [names[row] for row in found.row] == [name for name, _ in plain]
            for column in ("grade", "compared", "exact", "second", "third", "mismatch_alleles"):
                assert getattr(found, column).tolist() == [getattr(v, column) for _, v in plain]
            assert found.mismatch_loci.tolist() == [v.mismatch_loci for _, v in plain]


def test_a_table_and_its_profiles_give_the_same_rows() -> None:
    alleles = drawn_alleles(300, seed=3)
    of_table = rows_of_table(alleles)
    of_profiles = rows_of_profiles(list(dna.ProfileTable(list(PERIODS), alleles)))
    assert np.array_equal(of_table.pairs, of_profiles.pairs)
    assert np.array_equal(of_table.sets, of_profiles.sets)


def assert_found(large: Large, probes: NDArray[np.int64], policy: dna.Policy) -> int:
    """Search by rows of the gallery on all tiers, alone and together; return the candidates."""
    expected = [
        dna_columns.search(large.rows, large.ids, int(p), described(policy)) for p in probes
    ]
    items = [large.gallery[large.ids[p].decode()] for p in probes]
    original = isinstance(policy, dna.CodisPolicy)
    second, third = ORIGINAL_COUNTS if original else EXCHANGE_COUNTS
    for name, threads in product(TIERS, (1, 3)):
        with tier(name):
            answers = list(large.gallery.search_many(items, policy=policy, threads=threads))
            answers += [large.gallery.search(items[0], policy=policy, threads=threads)]
            cut = large.gallery.search_many(items, policy=policy, limit=50, threads=threads)
        for answer, found in zip(answers, [*expected, expected[0]], strict=True):
            assert answer.reference_ids == [name.decode() for name in large.ids[found.row]]
            assert answer.examined == len(large.ids)
            columns = answer.columns
            assert columns["grade"].tolist() == found.grade.tolist()
            assert columns["compared"].tolist() == found.compared.tolist()
            assert columns["exact"].tolist() == found.exact.tolist()
            assert columns[second].tolist() == found.second.tolist()
            assert columns[third].tolist() == found.third.tolist()
            assert columns["mismatch_loci"].tolist() == found.mismatch_loci.tolist()
            assert columns["mismatch_alleles"].tolist() == found.mismatch_alleles.tolist()
        for shorter, answer in zip(cut, answers, strict=False):
            assert shorter.reference_ids == answer.reference_ids[:50]
            assert shorter.n_found == len(answer)
            assert shorter.truncated == (len(answer) > 50)
    return sum(len(found.row) for found in expected)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_all_candidates_are_listed_in_order(large: Large, policy: dna.Policy) -> None:
    probes = np.random.default_rng(4).integers(0, len(large.ids), 5)
    assert assert_found(large, probes, policy) > 300


@pytest.mark.slow
@settings(
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(strategies.policies(), st.integers(0, 2**32))
def test_drawn_policies_equal_the_oracle(large: Large, policy: dna.Policy, seed: int) -> None:
    probes = np.random.default_rng(seed).integers(0, len(large.ids), 4)
    assert_found(large, probes, policy)


@pytest.mark.slow
def test_one_probe_over_several_tiles() -> None:
    """A task has 2^20 rows for one probe and 2^16 for many; both sizes split runs."""
    names = list(PERIODS)[:6]
    random = np.random.default_rng(7)
    alleles = random.choice([120, 121, 130], ((1 << 20) + 777, 6, 2)).astype(np.int16)
    table = dna.ProfileTable(names, alleles)
    gallery = dna.Gallery()
    gallery.enrol([f"{i:07d}" for i in range(len(table))], table)
    probes = [table[int(i)] for i in random.integers(0, len(table), 4)]
    together = gallery.search_many(probes, threads=1)
    for threads, (probe, answer) in product((1, 2), zip(probes, together, strict=True)):
        single = gallery.search(probe, threads=threads)
        assert len(single) > 20
        assert single.reference_ids == answer.reference_ids
        assert single.grades.tolist() == answer.grades.tolist()
        # By value, without any of the library: who holds the very same genotypes?
        row = int(single.reference_ids[0])
        same = (np.sort(alleles, axis=2) == np.sort(alleles[row])).all(axis=(1, 2))
        exact = [i for i, q in zip(single.reference_ids, single.grades, strict=True) if q == 1]
        assert exact == [f"{i:07d}" for i in np.flatnonzero(same)]


def test_a_compacted_gallery_answers_the_same() -> None:
    alleles = drawn_alleles(3 * LONGEST_RUN, seed=5)
    table = dna.ProfileTable(list(PERIODS), alleles)
    ids = np.array([f"{i:06d}" for i in range(len(table))], "S8")
    names = [name.decode() for name in ids]
    gallery = dna.Gallery()
    for part in (slice(0, 4000), slice(4000, 5500), slice(5500, None)):
        gallery.enrol(names[part], table[part])
    gallery.erase(names[1::2])
    gallery.compact()
    large = Large(gallery, rows_of_table(alleles[::2]), ids[::2])
    assert len(gallery._core.segments()) == 1
    assert assert_found(large, np.arange(8), dna.PRUM_2008_LENIENT) > 30
