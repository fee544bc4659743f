"""Reading of references and probes from files of any category, batch by batch."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import dna
from prum_match.cli.output import emit
from prum_match.cli.reading.batch import Batch
from prum_match.cli.reading.keys import Keys, joined, keyed
from prum_match.cli.reading.persons import read_persons
from prum_match.cli.reading.prints import read_prints
from prum_match.cli.reading.problems import FileProblem
from prum_match.cli.reading.rows import ItemFile
from prum_match.cli.reading.side import read_side
from prum_match.cli.reading.vehicles import read_queries, read_registrations
from prum_match.dactyloscopy import Template
from prum_match.dna.formats.detect import format_of
from prum_match.dna.formats.jsonl import jsonl_batches
from prum_match.errors import InvalidInput

_OF_DNA = ("format", "kind", "single_allele", "decimal")
_OF_OTHERS = {
    "dna": ("ids",),
    "face": _OF_DNA,
    "dactyloscopy": ("ids", *_OF_DNA),
    "vehicle": ("ids", *_OF_DNA),
    "police_record": ("ids", *_OF_DNA),
}


def batches(
    category: str, options: argparse.Namespace, size: int | None, *, probes: bool = False
) -> Iterator[Batch]:
    """Read the items of a file; with no size they are one batch.

    References come with their keys, of the file itself or of ``--keys``.
    """
    _check_options(category, options)
    if category == "face":
        if options.ids is None and not probes:
            raise InvalidInput("vectors need --ids", code="missing_id", field="--ids")
        found = _vectors(options, size)
    elif category == "dactyloscopy":
        found = _prints(options, size)
    elif category in ("vehicle", "police_record"):
        found = _rows(category, options, size, probes)
    else:
        found = _profiles(options, size)
    if probes:
        return found
    return keyed(found) if options.keys is None else joined(found, keys_of(options.keys))


def keys_of(path: str) -> dict[str, Keys]:
    """Read the file of ``--keys``."""
    with _reading("--keys"):
        return read_side(path)


def stop_at_the_first(batch: Batch, done: str) -> None:
    """Raise the error of the first refused item; `done` says what was not done."""
    for problem in batch.problems:
        if problem.refused:
            place = "" if problem.line is None else f"line {problem.line}: "
            raise InvalidInput(
                f"{place}{problem.message}; nothing was {done}",
                code=problem.code,
                field=problem.field,
            )


def _check_options(category: str, options: argparse.Namespace) -> None:
    for name in _OF_OTHERS[category]:
        if getattr(options, name) is not None:
            option = "--" + name.replace("_", "-")
            raise InvalidInput(
                f"{option} does not apply to the category {category}",
                code="bad_option",
                field=option,
            )


def report(problems: Sequence[dna.formats.ImportProblem | FileProblem]) -> int:
    """Print problems, without values, and return how many of them refuse an item."""
    for problem in problems:
        emit(
            type="refused" if problem.refused else "ignored",
            line=problem.line,
            index=None,
            reference_id=problem.reference_id,
            field=problem.field,
            code=problem.code,
            message=problem.message,
        )
    return sum(problem.refused for problem in problems)


def read_lines(path: str, argument: str) -> list[str]:
    """Return the lines of a file of ids."""
    with _reading(argument), open(path, encoding="utf-8", errors="replace") as file:
        return [line.rstrip("\n") for line in file]


def _profiles(options: argparse.Namespace, size: int | None) -> Iterator[Batch]:
    first = 0
    for file in _profile_files(options, size):
        n = max(len(file), 1)
        for start, end in pairwise([*range(0, n, size or n), len(file)]):
            problems = file.problems if start == 0 else ()
            ids, items = file.reference_ids[start:end], file.profiles[start:end]
            yield Batch(first + start, ids, items, problems, file.keys[start:end])
        first += len(file)


def _profile_files(
    options: argparse.Namespace, size: int | None
) -> Iterator[dna.formats.ProfileFile]:
    names = ("kind", "single_allele")
    given = {n: value for n in names if (value := getattr(options, n)) is not None}
    with _reading("FILE"), open(options.file, "rb") as file:
        chosen = options.format or "auto"
        if chosen == "auto":
            chosen = format_of(file.peek())
        if chosen == "jsonl":
            yield from jsonl_batches(file, size, **given)
        elif chosen == "codis":
            yield dna.read_codis(file, **given)
        elif chosen == "genemapper":
            yield dna.read_genemapper(file, **given)
        else:
            yield dna.read_csv(file, decimal=options.decimal or ".", **given)


def _prints(options: argparse.Namespace, size: int | None) -> Iterator[Batch]:
    first = 0
    ids: list[str] = []
    templates: list[Template] = []
    problems: list[FileProblem] = []
    with _reading("FILE"):
        for file in read_prints(options.file):
            ids += file.ids
            templates += file.items
            problems += file.problems
            if size is not None and len(ids) >= size:
                yield Batch(first, ids, templates, tuple(problems))
                first += len(ids)
                ids, templates, problems = [], [], []
    yield Batch(first, ids, templates, tuple(problems))


def _rows(
    category: str, options: argparse.Namespace, size: int | None, probes: bool
) -> Iterator[Batch]:
    first = 0
    read: Callable[[str, int | None], Iterator[ItemFile]] = partial(
        read_persons, needs_id=not probes
    )
    if category == "vehicle":
        read = read_queries if probes else read_registrations
    with _reading("FILE"):
        for file in read(options.file, size):
            yield Batch(first, file.ids, file.items, file.problems, file.keys)
            first += len(file.ids)


def _vectors(options: argparse.Namespace, size: int | None) -> Iterator[Batch]:
    vectors = _matrix(options.file)
    n = len(vectors)
    ids = [str(i) for i in range(n)] if options.ids is None else read_lines(options.ids, "--ids")
    if len(ids) != n:
        raise InvalidInput(
            "give as many ids as the matrix has rows", code="length_mismatch", field="--ids"
        )
    step = size or max(n, 1)
    for start in range(0, max(n, 1), step):
        end = start + step
        yield Batch(start, ids[start:end], vectors[start:end])


def _matrix(path: str) -> NDArray[Any]:
    """Map the matrix of a .npy file; a single vector becomes a matrix of one row."""
    with _reading("FILE"):
        try:
            return np.atleast_2d(np.lib.format.open_memmap(path, mode="r"))
        except ValueError:
            # Also raised for a .npy of Python objects.
            raise InvalidInput(
                "not a .npy file of a matrix of numbers", code="bad_npy", field="FILE"
            ) from None


@contextmanager
def _reading(argument: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InvalidInput(
            f"the file cannot be read: {error.strerror}", code="unreadable_file", field=argument
        ) from error
