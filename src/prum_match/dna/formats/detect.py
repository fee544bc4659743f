"""Which format a file is in, by its beginning."""

from __future__ import annotations

import codecs

from prum_match.dna.formats.tables import fold


def format_of(head: bytes) -> str:
    r"""Return the format of a file: ``"csv"``, ``"genemapper"``, ``"codis"`` or ``"jsonl"``.

    Whatever is none of the others is taken for CSV, whose reader says what is wrong with it.
    """
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = head.decode("utf-16" if wide else "utf-8-sig", "replace").lstrip()
    if text.startswith("<"):
        return "codis"
    if text.startswith("{"):
        return "jsonl"
    header = [fold(cell) for cell in text.split("\n", 1)[0].split("\t")]
    # The export with one row a marker begins alike, and is for the reader of CSV.
    one_row_a_sample = header[:2] == ["samplefile", "samplename"] and "marker" not in header
    return "genemapper" if one_row_a_sample else "csv"
