"""Profiles from the genotype table of GeneMapper: one row a sample, one cell a marker."""

from __future__ import annotations

from prum_match.dna.formats.reading import Collector, ProfileFile, Source, read_text
from prum_match.dna.formats.tables import (
    Row,
    fold,
    header_of,
    is_height,
    marker_column,
    rows,
    unknown_marker,
)
from prum_match.dna.profiles.loci import ignored_marker, locus
from prum_match.dna.profiles.profile import Kind
from prum_match.errors import InvalidInput

_SAMPLE_FILE = 0
_SAMPLE_NAME = 1


def read_genemapper(
    source: Source,
    *,
    kind: Kind | str = Kind.REFERENCE,
    single_allele: str | None = None,
    max_bytes: int = 1 << 28,
) -> ProfileFile:
    r"""Read a tab-delimited genotype table with the alleles of a marker in one cell.

    The header begins with ``Sample File`` and ``Sample Name``; each further column is a marker
    whose cells hold alleles divided by commas (``11, 12, , ,``), optionally followed by a column
    ``Height``. The sample name is the reference id. Tables with one row a marker are read with
    :func:`~prum_match.dna.read_csv`.

    Parameters
    ----------
    source : path, bytes or binary file
        The table; encodings as in :func:`~prum_match.dna.read_csv`.
    kind : Kind or str, default "reference"
        Origin of the profiles.
    single_allele : {"homozygote", "wildcard", "drop"}, optional
        Meaning of a single value; by default as for :class:`~prum_match.dna.Profile`.
    max_bytes : int, default 2**28
        Most bytes that are read.

    Returns
    -------
    ProfileFile
        Profiles and problems, with the codes of :func:`~prum_match.dna.read_csv`.

    Raises
    ------
    InvalidInput
        Code ``"bad_header"`` if the header begins otherwise or names no marker, else as
        :func:`~prum_match.dna.read_csv`.

    Examples
    --------
    >>> table = b"Sample File\tSample Name\tTH01\tAMEL\na.fsa\tS-1\t6, 9.3, , \tX, Y, , \n"
    >>> read_genemapper(table).profiles[0].pairs["TH01"]
    (24, 39)
    """
    collector = Collector(kind, single_allele)
    table = rows(read_text(source, max_bytes, collector), "\t")
    header = header_of(table)
    columns = _columns(header, collector)
    for line, cells in table:
        if len(cells) < len(header.cells) or any(map(str.strip, cells[len(header.cells) :])):
            message = "the row has more or fewer cells than the header"
            collector.problem(line, None, None, "ragged_row", message, refused=True)
            continue
        reference_id = collector.usable_id(line, cells[_SAMPLE_NAME])
        if reference_id is not None:
            loci = {
                name: tuple(text for value in cells[column].split(",") if (text := value.strip()))
                for name, column in columns.items()
            }
            collector.add(line, reference_id, loci)
    return collector.finish()


def _columns(header: Row, collector: Collector) -> dict[str, int]:
    """Return the column of each marker; columns that are not read are reported."""
    names = [cell.strip() for cell in header.cells]
    if [fold(name) for name in names[:2]] != ["samplefile", "samplename"]:
        raise InvalidInput(
            "the header of a genotype table begins with Sample File and Sample Name",
            code="bad_header",
            field="header",
        )
    columns: dict[str, int] = {}
    heights = False
    for column, name in enumerate(names[2:], start=2):
        found = marker_column(name)
        if found is not None and found[1] == 0:
            key = name if ignored_marker(name) else locus(name).name
            if key in columns:
                raise InvalidInput("the marker has two columns", code="duplicate_locus", field=key)
            columns[key] = column
        elif is_height(name):
            heights = True
        elif name:
            code = unknown_marker(name) or "ignored_column"
            collector.problem(header.line, None, name, code, "the column is not read")
    if heights:
        message = "peak measurements are not used"
        collector.problem(header.line, None, "Height", "ignored_column", message)
    if not columns:
        raise InvalidInput("no column holds a marker", code="bad_header", field="header")
    return columns
