"""Any sequence of verbs on a folder equals the same on a dictionary, with crashes in between.

The journal is small and segments are merged early, so that few items fill, seal and merge.
The toy and one drawn category; every category with PRUM_KIT=all, as in `make proof`.
"""

from __future__ import annotations

import random
import shutil
import string
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from prum_match import Eligible
from prum_match.engine import Candidate, CandidateList, Gallery
from prum_match.engine.store import disk, journal, writer
from prum_match.errors import DuplicateReference, StorageError, UnknownReference
from support.examples import examples
from support.galleries.drawn_kit import HEAVY_KITS
from support.galleries.kits import Kit, opened
from support.galleries.traces import files_of, rows_of, traces

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
LABELS = ("suspect", "stain")
# Disks write these whole or not at all.
SECTOR = 512
LETTERS = string.ascii_letters + string.digits
# What no two items have in common, of all that a row holds.
PAYLOAD = {"value", "genotypes", "vector", "low code", "begin", "owner"}

families = st.integers(0, 5)
variants = st.integers(0, 3)
labels = st.sampled_from((None, *LABELS))
# A label that is new with this reference.
any_label = labels | st.just("new")
days = st.none() | st.integers(1, 6)
# Positions among those who are enrolled.
picks = st.lists(st.integers(0, 999), min_size=1, max_size=4)
# Up to a handful the journal takes; more are a segment.
sizes = st.integers(1, 4) | st.integers(20, 40)
somebody = precondition(lambda self: self.model)


class Crash(BaseException):
    """The process ends at this point."""


# Family and variant.
Kind = tuple[int, int]


@dataclass(frozen=True)
class Reference:
    kind: Kind
    subject: str | None = None
    label: str | None = None
    day: int | None = None
    # Another one after each erasure and replacement.
    life: int = 0


Model = dict[str, Reference]


