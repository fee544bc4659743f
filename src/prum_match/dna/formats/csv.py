"""Profiles from delimited text: one row a profile, or one row a marker."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from prum_match.dna.formats.reading import (
    KEYS,
    Collector,
    PartialProfile,
    ProfileFile,
    Source,
    read_text,
)
from prum_match.dna.formats.tables import (
    Row,
    fold,
    header_of,
    is_height,
    marker_column,
    rows,
    sniff,
    unknown_marker,
)
from prum_match.dna.profiles.alleles import resembles_number
from prum_match.dna.profiles.loci import ignored_marker, locus
from prum_match.dna.profiles.normalise import check_single_allele
from prum_match.dna.profiles.profile import Kind
from prum_match.errors import InvalidInput
from prum_match.values.checks import one_of

# Best first. UD1 is the first user-defined column of GeneMapper exports; an empty header over the
# first column is what R writes for row names.
_ID_HEADERS = (
    *("referenceid", "samplename", "specimenid", "sampleid", "sample", "specimen", "profileid"),
    *("id", "ud1"),
)
_MARKER_HEADERS = ("marker", "locus", "markername", "locusname")
_KIND_HEADER = "kind"
_SINGLE_HEADER = "singleallele"
_ALLELE = re.compile(r"allele([0-9]{0,2})", re.ASCII)
_POINT_AND_COMMA = str.maketrans(".,", ",.")


def read_csv(
    source: Source,
    *,
    kind: Kind | str = Kind.REFERENCE,
    single_allele: str | None = None,
    decimal: str = ".",
    delimiter: str | None = None,
    max_bytes: int = 1 << 28,
) -> ProfileFile:
    r"""Read profiles from delimited text.

    Two layouts are told apart by the header. *Wide*: one row a profile, each locus in one or
    more columns (``FGA_1, FGA_2``, ``FGA.1``, ``FGA 1``, or ``FGA`` repeated). *Long*: one row a
    marker (``Sample Name, Marker, Allele 1, Allele 2, ...``); the rows of a profile need not stand
    together. Blank cells and ``NULL`` are no value. A column ``kind`` or ``single_allele``, where
    it is filled in, wins over the parameter. Columns ``subject_id``, ``label`` and ``expires``,
    under exactly these names, become ``ProfileFile.keys``; the rows of a profile agree about them.

    Parameters
    ----------
    source : path, bytes or binary file
        UTF-8 with or without a byte order mark, or UTF-16 with one; anything else is read as
        Latin-1, with a problem.
    kind : Kind or str, default "reference"
        Origin of the profiles.
    single_allele : {"homozygote", "wildcard", "drop"}, optional
        Meaning of a single value; by default as for :class:`~prum_match.dna.Profile`.
    decimal : {".", ","}, default "."
        The decimal sign of the whole file.
    delimiter : {",", ";", tab}, optional
        By default the most frequent one of the header.
    max_bytes : int, default 2**28
        Most bytes that are read.

    Returns
    -------
    ProfileFile
        Profiles, and problems with the codes of :class:`~prum_match.dna.Profile` and
        ``"bad_reference_id"``, ``"missing_id"``, ``"duplicate_reference"``, ``"ragged_row"``,
        ``"repeated_marker"``, ``"conflicting_kind"``, ``"ignored_column"``, ``"encoding"``.

    Raises
    ------
    InvalidInput
        Code ``"bad_header"`` if a column of ids or of alleles is missing, ``"bad_csv"``,
        ``"duplicate_locus"`` if two spellings of one locus have columns, ``"empty_file"``,
        ``"too_large"``, ``"bad_option"``, ``"bad_kind"``, ``"bad_source"``.

    Examples
    --------
    >>> file = read_csv(b"sample,pop,TH01_1,TH01_2\nA-17,x,6,9.3\nA-18,x,6,9.4\n")
    >>> file.profiles[0].pairs["TH01"]
    (24, 39)
    >>> for problem in file.problems:
    ...     print(problem.line, problem.field, problem.code)
    1 pop ignored_column
    3 TH01 bad_allele
    """
    one_of(decimal, "decimal", (".", ","), code="bad_option")
    if delimiter is not None:
        one_of(delimiter, "delimiter", (",", ";", "\t"), code="bad_option")
    collector = Collector(kind, single_allele)
    text = read_text(source, max_bytes, collector)
    table = rows(text, sniff(text) if delimiter is None else delimiter)
    layout = _layout(header_of(table), collector)
    if layout.marker is None:
        _read_wide(layout, table, decimal, collector)
    else:
        _read_long(layout, table, decimal, collector)
    return collector.finish()


class _Layout(NamedTuple):
    """Meanings of the columns."""

    width: int
    reference_id: int
    marker: int | None
    kind: int | None
    single_allele: int | None
    alleles: tuple[int, ...]
    loci: Mapping[str, tuple[int, ...]]
    keys: Mapping[str, int]

    def keys_in(self, cells: Sequence[str]) -> dict[str, str]:
        """Return what a row says of the reference besides its profile."""
        return {name: _value(cells[column], ".") for name, column in self.keys.items()}


@dataclass(slots=True)
class _Sample(PartialProfile):
    """A profile of the long layout while its rows are read."""

    kind: Kind | None = None
    single_allele: str | None = None
    keys: dict[str, str] | None = None
    refused: bool = False


def _layout(header: Row, collector: Collector) -> _Layout:
    """Find the meanings of the columns; unused columns are reported."""
    names = [cell.strip() for cell in header.cells]
    folded = [fold(name) for name in names]

    def first(wanted: Iterable[str]) -> int | None:
        return next((folded.index(name) for name in wanted if name in folded), None)

    reference_id = first(_ID_HEADERS)
    if reference_id is None and not names[0]:
        reference_id = 0
    if reference_id is None:
        raise _bad_header("no column holds the ids of the profiles")
    marker = first(_MARKER_HEADERS)
    keys = {name: names.index(name) for name in KEYS if name in names}
    special = {reference_id, marker, first([_KIND_HEADER]), first([_SINGLE_HEADER])}
    special.update(keys.values())
    rest = [column for column in range(len(names)) if column not in special]

    alleles: list[tuple[int, int]] = []
    loci: dict[str, list[tuple[int, int]]] = {}
    for column in rest:
        name = names[column]
        if marker is not None and (numbered := _ALLELE.fullmatch(folded[column])):
            alleles.append((int(numbered[1] or 0), column))
        elif marker is None and (found := marker_column(name)) is not None:
            loci.setdefault(found[0], []).append((found[1], column))
        elif name:
            _ignore(header.line, name, marker is None, collector)
    if not alleles and not loci:
        raise _bad_header("no column holds alleles")
    _check_spellings(loci)
    return _Layout(
        len(names),
        reference_id,
        marker,
        first([_KIND_HEADER]),
        first([_SINGLE_HEADER]),
        tuple(column for _, column in sorted(alleles)),
        {name: tuple(column for _, column in sorted(found)) for name, found in loci.items()},
        keys,
    )


def _ignore(line: int, name: str, wide: bool, collector: Collector) -> None:
    """Report a column that is not read."""
    unknown = unknown_marker(name) if wide else None
    if unknown is not None:
        collector.problem(line, None, name, unknown, "the locus of this column is not read")
    elif is_height(name):
        collector.problem(line, None, name, "ignored_column", "peak measurements are not used")
    else:
        collector.problem(line, None, name, "ignored_column", "the column is not used")


def _check_spellings(loci: Mapping[str, list[tuple[int, int]]]) -> None:
    """Refuse a header in which one locus has columns under two spellings, or a number twice."""
    owners: Counter[str] = Counter()
    for name, found in loci.items():
        if ignored_marker(name):
            continue
        owners[locus(name).name] += 1
        numbers = Counter(number for number, _ in found if number)
        if any(count > 1 for count in numbers.values()):
            raise _duplicate(name, "two columns are the same allele of this locus")
    for name, count in owners.items():
        if count > 1:
            raise _duplicate(name, "the locus has columns under two spellings")


def _read_wide(layout: _Layout, table: Iterable[Row], decimal: str, collector: Collector) -> None:
    """Read one profile a row."""
    for line, cells in table:
        if not _fits(layout, line, cells, collector):
            continue
        reference_id = collector.usable_id(line, cells[layout.reference_id])
        if reference_id is None:
            continue
        try:
            kind, single = _options(layout, cells)
        except InvalidInput as error:
            collector.refuse(line, reference_id, error)
            continue
        loci = {
            name: tuple(_value(cells[column], decimal) for column in columns)
            for name, columns in layout.loci.items()
        }
        keys = layout.keys_in(cells)
        collector.add(line, reference_id, loci, kind=kind, single_allele=single, keys=keys)


def _read_long(layout: _Layout, table: Iterable[Row], decimal: str, collector: Collector) -> None:
    """Read one marker a row; a bad row refuses the profile that it belongs to."""
    samples: dict[str, _Sample] = {}
    for line, cells in table:
        fits = _fits(layout, line, cells, collector)
        if len(cells) <= layout.reference_id:
            continue
        reference_id = collector.usable_id(line, cells[layout.reference_id])
        if reference_id is None:
            continue
        sample = samples.setdefault(reference_id, _Sample(line, reference_id))
        if not fits:
            sample.refused = True
            continue
        try:
            _read_marker(layout, line, cells, decimal, sample, collector)
        except InvalidInput as error:
            sample.refused = True
            collector.refuse(line, reference_id, error)
    for sample in samples.values():
        if not sample.refused:
            collector.add(
                sample.line,
                sample.reference_id,
                sample.loci,
                kind=sample.kind,
                single_allele=sample.single_allele,
                lines=sample.lines,
                keys=sample.keys,
            )


def _read_marker(
    layout: _Layout,
    line: int,
    cells: list[str],
    decimal: str,
    sample: _Sample,
    collector: Collector,
) -> None:
    """Add one row of the long layout to its profile."""
    kind, single = _options(layout, cells)
    if sample.loci and (kind, single) != (sample.kind, sample.single_allele):
        raise InvalidInput(
            "the rows of the profile disagree about its kind",
            code="conflicting_kind",
            field="kind",
        )
    sample.kind, sample.single_allele = kind, single
    keys = layout.keys_in(cells)
    if sample.keys not in (None, keys):
        raise InvalidInput(
            "the rows of the profile disagree about its subject, label or expiry",
            code="conflicting_keys",
            field=next(name for name in keys if keys[name] != (sample.keys or {}).get(name)),
        )
    sample.keys = keys
    name = cells[layout.marker or 0].strip()
    values = [_value(cells[column], decimal) for column in layout.alleles]
    sample.add_locus(line, name, values, collector)


def _fits(layout: _Layout, line: int, cells: list[str], collector: Collector) -> bool:
    """Tell whether a row has as many cells as the header; further blank ones are allowed."""
    if len(cells) >= layout.width and not any(map(str.strip, cells[layout.width :])):
        return True
    column = layout.reference_id
    reference_id = cells[column].strip() if column < len(cells) else ""
    message = "the row has more or fewer cells than the header"
    shown = reference_id if reference_id.isascii() and len(reference_id) <= 64 else ""
    collector.problem(line, shown or None, None, "ragged_row", message, refused=True)
    return False


def _options(layout: _Layout, cells: list[str]) -> tuple[Kind | None, str | None]:
    """Return the kind and the meaning of a single value that a row states."""
    kind = single = ""
    if layout.kind is not None:
        kind = cells[layout.kind].strip()
    if layout.single_allele is not None:
        single = cells[layout.single_allele].strip().lower()
    if single:
        check_single_allele(single)
    return Kind.parse(kind) if kind else None, single or None


def _value(cell: str, decimal: str) -> str:
    """Return the value of a cell with a decimal point, empty if there is none."""
    text = cell.strip()
    if not text or text.upper() == "NULL":
        return ""
    # In a file with a decimal comma a point is as wrong as a comma elsewhere: both are swapped,
    # and rule N9 refuses what is left.
    if decimal == "," and resembles_number(text):
        return text.translate(_POINT_AND_COMMA)
    return text


def _bad_header(message: str) -> InvalidInput:
    return InvalidInput(message, code="bad_header", field="header")


def _duplicate(name: str, message: str) -> InvalidInput:
    return InvalidInput(message, code="duplicate_locus", field=name)
