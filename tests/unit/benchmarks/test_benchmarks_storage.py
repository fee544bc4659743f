"""The tasks on disk remove their files, detect losses, and judge as documented."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from support.benchmarks import python

pytestmark = pytest.mark.slow

RUN = """
import sys
from benchmarks import __main__
from benchmarks.storage.enrolment import sqlite as enrolling
from benchmarks.storage.opening import numpy_load
from benchmarks.storage.single import sqlite as single
from benchmarks.storage.tasks import Single
from prum_match import dna
from prum_match.engine.store.verification import Damage, VerificationReport

insert = enrolling.insert
damage = VerificationReport((Damage("damaged_file", "catalogue", "it is"),), 0, 0, 0, 0)
{sabotage}
sys.exit(__main__.main([{task!r}, "--quick", "--size", "100", "--json", {file!r}]))
"""


@pytest.mark.parametrize(
    ("task", "sabotage", "code", "said"),
    [
        ("storage_single", "", 0, "yes: 101 of 101 answers equal"),
        (
            "storage_open",
            "numpy_load.np.load = lambda path, mmap_mode: numpy_load.np.zeros((100, 24, 2), 'i2')",
            1,
            "answers differ",
        ),
        (
            "storage_enrolment",
            "enrolling.insert = lambda c, rows: insert(c, [(i, rows[0][1]) for i, _ in rows])",
            1,
            "answers differ",
        ),
        ("storage_erase", "dna.Gallery.__contains__ = lambda *_: True", 1, "ours 5, theirs 0"),
        ("storage_single", "single.create = lambda path: 1 / 0", 1, "failed: ZeroDivisionError"),
        ("storage_verify", "dna.Gallery.verify = lambda gallery: damage", 1, "failed: ValueError"),
        ("storage_single", "Single.musts = lambda *_: sys.exit(3)", 3, ""),
    ],
)
def test_losses_are_detected_and_files_are_removed(
    tmp_path: Path, task: str, sabotage: str, code: int, said: str
) -> None:
    room = tmp_path / "room"
    room.mkdir()
    script = RUN.format(task=task, sabotage=sabotage, file=str(tmp_path / "it.json"))
    done = python("-W", "default", "-c", script, PRUM_BENCH_DIR=str(room))
    assert done.returncode == code, done.stderr
    assert said in done.stdout
    # Python removes what is forgotten only at the end, and then says so.
    assert "Implicitly cleaning up" not in done.stderr
    assert list(room.iterdir()) == []


JUDGE = """
import json
import re
from benchmarks.storage import mapped
from benchmarks.storage.opening import OpenGrowth
from benchmarks.storage.single import Single
from benchmarks.task import Row

def rows(rival, ours, theirs):
    times = theirs / ours
    return {
        "prum_match": Row("prum_match", "measured", "", seconds=ours),
        rival: Row(rival, "measured", "", seconds=theirs, times_ours=times),
    }

def search(huge, theirs):
    return mapped.must(rows(mapped.IN_MEMORY, 1.0, theirs), {"FilePmdMapped": huge, "Rss": 10})

def growth(*seconds):
    return OpenGrowth().musts(None, rows("prum_match, a tenth of it", *seconds), None)

def single(*seconds):
    return Single().musts(None, rows("bare fsync", *seconds), None)

print(json.dumps([must.met for must in [
    search(10, 0.95),
    search(10, 0.85),
    search(5, 0.66),
    search(5, 0.64),
    *growth(2.0, 1.0),
    *growth(2.1, 1.0),
    *single(2.0, 1.0),
    *single(2.1, 1.0),
]]))
"""


def test_the_musts_are_those_of_the_faster_side() -> None:
    done = python("-c", JUDGE)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [True, False] * 4


MAPS = """\
7f00-7f10 r--s 00000000 fe:00 7 /d/a room/gallery/segments/1/high.npy
Size:               2048 kB
Rss:                1024 kB
FilePmdMapped:       512 kB
VmFlags: rd mr me
7f10-7f20 r--s 00000000 fe:00 8 /d/a room/gallery/segments/1/low.npy (deleted)
Size:                  4 kB
Rss:                   4 kB
FilePmdMapped:         0 kB
7f20-7f30 rw-p 00000000 00:00 0
Size:                 99 kB
Rss:                  99 kB
FilePmdMapped:        99 kB
7f30-7f40 r--p 00000000 fe:00 9 /d/a room, another/x.npy
Size:                 99 kB
Rss:                  99 kB
FilePmdMapped:        99 kB
"""
MOUNTS = """\
1 0 253:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
2 1 0:5 / /tmp rw - tmpfs tmpfs rw
3 1 0:6 / /tmp/a\\040disk rw shared:2 master:1 - xfs /dev/old rw
4 1 0:7 / /tmp/a\\040disk rw - xfs /dev/new rw
"""
READ = """
import json, sys
from pathlib import Path
from benchmarks.storage import mapped
from benchmarks.storage.room import mounted

maps, mounts = json.loads(sys.argv[1])
paths = "/home", "/tmp/b", "/tmp/a disk/x", "/tmp/a diskette"
found = [mounted(Path(path), mounts) for path in paths]
print(json.dumps([mapped.pages(Path("/d/a room"), maps), *found]))
"""


def test_maps_and_mounts_are_read_as_the_kernel_writes_them() -> None:
    done = python("-c", READ, json.dumps([MAPS, MOUNTS]))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        {"Size": 2052 << 10, "Rss": 1028 << 10, "FilePmdMapped": 512 << 10},
        ["ext4", "/dev/vda"],
        ["tmpfs", "tmpfs"],
        ["xfs", "/dev/new"],
        ["tmpfs", "tmpfs"],
    ]


WITHOUT = """
import sys
from benchmarks import __main__
from benchmarks.storage.postgresql import server

server.shutil.which = lambda name, path: None
sys.exit(__main__.main(["postgresql", "--quick", "--size", "100", "--json", {file!r}]))
"""


def test_a_missing_server_is_reported(tmp_path: Path) -> None:
    done = python("-c", WITHOUT.format(file=str(tmp_path / "it.json")))
    assert done.returncode == 0, done.stderr
    assert re.findall(r"not run: (.*) is not installed", done.stdout)
    assert "measured" not in (tmp_path / "it.json").read_text("utf-8")
