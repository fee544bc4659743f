"""Commands within the process."""

from __future__ import annotations

from pathlib import Path

import pytest

from prum_match import cli, dna
from support.cli import HEADER, Done, Run, row


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> Done:
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = int(ended.code or 0)
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return call


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Three people in a file."""
    path = tmp_path / "people.csv"
    path.write_text(HEADER + row("A-1") + row("A-2", "7") + row("A-3", "8"))
    return path


@pytest.fixture
def gallery(tmp_path: Path, people: Path) -> Path:
    """The three people in a gallery."""
    path = tmp_path / "gallery"
    file = dna.read_csv(people)
    full = dna.Gallery()
    full.enrol(file.reference_ids, file.profiles, labels="known")
    full.save(path)
    return path
