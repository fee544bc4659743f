"""Any sequence of verbs on a gallery equals the same sequence on a dictionary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from prum_match import Eligible
from prum_match.engine import CandidateList, Gallery
from prum_match.errors import DuplicateReference, PrumError, UnknownReference
from support.examples import examples
from support.galleries.kits import KITS, Kit

pytestmark = pytest.mark.native

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
LABELS = (None, "suspect", "stain")

# Few of each, so that rules meet.
ids = st.integers(0, 60).map(lambda i: f"R{i}")
families = st.integers(0, 5)
variants = st.integers(0, 3)
labels = st.sampled_from(LABELS)
days = st.none() | st.integers(1, 6)


@dataclass
class Reference:
    item: Any
    subject: str | None = None
    label: str | None = None
    day: int | None = None


class GalleryMachine(RuleBasedStateMachine):
    kit: ClassVar[Kit]
    lists = Bundle("lists")

    @initialize()
    def begin(self) -> None:
        self.gallery: Gallery[Any] = self.kit.gallery(
            open_labels=True, labels=[name for name in LABELS if name]
        )
        self.other: Gallery[Any] = self.kit.gallery()
        self.other_items = {f"O{i}": self.kit.item(i % 6, i % 4) for i in range(20)}
        self.other.enrol(list(self.other_items), list(self.other_items.values()))
        self.model: dict[str, Reference] = {}
        self.erased: set[str] = set()
        self.generation = 0
        self.codes: set[str] = set()

    # --- changes --------------------------------------------------------------------------------

    def enrol(self, new: dict[str, Reference], on_error: Any = "raise") -> Any:
        return self.gallery.enrol(
            list(new),
            [reference.item for reference in new.values()],
            subject_ids=[reference.subject for reference in new.values()],
            labels=[reference.label for reference in new.values()],
            expires=[START + r.day * DAY if r.day else None for r in new.values()],
            on_error=on_error,
        )

    @rule(reference_id=ids, family=families, variant=variants, label=labels, day=days)
    def enrol_one(
        self, reference_id: str, family: int, variant: int, label: str | None, day: int | None
    ) -> None:
        new = Reference(self.kit.item(family, variant), f"S{family}", label, day)
        if reference_id in self.model:
            with pytest.raises(DuplicateReference):
                self.enrol({reference_id: new})
        else:
            assert self.enrol({reference_id: new}).enrolled == 1
            self.model[reference_id] = new

    @rule(first=st.integers(0, 50), n=st.integers(0, 12), family=families, label=labels, day=days)
    def enrol_many(
        self, first: int, n: int, family: int, label: str | None, day: int | None
    ) -> None:
        new = {
            f"R{first + i}": Reference(self.kit.item((family + i) % 6, i % 4), None, label, day)
            for i in range(n)
        }
        if new.keys() & self.model.keys():
            with pytest.raises(DuplicateReference):
                self.enrol(new)
        else:
            assert self.enrol(new).enrolled == n
            self.model |= new

    @rule(
        first=st.integers(0, 50),
        n=st.integers(1, 12),
        family=families,
        bad=st.sets(st.integers(0, 11)),
    )
    def enrol_with_report(self, first: int, n: int, family: int, bad: set[int]) -> None:
        new = {
            f"R{first + i}": Reference(
                self.kit.bad_item if i in bad else self.kit.item(family, i % 4)
            )
            for i in range(n)
        }
        report = self.enrol(new, on_error="report")
        refused = {
            i: self.kit.bad_code if i in bad else "duplicate_reference"
            for i, reference_id in enumerate(new)
            if i in bad or reference_id in self.model
        }
        assert {error.index: error.code for error in report.refused} == refused
        assert report.enrolled == n - len(refused)
        self.model |= {name: r for i, (name, r) in enumerate(new.items()) if i not in refused}

    @rule(chosen=st.lists(ids, max_size=4, unique=True), family=families, variant=variants)
    def replace(self, chosen: list[str], family: int, variant: int) -> None:
        known = [name for name in chosen if name in self.model]
        item = self.kit.item(family, variant)
        if known != chosen:
            with pytest.raises(UnknownReference):
                self.gallery.replace(chosen, [item] * len(chosen))
        self.gallery.replace(known, [item] * len(known))
        for name in known:
            self.model[name].item = item

    @rule(chosen=st.lists(ids, max_size=6))
    def erase(self, chosen: list[str]) -> None:
        known = [name for name in chosen if name in self.model]
        if known != chosen:
            with pytest.raises(UnknownReference):
                self.gallery.erase(chosen)
        self.gallery.erase(known)
        for name in set(known):
            del self.model[name]
            self.erased.add(name)

    @rule(family=families)
    def erase_family(self, family: int) -> None:
        items = [self.kit.item(family, variant) for variant in range(4)]
        known = [name for name, reference in self.model.items() if reference.item in items]
        self.gallery.erase(known)
        for name in known:
            del self.model[name]

    @rule(day=st.integers(0, 6))
    def purge(self, day: int) -> None:
        expired = {name for name, r in self.model.items() if r.day is not None and r.day <= day}
        assert set(self.gallery.purge(now=START + day * DAY).reference_ids) == expired
        for name in expired:
            del self.model[name]

    @rule()
    def compact(self) -> None:
        self.gallery.compact()
        assert len(self.gallery._core.segments()) == bool(self.model)

    # --- answers --------------------------------------------------------------------------------

    def items(self) -> dict[str, Any]:
        return {name: reference.item for name, reference in self.model.items()}

    def subjects(self) -> dict[str, str | None]:
        return {name: reference.subject for name, reference in self.model.items()}

    def wanted(self, probe: Any) -> list[str]:
        return self.kit.expected(probe, self.items(), self.subjects())

    @rule(target=lists, family=families, variant=variants, limit=st.none() | st.integers(1, 5))
    def search(self, family: int, variant: int, limit: int | None) -> Any:
        probe = self.kit.item(family, variant)
        answer = self.gallery.search(probe, limit=limit)
        wanted = self.wanted(probe)
        assert answer.reference_ids == wanted[:limit]
        assert self.kit.counted(answer.n_found, len(answer), len(wanted))
        assert answer.examined == len(self.model)
        assert answer.truncated == (len(answer) < len(wanted))
        for candidate in answer:
            reference = self.model[candidate.reference_id]
            assert (candidate.subject_id, candidate.label) == (reference.subject, reference.label)
            assert self.gallery[candidate.reference_id] == reference.item
        return answer if len(answer) else multiple()

    @rule(
        family=families,
        chosen_labels=st.none() | st.sets(st.sampled_from(("suspect", "stain"))),
        chosen_ids=st.none() | st.sets(ids, max_size=12),
    )
    def search_the_eligible(
        self, family: int, chosen_labels: set[str] | None, chosen_ids: set[str] | None
    ) -> None:
        if chosen_ids is not None:
            chosen_ids &= self.model.keys()
        items = {
            name: reference.item
            for name, reference in self.model.items()
            if (chosen_labels is None or reference.label in chosen_labels)
            and (chosen_ids is None or name in chosen_ids)
        }
        probe = self.kit.item(family)
        answer = self.gallery.search(probe, eligible=Eligible(chosen_labels, chosen_ids))
        assert answer.reference_ids == self.kit.expected(probe, items, self.subjects())
        assert answer.examined == len(items)

    @rule(
        chosen=st.lists(st.tuples(families, variants), max_size=6), threads=st.sampled_from((1, 3))
    )
    def search_many(self, chosen: list[tuple[int, int]], threads: int) -> None:
        probes = [self.kit.item(*pair) for pair in chosen]
        answers = self.gallery.search_many(probes, threads=threads)
        wanted = [self.wanted(probe) for probe in probes]
        assert [answer.reference_ids for answer in answers] == wanted

    @rule(swapped=st.booleans())
    def join(self, swapped: bool) -> None:
        sides = (self.gallery, self.items()), (self.other, self.other_items)
        (mine, probes), (others, references) = sides[::-1] if swapped else sides
        found: dict[str, list[str]] = {name: [] for name in probes}
        compared = 0
        for block in mine.join(others):
            compared += block.examined
            for probe_id, reference_id in zip(block.probe_ids, block.reference_ids, strict=True):
                found[probe_id].append(reference_id)
        assert found == {name: self.kit.expected(item, references) for name, item in probes.items()}
        assert compared == len(probes) * len(references)

    @rule()
    def join_with_itself(self) -> None:
        items = self.items()
        wanted = {
            frozenset((name, found))
            for name, item in items.items()
            for found in self.kit.expected(item, items)
            if found != name
        }
        pairs = [
            frozenset(pair)
            for block in self.gallery.join(self.gallery)
            for pair in zip(block.probe_ids, block.reference_ids, strict=True)
        ]
        assert len(pairs) == len(wanted)
        assert set(pairs) == wanted

    @rule(answer=consumes(lists))
    def explain_an_old_list(self, answer: CandidateList[Any]) -> None:
        """An old list explains its candidates, or reports that they were erased."""
        for candidate in answer:
            try:
                explanation = candidate.explain()
            except UnknownReference as error:
                self.codes.add(error.code)
                continue
            reference = self.model[candidate.reference_id]
            category = self.gallery.category
            assert explanation == category.matching.explain(
                answer.probe, reference.item, answer.policy
            )

    # --- always ---------------------------------------------------------------------------------

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        assert len(self.gallery) == len(self.model)
        for i in range(0, 63, 3):
            assert (f"R{i}" in self.gallery) == (f"R{i}" in self.model)
        assert self.gallery.generation >= self.generation
        assert self.codes <= {"erased"}
        self.generation = self.gallery.generation
        segments = self.gallery._core.segments()
        assert sum(segment.live_rows for segment in segments) == len(self.model)
        # Merging keeps their number logarithmic: each is more than twice as large as the next.
        assert len(segments) <= 8

    def teardown(self) -> None:
        if not hasattr(self, "gallery"):
            return
        for family in range(6):
            probe = self.kit.item(family)
            answer = self.gallery.search(probe)
            assert answer.reference_ids == self.wanted(probe)
        for name in self.erased - self.model.keys():
            with pytest.raises(PrumError):
                self.gallery.erase([name])


for kit in KITS:
    name = "".join(kit.name.replace("_", " ").title().split())
    machine = type(f"{name}Machine", (GalleryMachine,), {"kit": kit})
    machine.TestCase.settings = settings(
        max_examples=examples(60), stateful_step_count=40, deadline=None
    )
    globals()[f"Test{name}"] = machine.TestCase
