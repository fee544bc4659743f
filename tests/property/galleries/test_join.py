"""A join equals single searches; a self-join finds every pair once."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracles.dna import policies as dna_policies
from prum_match import dna
from prum_match.engine import Gallery, JoinBlock
from prum_match.engine.galleries import join
from prum_match.errors import GenerationChanged, InvalidInput
from prum_match.testing import strategies
from prum_match.testing.strategies.dna import FilledGallery
from support.dna import TIERS, described, normal_of, tier
from support.examples import FEW, examples
from support.galleries.kits import KITS, Kit

pytestmark = pytest.mark.native

# Rows of one block (prum_match/engine/galleries/join.py), and of one where probes take their time.
BLOCK_ROWS, SMALL_BLOCK = 8192, 256

joins = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def pairs_of(blocks: list[JoinBlock]) -> list[tuple[str, str]]:
    return [
        pair for block in blocks for pair in zip(block.probe_ids, block.reference_ids, strict=True)
    ]


def counted(block: JoinBlock, position: int) -> dict[str, int]:
    return {name: int(column[position]) for name, column in block.columns.items()}


@settings(joins, max_examples=examples(60))
@given(
    strategies.galleries(max_size=60),
    strategies.galleries(max_size=60),
    strategies.policies(max_candidates=4),
    st.sampled_from(TIERS),
    st.sampled_from((1, 3)),
)
def test_a_join_equals_single_searches(
    mine: tuple[FilledGallery, list[dna.Profile]],
    others: tuple[FilledGallery, list[dna.Profile]],
    policy: dna.Policy,
    name: str,
    threads: int,
) -> None:
    probes, references = mine[0], others[0]
    # The two hold different people, so some of each are put in the other.
    shared = dict(list(probes.profiles.items())[:20])
    references.gallery.enrol([f"copy {i}" for i in shared], list(shared.values()))
    with tier(name):
        blocks = list(probes.gallery.join(references.gallery, policy=policy, threads=threads))
        found: dict[str, list[tuple[str, dict[str, int]]]] = {i: [] for i in probes.profiles}
        for block in blocks:
            for i, (probe, reference) in enumerate(
                zip(block.probe_ids, block.reference_ids, strict=True)
            ):
                found[probe].append((reference, counted(block, i)))
        wanted, n_found = {}, 0
        for probe, profile in probes.profiles.items():
            answer = references.gallery.search(profile, policy=policy)
            n_found += answer.n_found
            columns = answer.columns
            wanted[probe] = [
                (reference, {name: int(column[i]) for name, column in columns.items()})
                for i, reference in enumerate(answer.reference_ids)
            ]
    assert found == wanted
    assert sum(b.examined for b in blocks) == len(probes.profiles) * len(references.gallery)
    assert sum(b.n_found for b in blocks) == n_found
    assert any(b.truncated for b in blocks) == (n_found > sum(len(b) for b in blocks))
    assert [(b.number, b.n_blocks) for b in blocks] == [
        (i, len(blocks)) for i in range(len(blocks))
    ]


@settings(joins, max_examples=examples(60))
@given(
    strategies.galleries(max_size=50),
    strategies.policies(),
    st.sampled_from(TIERS),
    st.sampled_from((1, 3)),
)
def test_a_self_join_finds_each_pair_once(
    drawn: tuple[FilledGallery, list[dna.Profile]], policy: dna.Policy, name: str, threads: int
) -> None:
    filled, _ = drawn
    with tier(name):
        blocks = list(filled.gallery.join(filled.gallery, policy=policy, threads=threads))
    pairs = pairs_of(blocks)
    normals = {i: normal_of(profile) for i, profile in filled.profiles.items()}
    wanted = {
        frozenset((a, b)): dna_policies.judge(normals[a], normals[b], described(policy))
        for a, b in combinations(normals, 2)
    }
    wanted = {pair: verdict for pair, verdict in wanted.items() if verdict.grade is not None}
    assert len(pairs) == len(wanted)
    assert {frozenset(pair) for pair in pairs} == wanted.keys()
    n = len(filled.profiles)
    assert sum(block.examined for block in blocks) == n * (n - 1) // 2
    for block in blocks:
        assert block.n_found == len(block)
        for i, pair in enumerate(zip(block.probe_ids, block.reference_ids, strict=True)):
            verdict = wanted[frozenset(pair)]
            counts = counted(block, i)
            assert counts["grade"] == verdict.grade
            assert (counts["compared"], counts["exact"]) == (verdict.compared, verdict.exact)


# --- blocks -------------------------------------------------------------------------------------


def many(kit: Kit, n: int) -> Gallery[Any]:
    gallery = kit.gallery()
    items = kit.items(range(50))
    gallery.enrol([f"R{i:05d}" for i in range(n)], [items[i % 50] for i in range(n)])
    return gallery


@pytest.fixture(params=KITS, ids=lambda kit: kit.name)
def kit(request: pytest.FixtureRequest) -> Kit:
    found: Kit = request.param
    return found


@pytest.fixture
def block(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return the number of rows of a block."""
    if not FEW and kit.category not in ("dactyloscopy", "vehicle", "police_record"):
        return BLOCK_ROWS
    monkeypatch.setattr(join, "_BLOCK_ROWS", SMALL_BLOCK)
    return SMALL_BLOCK


