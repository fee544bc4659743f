"""Paths without a gallery, missing permissions and other processes: a code, and no damage."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from prum_match.engine import Gallery
from prum_match.engine.store.catalogue import FORMAT
from prum_match.errors import PrumError
from support.children import ending, fork, in_child
from support.galleries.failing_disk import CODES
from support.galleries.folders import State, files_in, limits, opened, recovered, state
from support.galleries.kits import (
    DACTYLOSCOPY,
    DNA,
    FACE,
    POLICE_BY_FIELD,
    POLICE_BY_RECORD,
    POLICE_RECORD,
    TOY,
    VEHICLE,
    Kit,
)
from support.galleries.traces import files_of

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
MODES = ("r", "rw")
NOBODY = 65534
Harm = Callable[[Path], object]


def make(kit: Kit, path: Path) -> None:
    """Make a segment with an erased row, and a journal, with a writer that closes again."""
    gallery = kit.gallery()
    gallery.enrol([f"one{i:03}" for i in range(6)], kit.items(range(6)))
    gallery.save(path)
    with opened(kit, path, "rw") as gallery:
        gallery.erase(["one005"])
        gallery.enrol(["jrn000"], [kit.item(6)])


@pytest.fixture
def path(kit: Kit, folder: Path) -> Path:
    make(kit, folder / "gallery")
    return folder / "gallery"


def code_of(call: Callable[[], object]) -> str | None:
    """Return the code that a call is refused with, or None if it is not."""
    try:
        call()
    except PrumError as error:
        return error.code
    return None


def refusal(kit: Kit, path: Path, mode: str) -> str | None:
    return code_of(lambda: opened(kit, path, mode).close())


def changes(kit: Kit, gallery: Gallery[Any]) -> dict[str, Callable[[], object]]:
    return {
        "enrol": lambda: gallery.enrol(["new000"], [kit.item(20)]),
        "enrol with a label": lambda: gallery.enrol(["new001"], [kit.item(21)], labels="new"),
        "replace": lambda: gallery.replace(["one001"], [kit.item(22)]),
        "erase": lambda: gallery.erase(["one002"]),
        "compact": gallery.compact,
    }


def refusals(kit: Kit, gallery: Gallery[Any]) -> set[str | None]:
    return {code_of(change) for change in changes(kit, gallery).values()}


def finds(kit: Kit, gallery: Gallery[Any]) -> bool:
    """Tell whether searches find the references of the segment and of the journal."""
    found = [gallery.search(kit.item(family)).reference_ids for family in (0, 6)]
    return found == [["one000"], ["jrn000"]]


def open_files(path: Path) -> list[str]:
    """Return the files of a folder that this process has open."""
    found = []
    for number in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{number}"))
        except FileNotFoundError:  # that of the listing itself
            continue
    return [name for name in found if name.startswith(f"{path.resolve()}/")]


# --- paths without a gallery, or with another one -----------------------------------------------


def put_a_file(path: Path) -> None:
    shutil.rmtree(path)
    path.write_text("a file")


def empty(path: Path) -> None:
    shutil.rmtree(path)
    path.mkdir()


def other_database(path: Path) -> None:
    (path / "catalogue.sqlite").unlink()
    with closing(sqlite3.connect(path / "catalogue.sqlite")) as connection:
        connection.execute("CREATE TABLE gallery (one INTEGER)")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path / "catalogue.sqlite")) as connection:
        connection.execute(f"PRAGMA user_version={FORMAT + 1}")


HARMS: dict[str, tuple[Harm, str]] = {
    "nothing": (shutil.rmtree, "no_such_gallery"),
    "a file": (put_a_file, "not_a_gallery"),
    "an empty folder": (empty, "not_a_gallery"),
    "no catalogue": (lambda path: (path / "catalogue.sqlite").unlink(), "not_a_gallery"),
    "no lock": (lambda path: (path / "lock").unlink(), "not_a_gallery"),
    "no segments": (lambda path: shutil.rmtree(path / "segments"), "not_a_gallery"),
    "short text": (lambda path: (path / "catalogue.sqlite").write_text("mine"), "not_a_gallery"),
    "text": (lambda path: (path / "catalogue.sqlite").write_text("mine " * 999), "not_a_gallery"),
    "no bytes": (lambda path: (path / "catalogue.sqlite").write_bytes(b""), "not_a_gallery"),
    "another database": (other_database, "not_a_gallery"),
    "a newer format": (newer, "newer_format"),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("harm", HARMS)
def test_paths_without_a_gallery_are_refused(harm: str, mode: str, folder: Path) -> None:
    """The path is left unchanged."""
    path = folder / "gallery"
    make(TOY, path)
    do, code = HARMS[harm]
    do(path)
    before = files_of(folder)
    assert refusal(TOY, path, mode) == code
    assert files_of(folder) == before
    assert open_files(folder) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("kit", "other"),
    [
        *((DNA, FACE), (FACE, DNA), (DACTYLOSCOPY, FACE), (FACE, DACTYLOSCOPY)),
        *((VEHICLE, DNA), (DNA, VEHICLE)),
        *((POLICE_RECORD, VEHICLE), (VEHICLE, POLICE_BY_FIELD), (POLICE_BY_RECORD, DNA)),
    ],
    ids=lambda kit: kit.name,
)
def test_a_gallery_of_another_category_is_refused(
    kit: Kit, other: Kit, mode: str, path: Path
) -> None:
    before = files_of(path)
    with pytest.raises(PrumError) as caught:
        opened(other, path, mode)
    assert caught.value.code == "foreign_gallery"
    # While the error is looked at, with all that it refers to.
    assert open_files(path) == []
    assert files_of(path) == before
    assert refusal(kit, path, "rw") is None


def test_foreign_files_are_kept(kit: Kit, path: Path) -> None:
    """Such files have names as desktops, file systems and people give them."""
    names = ("notes.txt", ".nfs0001", "journal-1.bak", "journal-old", "segments/.DS_Store")
    names += ("segments/lost+found/0", "segments/1.bak/mine", "segments/new-1.txt")
    for name in names:
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_text("mine")
    with opened(kit, path) as gallery:
        assert finds(kit, gallery)
        assert gallery.verify().passed
    with opened(kit, path, "rw") as gallery:
        for change in changes(kit, gallery).values():
            change()
        assert gallery.verify().passed
    assert [(path / name).read_text() for name in names] == ["mine"] * len(names)


# --- what the system forbids --------------------------------------------------------------------


@contextmanager
def forbidden(path: Path, files: int, folders: int) -> Iterator[None]:
    """Change the modes of a folder and its content temporarily, so that it can be removed."""
    everything = [path, *path.rglob("*")]
    before = {item: item.stat().st_mode for item in everything}
    for item in reversed(everything):
        item.chmod(folders if item.is_dir() else files)
    try:
        yield
    finally:
        for item, mode in before.items():
            item.chmod(mode)


def as_nobody(path: Path, check: Callable[[], object]) -> str:
    """Run `check` in a child that is not root, because modes do not apply to root."""
    path.parent.chmod(0o755)

    def child() -> None:
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        check()

    return in_child(child)


def test_a_read_only_folder(kit: Kit, path: Path) -> None:
    def check() -> None:
        with opened(kit, path) as gallery:
            assert finds(kit, gallery)
            assert gallery.verify().passed
            assert len(gallery.receipts()) == 1
            assert refusals(kit, gallery) == {"read_only"}
        assert refusal(kit, path, "rw") == "not_permitted"
        assert code_of(lambda: kit.gallery().save(path / "new")) == "not_permitted"

    before = files_of(path)
    with forbidden(path, 0o444, 0o555):
        assert as_nobody(path, check) == "exit 0"
    assert files_of(path) == before


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "name", [".", "catalogue.sqlite", "lock", "journal-1", "segments", "segments/1"]
)
def test_unreadable_parts_of_a_folder(name: str, mode: str, folder: Path) -> None:
    """Each part is tested alone, after a writer that closed properly: recovery would not help."""
    path = folder / "gallery"
    make(TOY, path)
    with forbidden(path, 0o666, 0o777):
        (path / name).chmod(0)
        try:
            check = [refusal, TOY, path, mode]
            assert as_nobody(path, lambda: same(check, "not_permitted")) == "exit 0"
        finally:
            (path / name).chmod(0o700)
    assert recovered(TOY, path).contents.keys() >= {"one000", "jrn000"}


def same(call: list[Any], expected: object) -> None:
    function, *given = call
    assert function(*given) == expected


# --- no room ------------------------------------------------------------------------------------


@contextmanager
def room(size: int) -> Iterator[None]:
    """Limit the size of files of this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


