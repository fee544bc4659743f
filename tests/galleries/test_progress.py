"""Progress of long calls: the reports, and the state after an exception."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prum_match import dactyloscopy
from prum_match.engine import Gallery
from prum_match.errors import InvalidInput
from support.galleries.kits import DACTYLOSCOPY, DNA, TOY, Kit, opened


class Enough(Exception):
    """Raised by a progress function."""


Told = list[tuple[str, int, int | None]]


def filled(kit: Kit, n: int = 12) -> Gallery[Any]:
    gallery = kit.gallery()
    for i in range(n):
        gallery.enrol([f"R{i}"], [kit.item(i)])
    return gallery


def calls(kit: Kit, gallery: Gallery[Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    probe = kit.item(1)
    yield "search", lambda p: gallery.search(probe, policy=kit.policy, progress=p)
    yield "search_many", lambda p: gallery.search_many([probe] * 2, policy=kit.policy, progress=p)
    yield "join", lambda p: list(gallery.join(gallery, policy=kit.policy, progress=p))
    yield "enrol", lambda p: gallery.enrol(["N1", "N2"], kit.items([13, 14]), progress=p)
    yield "compact", lambda p: gallery.compact(progress=p)


def state(kit: Kit, gallery: Gallery[Any]) -> tuple[Any, ...]:
    found = gallery.search(kit.item(1), policy=kit.policy)
    return sorted(gallery), gallery.generation, found.reference_ids, len(gallery._core.segments())


def test_every_long_call_reports_its_progress(kit: Kit) -> None:
    gallery = filled(kit)
    for name, call in calls(kit, gallery):
        told: Told = []
        call(lambda *what, told=told: told.append(what))
        assert told, name
        for step, done, total in told:
            assert isinstance(step, str), name
            assert done >= 0, name
            assert total is None or done <= total, name


def test_an_exception_of_the_progress_leaves_the_gallery_unchanged(kit: Kit) -> None:
    """The exception may be raised at any call of the function, from the first to the last."""
    gallery = filled(kit)
    for name, call in calls(kit, gallery):
        ended = 0
        for moment in range(1, 50):
            before, told = state(kit, gallery), list[str]()

            def progress(step: str, *_: Any, told: list[str] = told, moment: int = moment) -> None:
                told.append(step)
                if len(told) == moment:
                    raise Enough(step)

            try:
                call(progress)
            except Enough:
                assert state(kit, gallery) == before, (name, told)
                ended += 1
                continue
            break
        else:
            pytest.fail(f"{name} never came to its end")
        assert ended > 0, name
    # The calls that changed the gallery came to their ends once.
    assert {"N1", "N2"} <= set(gallery)


def test_an_exception_of_the_progress_leaves_a_folder_sound(tmp_path: Path) -> None:
    filled(DNA).save(tmp_path / "g")
    with opened(DNA, tmp_path / "g") as gallery:
        items = [DNA.item(i) for i in range(20, 40)] * 200
        ids = [f"N{i}" for i in range(len(items))]
        seen = set[str]()
        for step in ("encode", "seal", "write"):

            def progress(now: str, *_: Any, step: str = step) -> None:
                seen.add(now)
                if now == step:
                    raise Enough

            with pytest.raises(Enough):
                gallery.enrol(ids, items, progress=progress)
            assert len(gallery) == 12
            assert gallery.verify().passed
        assert seen == {"encode", "seal", "write"}
        gallery.enrol(ids, items)
        with pytest.raises(Enough):
            gallery.verify(progress=_raise)
        with pytest.raises(Enough):
            gallery.save(tmp_path / "copy", progress=_raise)
        assert not list(tmp_path.glob("*copy*"))
    with opened(DNA, tmp_path / "g") as gallery:
        assert len(gallery) == 12 + len(items)
        assert gallery.verify().passed


def _raise(*what: Any) -> None:
    raise Enough


def test_an_interrupted_merge_keeps_the_change(tmp_path: Path) -> None:
    filled(DNA, 1).save(tmp_path / "g")
    with opened(DNA, tmp_path / "g") as gallery:
        merges = 0

        def progress(step: str, *_: Any) -> None:
            nonlocal merges
            if step == "merge":
                merges += 1
                raise Enough

        items = [DNA.item(i) for i in range(20)] * 100
        for call in range(9):
            ids = [f"{call}-{i}" for i in range(len(items))]
            assert gallery.enrol(ids, items, progress=progress).enrolled == len(items)
        assert merges > 0
        assert len(gallery) == 1 + 9 * len(items)
        gallery.compact()
        assert len(gallery._core.segments()) == 1
        assert gallery.verify().passed


def test_progress_may_read_the_gallery_but_not_change_it() -> None:
    gallery, seen = filled(TOY), list[int]()

    def progress(*what: Any) -> None:
        seen.append(len(gallery) + len(gallery.search(TOY.item(1))))
        assert "R1" in gallery
        for change in (
            lambda: gallery.erase(["R1"]),
            lambda: gallery.enrol(["X"], [TOY.item(50)]),
            lambda: gallery.compact(),
        ):
            with pytest.raises(InvalidInput, match="from within progress") as error:
                change()
            assert error.value.code == "change_in_progress"

    found = gallery.search(TOY.item(1), progress=progress)
    assert found.reference_ids == ["R1"]
    assert set(seen) == {13}
    assert len(gallery) == 12
    gallery.erase(["R1"])


def test_an_invalid_progress_function_is_refused(kit: Kit) -> None:
    with pytest.raises(InvalidInput) as error:
        filled(kit).search(kit.item(1), policy=kit.policy, progress=5)  # type: ignore[arg-type]
    assert (error.value.code, error.value.field) == ("bad_option", "progress")


def test_the_progress_of_a_join_covers_all_blocks() -> None:
    gallery = TOY.gallery()
    n = 20_000
    gallery.enrol([f"R{i}" for i in range(n)], [TOY.item(i) for i in range(n)])
    told: Told = []
    blocks = list(gallery.join(gallery, progress=lambda *what: told.append(what)))
    assert len(blocks) == 3
    assert {(step, total) for step, _, total in told} == {("join", 3000)}
    done = [done for _, done, _ in told]
    assert done == sorted(done)
    assert {0, 1000, 2000} <= set(done)


def test_searches_for_subjects_report_their_progress() -> None:
    gallery, told = filled(DACTYLOSCOPY), list[Any]()
    assert isinstance(gallery, dactyloscopy.Gallery)
    probe = DACTYLOSCOPY.items([1, 2])
    gallery.search_subjects(probe, limit=1, progress=lambda *what: told.append(what))
    assert told[-1][0] == "search"
    with pytest.raises(Enough):
        gallery.search_subjects(probe, limit=1, progress=_raise)
