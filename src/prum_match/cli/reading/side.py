"""The file of ``--keys``: ids with subject, label and expiry, and nothing else."""

from __future__ import annotations

from typing import Any

from prum_match.cli.reading.keys import COLUMNS, Keys
from prum_match.cli.reading.rows import Kind, read_rows
from prum_match.errors import InvalidInput

# Three texts of a gallery are much shorter.
_LONGEST_LINE = 1 << 16


def _nothing(row: dict[str, Any]) -> None:
    """Make no item."""


_KIND = Kind(_nothing, _nothing, (), frozenset(), _LONGEST_LINE, needs_id=True)


def read_side(path: str) -> dict[str, Keys]:
    """Return the keys of each id, in the order of the file.

    Whatever is wrong with the file is an error: a date of deletion must not get lost under a name
    that is not read.
    """
    try:
        (file,) = read_rows(path, None, _KIND)
    except InvalidInput as error:  # which names FILE
        raise _bad(str(error.args[0]), error.code) from None
    for problem in file.problems:
        name = "" if problem.field is None else f" ({problem.field})"
        raise _bad(f"line {problem.line}: {problem.message}{name}", problem.code)
    found = dict(zip(file.ids, file.keys, strict=True))
    if len(found) < len(file.ids):
        raise _bad("an id occurs twice", "duplicate_reference")
    if not any(found.values()):
        raise _bad(f"the file has none of {', '.join(COLUMNS)}", "missing_column")
    return found


def _bad(message: str, code: str) -> InvalidInput:
    return InvalidInput(message, code=code, field="--keys")