ROOMS = (0, 100, 512, 4096, 8192, 12288, 20480, 1 << 20)


def within(kit: Kit, path: Path, size: int, before: State) -> bool:
    """Enrol with limited space, and again with more; return which attempt succeeded."""
    names = [f"new{i:03}" for i in range(300)]
    with limits(in_journal=0), opened(kit, path, "rw") as gallery:

        def enrol() -> object:
            return gallery.enrol(names, kit.items(range(20, 320)))

        with room(size):
            code = code_of(enrol)
        assert code in {None, *CODES}
        if code:
            assert state(gallery) == before
            enrol()
    assert recovered(kit, path).contents.keys() == before.contents.keys() | set(names)
    return code is None


def test_a_full_disk(kit: Kit, path: Path) -> None:
    """A change without enough space does not happen, and succeeds when there is space."""
    before = recovered(kit, path)

    def check() -> None:
        done = []
        for size in ROOMS:
            copy = path.with_name(str(size))
            shutil.copytree(path, copy)
            done.append(within(kit, copy, size, before))
        assert done == sorted(done)
        assert (done[0], done[-1]) == (False, True)

    assert in_child(check) == "exit 0"


@pytest.mark.parametrize("size", [0, 100, 4096])
def test_a_full_disk_while_saving(kit: Kit, size: int, folder: Path) -> None:
    gallery = kit.gallery()
    gallery.enrol(["one000"], [kit.item(0)])

    def check() -> None:
        with room(size):
            assert code_of(lambda: gallery.save(folder / "gallery")) == "disk_full"

    assert in_child(check) == "exit 0"
    assert list(files_in(folder)) == []
    assert not (folder / "gallery").exists()