class DiskMachine(RuleBasedStateMachine):
    kit: ClassVar[Kit]

    @initialize(n=sizes, more=st.integers(0, 4))
    def begin(self, n: int, more: int) -> None:
        self.patched = pytest.MonkeyPatch()
        self.patched.setattr(writer, "_JOURNAL_BYTES", 2000)
        self.patched.setattr(journal, "CAPACITY", 1 << 12)
        self.patched.setattr(writer, "FAN_IN", 3)
        self.root = tempfile.TemporaryDirectory()
        self.folders = self.people = 0
        self.model: Model = {}
        self.erased: list[str] = []
        # By kind of item, what the rows of erased people held of theirs.
        self.payloads: dict[Kind, set[bytes]] = {}
        self.codes: set[str] = set()
        self.lists: list[tuple[CandidateList[Any], Model]] = []
        self.path = self.fresh_path()
        self.kit.gallery(open_labels=True, labels=LABELS).save(self.path)
        self.open_all()
        self.enrol_new(n, 0, None, 3)
        self.enrol_new(more, 3, "stain", None)
        self.refresh()

    def fresh_path(self) -> Path:
        self.folders += 1
        return Path(self.root.name, str(self.folders))

    def open_all(self) -> None:
        self.gallery: Gallery[Any] = opened(self.kit, self.path)
        self.reader: Gallery[Any] = opened(self.kit, self.path, "r")
        self.seen = dict(self.model)
        self.lists.clear()

    def close_all(self) -> None:
        self.gallery.close()
        self.reader.close()

    def item(self, kind: Kind) -> Any:
        return self.kit.item(*kind)

    # --- changes --------------------------------------------------------------------------------

    def picked(self, picks: list[int]) -> list[str]:
        names = sorted(self.model)
        return list(dict.fromkeys(names[pick % len(names)] for pick in picks if names))

    def new(self, n: int, family: int, label: str | None = None, day: int | None = None) -> Model:
        """Invent people with unused ids."""
        found = {}
        for i in range(n):
            self.people += 1
            name = "".join(random.Random(self.people).choices(LETTERS, k=20))
            kind = (family + i) % 6, i % 4
            subject = f"of family {kind[0]}" if i % 2 else None
            found[name] = Reference(kind, subject, label, day if i % 3 else None)
        return found

    def reborn(self, name: str, kind: Kind) -> Reference:
        self.people += 1
        return replace(self.model[name], kind=kind, life=self.people)

    def enrol(self, new: Model) -> None:
        report = self.gallery.enrol(
            list(new),
            [self.item(reference.kind) for reference in new.values()],
            subject_ids=[reference.subject for reference in new.values()],
            labels=[reference.label for reference in new.values()],
            expires=[START + r.day * DAY if r.day else None for r in new.values()],
        )
        assert report.enrolled == len(new)

    def remember(self, names: list[str]) -> None:
        """Record the stored data of people who are about to be erased, in all segments."""
        held = {s for answer, _ in self.lists for s in answer._rows.segments}
        for segment in {*held, *self.gallery._core.segments(), *self.reader._core.segments()}:
            for name in names:
                for row in rows_of(segment, [name]):
                    found = traces(segment, row)
                    own = {found[part] for part in PAYLOAD & found.keys()}
                    self.payloads.setdefault(self.model[name].kind, set()).update(own)

    @rule(n=sizes, family=families, label=any_label, day=days)
    def enrol_new(self, n: int, family: int, label: str | None, day: int | None) -> None:
        new = self.new(n, family, label, day)
        self.enrol(new)
        self.model |= new
        if new:
            with pytest.raises(DuplicateReference):
                self.enrol(self.new(2, family) | {min(new): Reference((family, 0))})

    @precondition(lambda self: self.erased)
    @rule(family=families)
    def enrol_erased(self, family: int) -> None:
        names = [name for name in self.erased[-3:] if name not in self.model]
        self.people += 1
        new = {name: Reference((family, 0), life=self.people) for name in names}
        self.enrol(new)
        self.model |= new

    @somebody
    @rule(picks=picks, family=families, variant=variants)
    def replace(self, picks: list[int], family: int, variant: int) -> None:
        known, kind = self.picked(picks), (family, variant)
        self.remember(known)
        self.gallery.replace(known, [self.item(kind)] * len(known))
        for name in known:
            self.model[name] = self.reborn(name, kind)
            # Who has not refreshed has lost the old one only.
            self.seen.pop(name, None)

    def forget(self, names: list[str]) -> None:
        for name in names:
            del self.model[name]
            self.seen.pop(name, None)
        self.erased += names

    @somebody
    @rule(picks=picks)
    def erase(self, picks: list[int]) -> None:
        known = self.picked(picks)
        self.remember(known)
        receipts = self.gallery.erase(known).receipts
        assert all(r.is_about(name) for r, name in zip(receipts, known, strict=True))
        self.forget(known)
        with pytest.raises(UnknownReference):
            self.gallery.erase([*self.picked(picks), known[0]])

    @somebody
    @rule(day=st.integers(1, 3))
    def purge(self, day: int) -> None:
        expired = [name for name, r in self.model.items() if r.day is not None and r.day <= day]
        self.remember(expired)
        assert sorted(self.gallery.purge(now=START + day * DAY).reference_ids) == sorted(expired)
        self.forget(expired)

    @rule()
    def compact(self) -> None:
        self.gallery.compact()
        assert [s.rows for s in self.gallery._core.segments()] == [len(self.model)] * bool(
            self.model
        )

    # --- other lives ----------------------------------------------------------------------------

    @rule()
    def reopen(self) -> None:
        self.close_all()
        with opened(self.kit, self.path, "r") as gallery:
            self.check_all(gallery)
            with pytest.raises(StorageError, match="read_only"):
                gallery.enrol(["x"], [self.item((0, 0))])
        self.open_all()

    @rule(stay=st.booleans())
    def save_as(self, stay: bool) -> None:
        path = self.fresh_path()
        self.gallery.save(path)
        with opened(self.kit, path, "r") as gallery:
            self.check_all(gallery)
        self.check_files(path)
        if not stay:
            self.close_all()
            self.path = path
            self.open_all()

    @rule()
    def crash(self) -> None:
        """All acknowledged changes are in the folder."""
        path = self.fresh_path()
        shutil.copytree(self.path, path)
        self.close_all()
        self.path = path
        self.open_all()

    @somebody
    @rule(
        after=st.integers(0, 60),
        verb=st.sampled_from(("enrol", "erase", "replace", "compact")),
        n=sizes,
        family=families,
        picks=picks,
    )
    def crash_in_a_change(
        self, after: int, verb: str, n: int, family: int, picks: list[int]
    ) -> None:
        """The change is complete or has not happened."""
        known, new, kind = self.picked(picks), self.new(n, family), (family, 0)
        self.remember(known)
        before = dict(self.model)
        changes: dict[str, tuple[Callable[[], object], Model]] = {
            "enrol": (lambda: self.enrol(new), before | new),
            "erase": (
                lambda: self.gallery.erase(known),
                {name: r for name, r in before.items() if name not in known},
            ),
            "replace": (
                lambda: self.gallery.replace(known, [self.item(kind)] * len(known)),
                before | {name: self.reborn(name, kind) for name in known},
            ),
            "compact": (self.gallery.compact, before),
        }
        change, self.model = changes[verb]
        if self.ends_early(change, after):
            self.crash()
            if not self.holds(self.gallery, self.model):
                self.model = before
        self.erased += [name for name in (*before, *new) if name not in self.model]
        self.refresh()

    def ends_early(self, change: Callable[[], object], after: int) -> bool:
        """End the process before or after one of its system calls."""
        left = after

        def pass_by() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Crash

        def counted(call: Callable[..., Any]) -> Callable[..., Any]:
            def count(*given: Any) -> Any:
                try:
                    pass_by()
                except Crash:
                    if call is overwrite:
                        overwrite_half(*given)
                    raise
                answer = call(*given)
                pass_by()
                return answer

            return count

        def overwrite_half(fd: int, data: memoryview, offset: int) -> None:
            end = (offset + len(data) // 2) // SECTOR * SECTOR
            overwrite(fd, data[: max(0, end - offset)], offset)

        overwrite = disk.overwrite
        with self.patched.context() as patched:
            for name in ("write", "overwrite", "sync", "make_folder", "rename", "remove", "commit"):
                patched.setattr(disk, name, counted(getattr(disk, name)))
            try:
                change()
            except Crash:
                return True
            return False

    # --- answers --------------------------------------------------------------------------------

    def holds(self, gallery: Gallery[Any], model: Model) -> bool:
        return set(gallery) == model.keys() and all(
            gallery[name] == self.item(reference.kind) for name, reference in model.items()
        )

    def check_all(self, gallery: Gallery[Any]) -> None:
        assert self.holds(gallery, self.model)
        for family in range(6):
            self.check_search(gallery, self.model, (family, 0), None)

    def check_search(
        self, gallery: Gallery[Any], model: Model, kind: Kind, label: str | None
    ) -> CandidateList[Any]:
        probe = self.item(kind)
        chosen = {name: r for name, r in model.items() if label is None or r.label == label}
        answer = gallery.search(probe, eligible=None if label is None else Eligible([label]))
        wanted = self.kit.expected(
            probe,
            {name: self.item(r.kind) for name, r in chosen.items()},
            {name: r.subject for name, r in chosen.items()},
        )
        assert answer.reference_ids == wanted
        assert answer.examined == len(chosen)
        for candidate in answer:
            reference = model[candidate.reference_id]
            assert (candidate.subject_id, candidate.label) == (reference.subject, reference.label)
        return answer

    @rule(family=families, variant=variants, label=labels, keep=st.booleans())
    def search(self, family: int, variant: int, label: str | None, keep: bool) -> None:
        answer = self.check_search(self.gallery, self.model, (family, variant), label)
        if keep:
            self.lists.append((answer, dict(self.model)))

    @rule(family=families, variant=variants, label=labels, keep=st.booleans())
    def search_of_the_reader(
        self, family: int, variant: int, label: str | None, keep: bool
    ) -> None:
        self.follow()
        answer = self.check_search(self.reader, self.seen, (family, variant), label)
        if keep:
            self.lists.append((answer, dict(self.seen)))

    def explained(self, candidate: Candidate) -> Any:
        try:
            return candidate.explain()
        except UnknownReference as error:
            self.codes.add(error.code)
            return None

    @precondition(lambda self: self.lists)
    @rule()
    def explain_old_lists(self) -> None:
        """An old list explains its candidates, or reports that they were erased."""
        for answer, model in self.lists:
            for candidate in answer:
                then, now = (m.get(candidate.reference_id) for m in (model, self.model))
                assert then is not None
                explanation = self.explained(candidate)
                if explanation is None:
                    assert now is None or now.life != then.life
                    continue
                # An erased reference that is enrolled again with equal data counts as the same.
                assert now is not None
                assert replace(now, life=0) == replace(then, life=0)
                item = self.item(then.kind)
                category = self.gallery.category
                assert explanation == category.matching.explain(answer.probe, item, answer.policy)
        assert self.codes <= {"erased"}
        self.lists.clear()

    @rule()
    def refresh(self) -> None:
        self.reader.refresh()
        self.seen = dict(self.model)

    def follow(self) -> None:
        """A reader with copies of the journal reads all of it again after an erasure."""
        if self.reader._core.storage.is_behind():
            self.seen = dict(self.model)

    @rule()
    def verify(self) -> None:
        for gallery in (self.gallery, self.reader):
            found = gallery.verify()
            assert found.passed, str(found)
            assert found.references == len(self.model)

    # --- always ---------------------------------------------------------------------------------

    def check_files(self, path: Path) -> None:
        kinds = {reference.kind for reference in self.model.values()}
        gone = [name.encode() for name in self.erased if name not in self.model]
        for kind, values in self.payloads.items():
            gone += [] if kind in kinds else values
        data = b"\0".join(files_of(path).values())
        assert not any(value in data for value in gone)

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        assert len(self.gallery) == len(self.model)
        for name in [*self.model][-3:]:
            assert self.gallery[name] == self.item(self.model[name].kind)
        assert not any(name in self.gallery for name in self.erased[-3:] if name not in self.model)

    @invariant()
    def the_reader_has_lost_the_erased_alone(self) -> None:
        self.follow()
        assert set(self.reader) == self.seen.keys()
        for name in [*self.seen][-2:]:
            assert self.reader[name] == self.item(self.seen[name].kind)

    @invariant()
    def nothing_of_the_erased_is_in_a_file(self) -> None:
        self.check_files(self.path)

    def teardown(self) -> None:
        if not hasattr(self, "gallery"):
            return
        self.reopen()
        assert self.gallery.verify().passed
        self.close_all()
        self.patched.undo()
        self.root.cleanup()


for kit in HEAVY_KITS:
    name = "".join(kit.name.replace("_", " ").title().split())
    machine = type(f"{name}Machine", (DiskMachine,), {"kit": kit})
    machine.TestCase.settings = settings(
        max_examples=examples(40, least=10), stateful_step_count=30, deadline=None
    )
    globals()[f"Test{name}"] = machine.TestCase