def test_blocks_are_numbered_and_a_join_can_be_resumed(kit: Kit, block: int) -> None:
    gallery = many(kit, 2 * block + 100)
    other = kit.gallery()
    other.enrol(["x", "y"], kit.items([7, 3]))
    blocks = list(gallery.join(other))
    assert [block.number for block in blocks] == [0, 1, 2]
    assert {block.n_blocks for block in blocks} == {3}
    assert [block.examined for block in blocks] == [2 * block, 2 * block, 200]
    assert len(pairs_of(blocks)) == sum(i % 50 in (3, 7) for i in range(2 * block + 100))
    for start in range(4):
        resumed = list(gallery.join(other, start=start))
        assert [block.number for block in resumed] == list(range(start, 3))
        assert pairs_of(resumed) == pairs_of(blocks[start:])
        assert [block.examined for block in resumed] == [b.examined for b in blocks[start:]]


def test_a_self_join_over_blocks_and_segments(kit: Kit, block: int) -> None:
    gallery = many(kit, block + 10)
    gallery.enrol(["late 1", "late 2"], kit.items([3, 60]))
    assert len(gallery._core.segments()) == 2
    last = block + 8
    gallery.erase(["R00003", f"R{last:05d}"])
    blocks = list(gallery.join(gallery))
    assert len(blocks) == 3
    n = len(gallery)
    assert sum(block.examined for block in blocks) == n * (n - 1) // 2
    names = [f"R{i:05d}" for i in range(block + 10) if i not in (3, last)]
    families = {name: int(name[1:]) % 50 for name in names} | {"late 1": 3, "late 2": 60}
    sizes = np.bincount(list(families.values()))
    pairs = pairs_of(blocks)
    assert len(pairs) == (sizes * (sizes - 1) // 2).sum()
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)
    assert all(families[a] == families[b] and a != b for a, b in pairs)


@pytest.mark.parametrize("start", [-1, 3, 1000])
def test_an_unknown_block_is_refused(kit: Kit, start: int) -> None:
    gallery = many(kit, 100)
    gallery.enrol(["late"], [kit.item(60)])
    with pytest.raises(InvalidInput) as caught:
        gallery.join(gallery, start=start)
    assert (caught.value.code, caught.value.field) == ("bad_start", "start")


CHANGES: dict[str, Callable[[Kit, Gallery[Any]], Any]] = {
    "enrol": lambda kit, gallery: gallery.enrol(["new"], [kit.item(60)]),
    "erase": lambda kit, gallery: gallery.erase(["R00001"]),
    "replace": lambda kit, gallery: gallery.replace(["R00001"], [kit.item(60)]),
    "compact": lambda kit, gallery: gallery.compact(),
}


@pytest.mark.parametrize("changed", [0, 1])
@pytest.mark.parametrize("change", CHANGES)
def test_a_join_refuses_a_changed_gallery(kit: Kit, block: int, change: str, changed: int) -> None:
    galleries = many(kit, block + 10), many(kit, 20)
    blocks = galleries[0].join(galleries[1])
    assert next(blocks).number == 0
    CHANGES[change](kit, galleries[changed])
    with pytest.raises(GenerationChanged) as caught:
        next(blocks)
    assert caught.value.code == "generation_changed"
    # Begun again it goes through.
    assert len(list(galleries[0].join(galleries[1]))) >= 2


def test_a_join_begins_when_it_is_called(kit: Kit) -> None:
    """A change between the call and the first block is a change during the join."""
    gallery = many(kit, 20)
    blocks = gallery.join(gallery)
    gallery.erase(["R00001"])
    with pytest.raises(GenerationChanged):
        next(blocks)


def test_a_join_of_unchanged_galleries_completes(kit: Kit) -> None:
    gallery = many(kit, 20)
    blocks = gallery.join(gallery)
    gallery.search(kit.item(0))
    list(gallery.join(gallery))
    assert len(list(blocks)) == 1


def test_a_cap_on_candidates_is_reported(kit: Kit) -> None:
    gallery, probes = many(kit, 120), kit.gallery()
    probes.enrol(["a", "b"], kit.items([0, 1]))
    for cap, cut in ((1, True), (2, True), (3, False)):
        (block,) = probes.join(gallery, policy=kit.capped(cap))
        assert len(block) == 2 * min(cap, 3)
        more = 0 if not cut else 6 - len(block) if kit.counts_past_a_limit else 2
        assert block.n_found == len(block) + more
        assert block.truncated is cut
