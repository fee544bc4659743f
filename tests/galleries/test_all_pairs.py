"""All pairs of a search equal its lists without a limit, with the subjects of references."""

from __future__ import annotations

import numpy as np
import pytest

from prum_match import Eligible
from prum_match.engine.galleries.pairs import all_pairs
from prum_match.errors import UnknownReference
from support.galleries.kits import Kit

pytestmark = pytest.mark.native


def test_pairs_equal_the_candidates_of_searches(kit: Kit) -> None:
    gallery = kit.gallery(labels=["even", "odd"])
    for part in range(3):
        ids = [f"R{i}" for i in range(part, 30, 3)]
        items = [kit.item(i % 10, i // 10) for i in range(part, 30, 3)]
        whose = [None if i % 4 == 0 else f"S{i % 5}" for i in range(part, 30, 3)]
        gallery.enrol(
            ids,
            items,
            subject_ids=whose,
            labels=[("even", "odd")[i % 2] for i in range(part, 30, 3)],
        )
    gallery.erase(["R1", "R12"])
    probes = kit.items(range(4))
    for labels in (None, ["odd"]):
        eligible = Eligible(labels=labels)
        lists = gallery.search_many(
            probes, policy=kit.policy, eligible=eligible, fuse_subjects=False
        )
        matcher = gallery.category.matching.prepare(
            gallery.category.matching.check_probes(probes), kit.policy
        )
        found = all_pairs(gallery._core, matcher, eligible, threads=2)
        ids = np.array(found.reference_ids(np.arange(len(found.row), dtype=np.uint32)))
        assert len(set(ids)) == len(ids)
        listed = [(p, name) for p, one in enumerate(lists) for name in one.reference_ids]
        assert listed
        pairs = list(zip(found.probe.tolist(), ids[found.reference].tolist(), strict=True))
        assert sorted(pairs) == sorted(listed)
        assert (found.examined, found.generation) == (lists[0].examined, gallery.generation)
        owners = found.owner_ids(np.arange(len(found.is_reference), dtype=np.uint32))
        for name, owner, segment, row in zip(
            ids, found.owner.tolist(), found.segment.tolist(), found.row.tolist(), strict=True
        ):
            subject = gallery._core.subject_of(found.segments[segment], row)
            assert (owners[owner], found.is_reference[owner]) == (subject or name, subject is None)
    assert found.all_live
    gallery.erase([str(ids[0])])
    assert not found.all_live


def test_an_unknown_reference_is_named(kit: Kit) -> None:
    gallery = kit.gallery()
    gallery.enrol(["R"], kit.items([0]))
    matcher = gallery.category.matching.prepare(
        gallery.category.matching.check_probes(kit.items([0])), kit.policy
    )
    with pytest.raises(UnknownReference) as caught:
        all_pairs(gallery._core, matcher, Eligible(reference_ids=["R", "X"]))
    assert (caught.value.index, caught.value.value) == (1, "X")
