"""Files of prints: a record of minutiae, a transaction, or a folder of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from prum_match.cli.problems import FileProblem
from prum_match.dactyloscopy import Template, read
from prum_match.errors import InvalidInput


@dataclass(frozen=True)
class PrintFile:
    """The templates of a file; several are numbered."""

    ids: Sequence[str]
    templates: Sequence[Template]
    problems: tuple[FileProblem, ...] = ()


def read_prints(path: str) -> Iterator[PrintFile]:
    """Read a file, or all files of a folder in the order of their names.

    Subfolders and files whose name begins with a dot are skipped.
    """
    where = Path(path)
    if not where.is_dir():
        yield _read(where)
        return
    for file in sorted(where.iterdir()):
        if file.is_file() and not file.name.startswith("."):
            yield _read(file)


def _read(path: Path) -> PrintFile:
    name = path.stem
    try:
        found = read(path)
    except InvalidInput as error:
        message = str(error.args[0])
        return PrintFile([], [], (FileProblem(name, error.field, error.code, message, True),))
    problems = tuple(
        FileProblem(name, field, code, message, False)
        for code, field, message in dict.fromkeys(
            (problem.code, problem.field, problem.message)
            for problem in (*found.problems, *found.notes)
        )
    )
    if not len(found):
        empty = FileProblem(name, None, "no_template", "no minutiae in the file", True)
        return PrintFile([], [], (*problems, empty))
    ids = [name] if len(found) == 1 else [f"{name}-{i + 1}" for i in range(len(found))]
    return PrintFile(ids, list(found), problems)
