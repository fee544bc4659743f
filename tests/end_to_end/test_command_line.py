"""The real entry point, in a process of its own: every command, as an operator runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import prum_match
from prum_match import dna, samples
from support.cli import HEADER, Done, row

COMMAND = [sys.executable, "-W", "error", "-m", "prum_match"]
HOME = str(Path(prum_match.__file__).parents[1])
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join(filter(None, (HOME, os.environ.get("PYTHONPATH")))),
}


def started(folder: Path, arguments: Sequence[object]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=folder,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=_heed_interrupts,
    )


def _heed_interrupts() -> None:
    """A shell that runs the tests in the background has them ignored, by all that they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(folder: Path, *arguments: object) -> Done:
    with started(folder, arguments) as process:
        out, err = process.communicate(timeout=240)
    return Done(process.returncode, out, err)


def people(folder: Path, n: int) -> Path:
    path = folder / "people.csv"
    path.write_text(HEADER + "".join(row(f"A-{i}", str(6 + i % 5)) for i in range(n)))
    return path


def test_a_gallery_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    done = run(tmp_path, "enrol", "g", samples.NIST_GENOTYPES, "--create", "--label", "population")
    assert (done.code, done.err) == (0, "")
    assert done.of("total") == [
        {"type": "total", "enrolled": 1036, "refused": 0, "references": 1036}
    ]
    assert json.loads(run(tmp_path, "info", "g", "--json").out)["references"] == 1036
    assert run(tmp_path, "verify", "g").code == 0

    lines = samples.NIST_GENOTYPES.read_text().splitlines(keepends=True)
    (tmp_path / "probe.csv").write_text(lines[0] + lines[500])
    name = lines[500].split(",")[0]
    found = run(tmp_path, "search", "g", "probe.csv", "--explain", "--threads", 1)
    assert (found.code, found.err) == (0, "")
    assert found.of("candidate")[0]["reference_id"] == name
    assert found.of("answer")[0]["examined"] == 1036

    erased = run(tmp_path, "erase", "g", name, "--receipts", "receipts.jsonl")
    assert (erased.code, erased.out, erased.err) == (0, "", "")
    (receipt,) = map(json.loads, (tmp_path / "receipts.jsonl").read_text().splitlines())
    assert receipt["sequence"] == 1
    after = run(tmp_path, "search", "g", "probe.csv")
    assert name not in [c["reference_id"] for c in after.of("candidate")]

    for command in (["compact", "g"], ["purge", "g"], ["recover", "g"]):
        assert run(tmp_path, *command).records[-1]["references"] == 1035
    verified = run(tmp_path, "verify", "g", "--json")
    assert (verified.code, json.loads(verified.out)["passed"]) == (0, True)


@pytest.mark.slow
def test_faces(tmp_path: Path) -> None:
    vectors = np.random.default_rng(3).standard_normal((20, 16)).astype(np.float32)
    np.save(tmp_path / "faces.npy", vectors)
    np.save(tmp_path / "probe.npy", vectors[7])
    (tmp_path / "ids.txt").write_text("".join(f"P-{i}\n" for i in range(20)))
    made = ("--create", "--category", "face", "--model", "m:1:16", "--normalise", "apply")
    assert run(tmp_path, "enrol", "f", "faces.npy", "--ids", "ids.txt", *made).code == 0
    done = run(tmp_path, "search", "f", "probe.npy", "--limit", 2)
    assert [c["rank"] for c in done.of("candidate")] == [1, 2]
    assert done.of("candidate")[0]["reference_id"] == "P-7"
    assert run(tmp_path, "verify", "f").code == 0


@pytest.mark.slow
def test_a_damaged_gallery(tmp_path: Path) -> None:
    run(tmp_path, "enrol", "g", people(tmp_path, 5000), "--create")
    column = next((tmp_path / "g").glob("segments/*/genotypes.npy"))
    data = bytearray(column.read_bytes())
    data[200] ^= 4
    column.write_bytes(data)
    done = run(tmp_path, "verify", "g")
    assert done.code == 1
    assert "genotypes.npy: the block of 65536 bytes at 0 is changed [damaged_file]" in done.out
    column.unlink()
    done = run(tmp_path, "verify", "g")
    assert (done.code, "[file_missing]" in done.out) == (1, True)
    done = run(tmp_path, "search", "g", "people.csv")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("prum-match: ")
    assert done.err.count("\n") == 1
    assert run(tmp_path, "verify", "nowhere").code == 3


@pytest.mark.slow
def test_one_writer_at_a_time(tmp_path: Path) -> None:
    file = people(tmp_path, 10)
    run(tmp_path, "enrol", "g", file, "--create")
    with dna.Gallery.open(tmp_path / "g", "rw"):
        for arguments in (("enrol", "g", file), ("erase", "g", "A-1"), ("compact", "g")):
            done = run(tmp_path, *arguments)
            assert (done.code, done.out) == (1, "")
            assert "[locked; field path; path 'g']" in done.err
        assert run(tmp_path, "search", "g", file).code == 0
        assert json.loads(run(tmp_path, "info", "g", "--json").out)["writer"]
        assert run(tmp_path, "verify", "g").code == 0


@pytest.mark.slow
def test_an_interrupt_leaves_whole_batches(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "people.jsonl")
    arguments = ("enrol", "g", "people.jsonl", "--create", "--format", "jsonl", "--on-error")
    with started(tmp_path, (*arguments, "report")) as process:
        assert process.stdout is not None
        # The process waits for more than it gets; the writing end stays open until it is gone.
        with open(tmp_path / "people.jsonl", "w") as feed:
            for i in range(100_050):
                feed.write(f'{{"reference_id": "A-{i}", "loci": {{"TH01": [6, 7]}}}}\n')
            feed.flush()
            batch = json.loads(process.stdout.readline())
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=240) == 130
        assert (batch["type"], batch["enrolled"]) == ("batch", 100_000)
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert run(tmp_path, "verify", "g").code == 0
    assert json.loads(run(tmp_path, "info", "g", "--json").out)["references"] == 100_000


@pytest.mark.slow
def test_the_reader_of_the_output_may_close_it(tmp_path: Path) -> None:
    file = people(tmp_path, 2000)
    run(tmp_path, "enrol", "g", file, "--create")
    with started(tmp_path, ("search", "g", file, "--limit", 3)) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["type"] == "candidate"
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=240) == 141


@pytest.mark.parametrize("arguments", [(), ("find",), ("erase", "g"), ("search", "g")])
def test_words_that_are_off(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run(tmp_path, *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("usage: prum-match")


def test_selftest_and_version(tmp_path: Path) -> None:
    done = run(tmp_path, "selftest", "--quiet")
    assert (done.code, done.out, done.err) == (0, "PASSED\n", "")
    assert run(tmp_path, "--version").out == f"prum_match {prum_match.__version__}\n"
