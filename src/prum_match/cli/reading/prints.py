"""Files of prints: a record of minutiae, a transaction, or a folder of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from prum_match.cli.reading.problems import FileProblem
from prum_match.cli.reading.rows import ItemFile
from prum_match.dactyloscopy import read
from prum_match.errors import InvalidInput


def read_prints(path: str) -> Iterator[ItemFile]:
    """Read a file, or all files of a folder in the order of their names.

    Subfolders and files whose name begins with a dot are skipped. Several templates of a file are
    numbered.
    """
    where = Path(path)
    if not where.is_dir():
        yield _read(where)
        return
    for file in sorted(where.iterdir()):
        if file.is_file() and not file.name.startswith("."):
            yield _read(file)


def _read(path: Path) -> ItemFile:
    name = path.stem
    try:
        found = read(path)
    except InvalidInput as error:
        message = str(error.args[0])
        return ItemFile([], [], (FileProblem(name, error.field, error.code, message, True),))
    problems = tuple(
        FileProblem(name, field, code, message, False)
        for code, field, message in dict.fromkeys(
            (problem.code, problem.field, problem.message)
            for problem in (*found.problems, *found.notes)
        )
    )
    if not len(found):
        empty = FileProblem(name, None, "no_template", "no minutiae in the file", True)
        return ItemFile([], [], (*problems, empty))
    ids = [name] if len(found) == 1 else [f"{name}-{i + 1}" for i in range(len(found))]
    return ItemFile(ids, list(found), problems)
