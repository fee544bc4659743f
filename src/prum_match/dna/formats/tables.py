"""Rows of delimited text, and the meaning of header cells."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from prum_match.dna.profiles.loci import ignored_marker, locus
from prum_match.errors import InvalidInput

_DELIMITERS = ",;\t"
_SUFFIXED = re.compile(r"(.+?)[ _.\-]+([1-9])")
_LOCUS_LIKE = re.compile(r"D[0-9]{1,2}S[0-9]+.*|PENTA.*", re.ASCII)
# Markers are shorter, and the pattern above takes quadratic time on a run of separators.
_LONGEST_HEADER = 64
_HEIGHT = re.compile(r"(peak)?(height|area|size|rfu|datapoint)s?[0-9]*", re.ASCII)


class Row(NamedTuple):
    """The cells of one line, with the number of the line."""

    line: int
    cells: list[str]


def rows(text: str, delimiter: str) -> Iterator[Row]:
    r"""Yield the rows that are not blank; a row may span several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise InvalidInput(
                f"line {line} cannot be split into cells", code="bad_csv", field="source"
            ) from None
        if any(cell and not cell.isspace() for cell in cells):
            yield Row(line, cells)


def header_of(table: Iterator[Row]) -> Row:
    """Take the first row of a table."""
    header = next(table, None)
    if header is None:
        raise InvalidInput("the file is empty", code="empty_file", field="source")
    return header


def sniff(text: str) -> str:
    """Return the delimiter of a table: the most frequent one of its first line."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    unquoted = re.sub(r'"[^"]*"', "", first)
    counts = Counter({sign: unquoted.count(sign) for sign in _DELIMITERS})
    delimiter, count = counts.most_common(1)[0]
    if count == 0:
        raise InvalidInput(
            "the first line is not the header of a table: it has no comma, semicolon or tab",
            code="bad_header",
            field="header",
        )
    return delimiter


def fold(header: str) -> str:
    """Return the letters and digits of a header cell in lower case."""
    return "".join(filter(str.isalnum, header)).lower()


def is_height(header: str) -> bool:
    """Tell whether a column holds a measurement of a peak, which no comparison uses."""
    return _HEIGHT.fullmatch(fold(header)) is not None


def marker_column(header: str) -> tuple[str, int] | None:
    """Return the marker of a column of alleles, and the number of the allele.

    The number is 0 if the header has none. A marker that is never compared counts as well: the
    profile notes that it was dropped.
    """
    name = header.strip()
    if len(name) > _LONGEST_HEADER:
        return None
    if _is_locus(name):
        return name, 0
    suffixed = _SUFFIXED.fullmatch(name)
    if suffixed and (_is_locus(suffixed[1]) or ignored_marker(suffixed[1])):
        return suffixed[1], int(suffixed[2])
    return (name, 0) if ignored_marker(name) else None


def unknown_marker(header: str) -> str | None:
    """Return the code for a column that looks like a locus which the library does not know."""
    if len(header) > _LONGEST_HEADER:
        return None
    suffixed = _SUFFIXED.fullmatch(header.strip())
    for name in (header, suffixed[1] if suffixed else header):
        try:
            locus(name)
        except InvalidInput as error:
            if error.code == "ambiguous_locus":
                return error.code
    return "unknown_locus" if _LOCUS_LIKE.fullmatch(fold(header).upper()) else None


def _is_locus(name: str) -> bool:
    try:
        locus(name)
    except InvalidInput:
        return False
    return True