# --- who else is there --------------------------------------------------------------------------


def test_a_second_writer_is_refused(kit: Kit, path: Path) -> None:
    with opened(kit, path, "rw") as gallery:
        for _ in range(2):  # a refused one takes nothing away from the first
            assert refusal(kit, path, "rw") == "locked"
            assert in_child(lambda: same([refusal, kit, path, "rw"], "locked")) == "exit 0"
        assert refusal(kit, path, "r") is None
        gallery.enrol(["new000"], [kit.item(20)])
    assert refusal(kit, path, "rw") is None


@contextmanager
def writing(kit: Kit, path: Path, then: Callable[[Gallery[Any]], object]) -> Iterator[int]:
    """Yield a child that writes and waits; it ends with the block."""
    up, ready = os.pipe()

    def child() -> None:
        gallery = opened(kit, path, "rw")
        then(gallery)
        os.write(ready, b"x")
        signal.pause()

    pid = fork(child)
    try:
        os.close(ready)
        assert os.read(up, 1) == b"x"
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        assert ending(pid) == f"exit {-signal.SIGKILL}"
        os.close(up)


def test_the_lock_of_a_killed_writer_is_free(kit: Kit, path: Path) -> None:
    with writing(kit, path, lambda gallery: gallery.erase(["one001"])):
        assert refusal(kit, path, "rw") == "locked"
    with opened(kit, path) as gallery:
        assert finds(kit, gallery)
        assert "one001" not in gallery
    assert refusal(kit, path, "rw") is None


