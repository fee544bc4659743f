"""Profiles in tables of other libraries: a column an allele, or one column of packed profiles.

What :class:`Profile` makes of a row is what counts. Rows with plain values alone are read and
encoded in native code; every other row goes through :class:`Profile` itself.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from prum_match.dna.columns.encoding import encode_packed, encode_profiles, encode_table
from prum_match.dna.profiles._alleles import find_packed, read_alleles
from prum_match.dna.profiles.loci import AMELOGENIN, ignored_marker, loci, locus
from prum_match.dna.profiles.profile import Kind, Profile
from prum_match.dna.profiles.table import ProfileTable
from prum_match.engine import Columns, Encoded, Layout, Strings, Table
from prum_match.engine.progress import paced
from prum_match.errors import InvalidInput, PrumError
from prum_match.values.rows import Rows

_ALLELE = re.compile(r"(.+)_([1-9])")


class _Part(NamedTuple):
    """Some rows, encoded."""

    rows: NDArray[np.int64]
    columns: Columns
    notes: Mapping[str, int]


class _Layout(NamedTuple):
    """Columns of alleles by canonical locus, in the order of the values; and other markers."""

    loci: dict[str, list[str]]
    markers: dict[str, list[str]]


class TableProfiles(Rows[Profile]):
    """Rows of a table as profiles; a row that is none raises its error when it is asked for."""

    # Rows that native code does not read.
    _odd: NDArray[np.bool_]

    @abstractmethod
    def _profile(self, row: int) -> Profile:
        """Make the profile of any row."""

    @abstractmethod
    def _encode_plain(self) -> Iterator[_Part]:
        """Encode the rows that are not odd."""

    def encode(self, layout: Layout[Profile]) -> Encoded:
        """Encode all rows, in their order; refuse those that are no profiles."""
        parts = [part for part in self._encode_plain() if len(part.rows)]
        rows, profiles, refused = [], [], []
        for row in paced(np.flatnonzero(self._odd).tolist()):
            try:
                profiles.append(self[row])
                rows.append(row)
            except PrumError as error:
                refused.append(error)
        if profiles or not parts:
            odd = encode_profiles(profiles)
            parts.append(_Part(np.array(rows, np.int64), odd.columns, odd.notes))
        notes: Counter[str] = Counter()
        for part in parts:
            notes.update(part.notes)
        accepted = np.concatenate([part.rows for part in parts])
        columns = parts[0].columns
        if len(parts) > 1:
            order = np.argsort(accepted)
            merged = layout.merge([part.columns for part in parts])
            columns, accepted = layout.unseal(merged, order.astype(np.uint32)), accepted[order]
        return Encoded(columns, accepted, tuple(refused), {r: n for r, n in notes.items() if n})

    def __len__(self) -> int:
        return len(self._odd)

    def _item_at(self, row: int) -> Profile:
        try:
            return self._profile(row)
        except PrumError as error:
            raise error.at(row) from None


class _AlleleColumns(TableProfiles):
    """Profiles of a column an allele; a locus whose values are all null is not typed."""

    def __init__(self, table: Table) -> None:
        layout = _layout(table.names)
        self._markers = list(layout.markers)
        self._columns = {
            name: tuple(table.strings(column) for column in columns)
            for name, columns in layout.loci.items()
        }
        self._typed = [locus(name) for name in self._columns if name != AMELOGENIN]
        slots = {entry.name: (slot, entry.period) for slot, entry in enumerate(self._typed)}
        native = [(*slots.get(name, (-1, 0)), found) for name, found in self._columns.items()]
        self._tenths, self._sexes, self._blanks, self._odd = read_alleles(
            native, len(slots), table.n
        )
        self._kinds = table.strings("kind") if "kind" in table else None
        self._stain = np.zeros(table.n, np.bool_)
        if self._kinds is not None:
            self._read_kinds(self._kinds)

    def _read_kinds(self, kinds: Strings) -> None:
        numbers, texts = kinds.distinct()
        stain, unknown = (np.zeros(len(texts), np.bool_) for _ in range(2))
        for number, text in enumerate(texts):
            try:
                stain[number] = text is not None and Kind.parse(text) is Kind.STAIN
            except InvalidInput:
                unknown[number] = True
        self._stain = stain[numbers]
        self._odd |= unknown[numbers]

    def _profile(self, row: int) -> Profile:
        values: dict[str, Any] = {}
        for name, columns in self._columns.items():
            first, second, *more = (strings[row] for strings in columns)
            more = [text for text in more if text]
            if more or first is not None or second is not None:
                values[name] = (first, second, *more)
        values |= dict.fromkeys(self._markers)
        kind = None if self._kinds is None else self._kinds[row]
        return Profile(values, kind=Kind.REFERENCE if kind is None else kind)

    def _encode_plain(self) -> Iterator[_Part]:
        for kind, of_kind in ((Kind.REFERENCE, ~self._stain), (Kind.STAIN, self._stain)):
            rows = np.flatnonzero(of_kind & ~self._odd)
            # Most tables have one kind and nothing odd, and are large.
            tenths = self._tenths if len(rows) == len(self) else self._tenths[rows]
            names = [entry.name for entry in self._typed]
            encoded = encode_table(ProfileTable(names, tenths, kind=kind))
            columns = dict(encoded.columns)
            columns["meta"] = columns["meta"] | self._sexes[rows] << 4
            blanks = int(self._blanks[rows].sum())
            dropped = len(rows) * len(self._markers)
            yield _Part(rows, columns, {**encoded.notes, "N7": blanks, "export": dropped})


class _PackedColumn(TableProfiles):
    """Profiles as :attr:`Profile.packed` has them."""

    def __init__(self, table: Table) -> None:
        self._strings = table.binary("profile")
        periods = np.array([entry.period for entry in loci()], np.uint8)
        packed, self._mixtures = find_packed(self._strings, periods)
        self._odd = ~packed

    def _profile(self, row: int) -> Profile:
        return Profile.from_packed(self._strings[row])

    def _encode_plain(self) -> Iterator[_Part]:
        offsets, packed = self._strings.take(~self._odd)
        notes = {"N5b": int(np.count_nonzero(self._mixtures))}
        yield _Part(np.flatnonzero(~self._odd), encode_packed(packed.tobytes(), offsets), notes)


def columns_of(names: Sequence[str]) -> Collection[str]:
    """Return which columns of a table of profiles are read."""
    if "profile" in names:
        return {"profile"}
    layout = _layout(names)
    found = {column for columns in layout.loci.values() for column in columns}
    return found | {"kind"} | {column for columns in layout.markers.values() for column in columns}


def profiles_of(table: Table) -> TableProfiles:
    """Return the profiles of a table whose columns are known."""
    return _PackedColumn(table) if "profile" in table else _AlleleColumns(table)


def _layout(names: Sequence[str]) -> _Layout:
    places: dict[str, dict[int, str]] = {}
    markers: dict[str, list[str]] = {}
    for name in names:
        parts = _ALLELE.fullmatch(name)
        if parts is None:
            continue
        try:
            entry = locus(parts[1])
        except InvalidInput as error:
            if error.code == "ambiguous_locus":
                raise
            if ignored_marker(parts[1]):
                markers.setdefault(parts[1], []).append(name)
            continue
        known = places.setdefault(entry.name, {})
        if int(parts[2]) in known:
            raise InvalidInput(
                "two columns hold the same allele, under two spellings of the locus",
                code="duplicate_locus",
                field=entry.name,
            )
        known[int(parts[2])] = name
    for locus_name, columns in places.items():
        lacking = set(range(1, max(2, *columns) + 1)) - set(columns)
        if lacking:
            raise _missing(f"{locus_name}_{min(lacking)}")
    if not places.keys() - {AMELOGENIN}:
        raise _missing("profile")
    return _Layout(
        {name: [columns[i] for i in sorted(columns)] for name, columns in places.items()}, markers
    )


def _missing(name: str) -> InvalidInput:
    return InvalidInput("the table lacks a column", code="missing_column", field=name)
