"""Profiles from JSON Lines: one object a profile."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any, BinaryIO

from prum_match.dna.formats.reading import KEYS, Collector, ProfileFile, Source, read_bytes
from prum_match.dna.profiles.loci import ignored_marker
from prum_match.dna.profiles.normalise import check_single_allele
from prum_match.dna.profiles.profile import Kind
from prum_match.errors import InvalidInput
from prum_match.values.text import unique_members

_NAMES = frozenset({"reference_id", "loci", "kind", "single_allele", *KEYS})
# A profile of 255 loci needs a tenth of that.
_LONGEST_LINE = 1 << 16


def read_jsonl(
    source: Source,
    *,
    kind: Kind | str = Kind.REFERENCE,
    single_allele: str | None = None,
    max_bytes: int = 1 << 28,
) -> ProfileFile:
    r"""Read profiles from JSON Lines.

    A line is an object with ``reference_id`` and ``loci``, an object of locus names and values:
    text, a number, or a list of them. ``kind`` and ``single_allele``, where they are given, win
    over the parameters. ``subject_id``, ``label`` and ``expires`` become ``ProfileFile.keys``.

    Parameters
    ----------
    source : path, bytes or binary file
        UTF-8.
    kind : Kind or str, default "reference"
        Origin of the profiles.
    single_allele : {"homozygote", "wildcard", "drop"}, optional
        Meaning of a single value; by default as for :class:`~prum_match.dna.Profile`.
    max_bytes : int, default 2**28
        Most bytes that are read.

    Returns
    -------
    ProfileFile
        Profiles, and problems with the codes of :class:`~prum_match.dna.Profile` and
        ``"bad_json"``, ``"missing_id"``, ``"bad_reference_id"``, ``"duplicate_reference"``,
        ``"ignored_element"``.

    Raises
    ------
    InvalidInput
        Codes ``"empty_file"``, ``"too_large"``, ``"bad_option"``, ``"bad_kind"``,
        ``"bad_source"``.

    Examples
    --------
    >>> file = read_jsonl(b'{"reference_id": "A-17", "loci": {"TH01": [6, 9.3], "vWA": "16"}}\n')
    >>> file.profiles[0].pairs["TH01"]
    (24, 39)
    """
    stream = io.BytesIO(read_bytes(source, max_bytes))
    (file,) = jsonl_batches(stream, None, kind=kind, single_allele=single_allele)
    return file


def jsonl_batches(
    stream: BinaryIO,
    size: int | None,
    *,
    kind: Kind | str = Kind.REFERENCE,
    single_allele: str | None = None,
) -> Iterator[ProfileFile]:
    r"""Read JSON Lines piece by piece, so that a file may be larger than memory."""
    numbered = enumerate(iter(lambda: stream.readline(_LONGEST_LINE + 1), b""), 1)
    lines = ((line, data) for line, data in numbered if not data.isspace())
    ignored: set[str] = set()
    first = next(lines, None)
    if first is None:
        raise InvalidInput("the file is empty", code="empty_file", field="source")
    while first is not None:
        collector = Collector(kind, single_allele)
        rest = lines if size is None else islice(lines, size - 1)
        for line, data in chain([first], rest):
            _read_line(line, data, collector, ignored)
        yield collector.finish()
        first = next(lines, None)


def _read_line(line: int, data: bytes, collector: Collector, ignored: set[str]) -> None:
    """Collect the profile of a line, or record why it is refused."""
    if len(data) > _LONGEST_LINE:
        raise InvalidInput(
            f"line {line} is longer than any profile", code="too_large", field="source"
        )
    record = _parsed(data)
    if record is None:
        message = "the line is not a JSON object in which every name occurs once"
        collector.problem(line, None, None, "bad_json", message, refused=True)
        return
    for name in record.keys() - _NAMES - ignored:
        ignored.add(name)
        collector.problem(line, None, name, "ignored_element", "the element is not read")
    given = record.get("reference_id")
    reference_id = collector.usable_id(line, given if isinstance(given, str) else "")
    if reference_id is None:
        return
    try:
        kind, single = _options(record)
    except InvalidInput as error:
        collector.refuse(line, reference_id, error)
        return
    loci = record.get("loci")
    if not isinstance(loci, dict):
        no_loci = InvalidInput("loci is not an object", code="bad_profile", field="loci")
        collector.refuse(line, reference_id, no_loci)
        return
    read = {n: v for n, v in loci.items() if _is_read(n, line, reference_id, collector)}
    keys = {name: record[name] for name in KEYS if name in record}
    collector.add(line, reference_id, read, kind=kind, single_allele=single, keys=keys)


def _parsed(data: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(data, object_pairs_hook=unique_members, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _refuse_constant(name: str) -> None:
    raise ValueError("not JSON")


def _options(record: Mapping[str, Any]) -> tuple[Kind | None, str | None]:
    """Return the kind and the meaning of a single value that a line states."""
    kind, single = record.get("kind"), record.get("single_allele")
    if single is not None:
        check_single_allele(single)
    return None if kind is None else Kind.parse(kind), single


def _is_read(name: str, line: int, reference_id: str, collector: Collector) -> bool:
    """Tell whether a locus is known or ignored; otherwise report that it is left out."""
    return ignored_marker(name) or collector.known_locus(line, reference_id, name) is not None