def test_a_forked_child_of_a_writer_only_reads(kit: Kit, path: Path) -> None:
    """It can search; its refused changes, its close and its end do not affect the parent."""
    with opened(kit, path, "rw") as gallery:

        def check() -> None:
            assert finds(kit, gallery)
            assert refusals(kit, gallery) == {"forked"}
            assert refusal(kit, path, "rw") == "locked"
            gallery.close()
            assert refusal(kit, path, "rw") == "locked"

        before = state(gallery)
        for _ in range(2):
            assert in_child(check) == "exit 0"
            assert refusal(kit, path, "rw") == "locked"
        assert state(gallery) == before
        for change in changes(kit, gallery).values():
            change()
    assert refusal(kit, path, "rw") is None


def test_a_forked_child_outlives_a_killed_writer(kit: Kit, path: Path) -> None:
    """The child continues to search, and does not block a new writer."""
    go_on, told = os.pipe()
    answer, said = os.pipe()

    def have_a_child(gallery: Gallery[Any]) -> None:
        def look() -> None:
            os.close(told)
            os.write(said, b"up")  # what the fork left open is closed by now
            os.read(go_on, 1)  # until the test lets go of its end
            os.write(said, b"found" if finds(kit, gallery) else b"lost")

        fork(look)
        os.close(said)

    with writing(kit, path, have_a_child):
        os.close(said)
        assert os.read(answer, 2) == b"up"
        assert refusal(kit, path, "rw") == "locked"
    with opened(kit, path, "rw") as gallery:
        gallery.erase(["one001"])
        gallery.compact()
        os.close(told)
        assert os.read(answer, 9) == b"found"
    for end in (go_on, answer):
        os.close(end)


def test_a_forked_child_of_a_reader_reads_on(kit: Kit, path: Path) -> None:
    """It can read after its parent has closed, and its end keeps the parent's files."""
    first = path / "segments" / "1"
    reader = opened(kit, path)

    def check() -> None:
        assert finds(kit, reader)
        assert refusals(kit, reader) == {"read_only"}
        reader.close()

    with opened(kit, path, "rw") as gallery:
        assert in_child(check) == "exit 0"
        gallery.compact()
        assert first.exists()
        assert finds(kit, reader)
        reader.close()
        gallery.compact()
        assert not first.exists()


@pytest.mark.parametrize("mode", MODES)
def test_calls_on_a_closed_gallery_are_refused(kit: Kit, mode: str, path: Path) -> None:
    gallery = opened(kit, path, mode)
    candidates = gallery.search(kit.item(0))
    gallery.close()
    gallery.close()
    asked: dict[str, Callable[[], object]] = {
        **changes(kit, gallery),
        "search": lambda: gallery.search(kit.item(0)),
        "search_many": lambda: gallery.search_many([kit.item(0)]),
        "join": lambda: list(gallery.join(gallery)),
        "item": lambda: gallery["one000"],
        "in": lambda: "one000" in gallery,
        "len": lambda: len(gallery),
        "iter": lambda: list(gallery),
        "explain": candidates[0].explain,
        "purge": lambda: gallery.purge(now=NOON),
        "save": lambda: gallery.save(path.with_name("other")),
        "verify": gallery.verify,
        "refresh": gallery.refresh,
        "receipts": gallery.receipts,
        "with": lambda: gallery.__enter__().search(kit.item(0)),
    }
    assert {name for name, call in asked.items() if code_of(call) != "closed"} == set()
    del candidates
    assert open_files(path) == []
    assert refusal(kit, path, "rw") is None
