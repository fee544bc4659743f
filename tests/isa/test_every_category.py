"""A smoke of every category, in memory and on disk, on every instruction set of the machine."""

from __future__ import annotations

import pytest

from support.dna import TIERS, tier
from support.galleries.kits import Kit

pytestmark = pytest.mark.native

N = 70  # more than one word of live bits


@pytest.mark.parametrize("name", TIERS)
def test_the_life_of_a_gallery(kit_anywhere: Kit, name: str) -> None:
    kit = kit_anywhere
    # Four variants of a family, of which three are candidates for each other.
    references = {f"R{i:02}": kit.item(i // 4, i % 4) for i in range(N)}
    subjects: dict[str, str | None] = {reference_id: None for reference_id in references}
    probes = kit.items([0, 3, N // 4])

    def check() -> None:
        wanted = [kit.expected(probe, references, subjects) for probe in probes]
        assert [gallery.search(probe).reference_ids for probe in probes] == wanted
        together = gallery.search_many(probes, threads=2)
        assert [answer.reference_ids for answer in together] == wanted
        assert all(gallery[reference_id] == item for reference_id, item in references.items())

    with tier(name):
        gallery = kit.gallery()
        gallery.enrol(list(references), list(references.values()))
        check()
        assert wanted_pairs(kit, references) == {
            frozenset(pair)
            for block in gallery.join(gallery)
            for pair in zip(block.probe_ids, block.reference_ids, strict=True)
        }
        references["R01"] = kit.item(3)
        gallery.replace(["R01"], [references["R01"]])
        gallery.erase(["R12", "R69"])
        del references["R12"], references["R69"]
        check()
        gallery.compact()
        check()
        if kit.on_disk:
            assert gallery.verify().passed


def wanted_pairs(kit: Kit, references: dict[str, object]) -> set[frozenset[str]]:
    """Return all pairs of candidates by brute force; a self-join has each pair once."""
    names = list(references)
    return {
        frozenset((a, b))
        for i, a in enumerate(names)
        for b in names[i + 1 : i + 4]
        if kit.judge(references[a], references[b]) is not None
    }
