"""Allele frequencies of a population.

A frequency table is checked when it is made and never changes afterwards, because evidence rests
on it. Alleles are lengths in bases, as in comparisons of profiles.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from os import PathLike
from types import MappingProxyType
from typing import Any, NamedTuple, Never, Self

from prum_match.dna.profiles.alleles import AlleleValue, parse_allele
from prum_match.dna.profiles.loci import Locus, locus
from prum_match.dna.statistics.minimum_frequency import MinimumFrequency
from prum_match.errors import InvalidInput

SUM_TOLERANCE = 1e-3
"""Default tolerance for the sum of the frequencies of a locus.

The ENFSI table of 2015, rounded to six digits and without its off-ladder alleles, comes to
0.99952 at its worst locus; a table that forgot an allele seen once per thousand is refused.
"""


class _LocusTable(NamedTuple):
    """One locus: lengths ascending, their frequencies, and the share of unlisted alleles."""

    lengths: tuple[int, ...]
    p: tuple[float, ...]
    unlisted: float


class Frequencies:
    """Allele frequencies of one population; immutable.

    Parameters
    ----------
    table : Mapping of str to Mapping of allele to float
        Locus in any spelling to its alleles (``"9.3"``, ``16``) with their frequencies.
    population : str, optional
        Name of the population.
    individuals : Mapping of str to int, optional
        Number of people typed per locus.
    minimum : MinimumFrequency or Mapping of str to MinimumFrequency, optional
        Rule for rare and unseen alleles, for all loci or per locus. Without one an allele that
        the table does not hold is an error, never a zero and never a guess.
    tolerance : float, default 0.001
        Largest deviation from 1 of the sum of the frequencies of a locus.
    notes : iterable of str, optional
        Rows that a reader left out.

    Raises
    ------
    InvalidInput
        Codes ``"unknown_locus"``, ``"ambiguous_locus"``, ``"bad_allele"``, ``"bad_frequency"``
        (outside 0 to 1), ``"bad_sum"``, ``"duplicate_allele"`` (``9`` and ``9.0``, or one locus
        under two spellings), ``"not_compared"`` (amelogenin).

    Notes
    -----
    An entry that is a wildcard in a profile (``1`` and ``99`` for off-ladder alleles, ``OL``,
    ``other``; rules N2 and N3) is not an allele that two people can share. Its frequency is
    counted as *unlisted*. A frequency of 0 means that the sample does not hold the allele.

    Examples
    --------
    >>> table = Frequencies({"TH01": {"6": 0.25, "7": 0.2, "9.3": 0.55}})
    >>> table.frequency("TH 01", 39)
    0.55
    >>> table.frequency("TH01", 40)
    Traceback (most recent call last):
      ...
    prum_match.errors.InvalidInput: the table does not hold this allele; ... field TH01]
    >>> table.with_minimum(MinimumFrequency.nrc2(500)).frequency("TH01", 40)
    0.005
    """

    __slots__ = ("_individuals", "_minimum", "_tables", "notes", "population")

    notes: tuple[str, ...]
    population: str | None
    _individuals: Mapping[str, int]
    _minimum: Mapping[str, MinimumFrequency]
    _tables: Mapping[str, _LocusTable]

    def __init__(
        self,
        table: Mapping[str, Mapping[Any, float]],
        *,
        population: str | None = None,
        individuals: Mapping[str, int] | None = None,
        minimum: MinimumFrequency | Mapping[str, MinimumFrequency] | None = None,
        tolerance: float = SUM_TOLERANCE,
        notes: Iterable[str] = (),
    ) -> None:
        rows = (
            (name, allele, p) for name, alleles in table.items() for allele, p in alleles.items()
        )
        self._fill(_tabulate(rows, tolerance), population, individuals or {}, minimum, notes)

    def _fill(
        self,
        tables: Mapping[str, _LocusTable],
        population: str | None,
        individuals: Mapping[str, int],
        minimum: MinimumFrequency | Mapping[str, MinimumFrequency] | None,
        notes: Iterable[str],
    ) -> None:
        """Set the state of a new object."""
        if isinstance(minimum, Mapping):
            minimum = {_compared(name).name: rule for name, rule in minimum.items()}
        elif minimum is not None:
            minimum = dict.fromkeys(tables, minimum)
        put = object.__setattr__
        put(self, "_tables", tables)
        put(self, "population", population)
        put(self, "_individuals", {_compared(k).name: int(n) for k, n in individuals.items()})
        put(self, "_minimum", MappingProxyType(minimum or {}))
        put(self, "notes", tuple(notes))

    @classmethod
    def from_csv(
        cls,
        path: str | PathLike[str],
        *,
        population: str | None = None,
        locus: str = "locus",
        allele: str = "allele",
        frequency: str = "frequency",
        population_column: str = "population",
        delimiter: str = ",",
        decimal: str = ".",
        skip_unknown_loci: bool = False,
        minimum: MinimumFrequency | Mapping[str, MinimumFrequency] | None = None,
        tolerance: float = SUM_TOLERANCE,
    ) -> Self:
        r"""Read a table in long form, one row per allele.

        Parameters
        ----------
        path : path
            A CSV file in UTF-8, with or without a byte order mark.
        population : str, optional
            Which population to read; needed if the file holds several.
        locus, allele, frequency, population_column : str
            Names of the columns. The last may be missing. Columns ``n`` (people typed),
            ``n_alleles`` and ``count`` are read if they are there; without a column of
            frequencies, these are the counts divided by their sum.
        delimiter, decimal : str
            ``";"`` and ``","`` for files of many European spreadsheets.
        skip_unknown_loci : bool, default False
            Leave out loci that the registry does not know, with a note, instead of refusing.
        minimum, tolerance
            As for :class:`Frequencies`.

        Raises
        ------
        InvalidInput
            Codes ``"bad_table"``, ``"no_population"`` (its message lists those of the file), and
            those of :class:`Frequencies`.
        OSError
            If the file cannot be read.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp(), "table.csv")
        >>> _ = path.write_text("locus,allele,frequency\nvWA,16,0.4\nvWA,17,0.6\n")
        >>> Frequencies.from_csv(path)
        <Frequencies: 1 locus>
        """
        # Read on first use: csv would add to the time of `import prum_match`.
        from prum_match.dna.statistics.frequency_table import Columns, read_table

        raw = read_table(
            path,
            population=population,
            columns=Columns(locus, allele, frequency, population_column),
            delimiter=delimiter,
            decimal=decimal,
            skip_unknown_loci=skip_unknown_loci,
        )
        table = cls.__new__(cls)
        tables = _tabulate(raw.rows, tolerance)
        table._fill(tables, raw.population, raw.individuals, minimum, raw.notes)
        return table

    @property
    def loci(self) -> tuple[str, ...]:
        """Canonical names of the loci, in the order of the registry."""
        return tuple(self._tables)

    @property
    def minimum(self) -> Mapping[str, MinimumFrequency]:
        """Canonical locus to the rule for its rare and unseen alleles."""
        return self._minimum

    def individuals(self, name: str) -> int | None:
        """Return how many people were typed at a locus, ``None`` if the table does not say."""
        return self._individuals.get(_compared(name).name)

    def alleles(self, name: str) -> Mapping[int, float]:
        """Return the alleles of a locus, as lengths in bases ascending, with their frequencies.

        No minimum rule is applied.

        Examples
        --------
        >>> dict(Frequencies({"TH01": {"9.3": 0.4, "6": 0.6}}).alleles("TH01"))
        {24: 0.6, 39: 0.4}
        """
        table = self._table(name)
        return MappingProxyType(dict(zip(table.lengths, table.p, strict=True)))

    def unlisted(self, name: str) -> float:
        """Return the share of alleles that the table reports without a length.

        Examples
        --------
        >>> Frequencies({"FGA": {"21": 0.4, "22": 0.5, "OL": 0.1}}).unlisted("FGA")
        0.1
        """
        return self._table(name).unlisted

    def frequency(self, name: str, length: int) -> float:
        """Return the frequency of an allele, raised to the minimum if a rule was given.

        Parameters
        ----------
        name : str
            Locus, in any spelling.
        length : int
            Length in bases.

        Raises
        ------
        InvalidInput
            Code ``"no_frequencies"`` if the table lacks the locus, ``"unseen_allele"`` if it
            lacks the allele and no minimum rule covers the locus.
        """
        item = _compared(name)
        table = self._table(item.name)
        place = bisect_left(table.lengths, length)
        seen = place < len(table.lengths) and table.lengths[place] == length
        p = table.p[place] if seen else 0.0
        rule = self._minimum.get(item.name)
        if rule is not None:
            return max(p, rule.value)
        if p == 0.0:
            raise InvalidInput(
                "the table does not hold this allele; a minimum-frequency rule would cover it",
                code="unseen_allele",
                field=item.name,
                value=length,
            )
        return p

    def with_minimum(
        self, minimum: MinimumFrequency | Mapping[str, MinimumFrequency] | None
    ) -> Self:
        """Return the same table under another minimum-frequency rule.

        Examples
        --------
        One rule per locus, from the sample sizes of the table:

        >>> table = Frequencies({"FGA": {21: 1.0}}, individuals={"FGA": 250})
        >>> rules = {name: MinimumFrequency.nrc2(table.individuals(name)) for name in table.loci}
        >>> table.with_minimum(rules).frequency("FGA", 88)
        0.01
        """
        copy = type(self).__new__(type(self))
        copy._fill(self._tables, self.population, self._individuals, minimum, self.notes)
        return copy

    def _table(self, name: str) -> _LocusTable:
        item = _compared(name)
        table = self._tables.get(item.name)
        if table is None:
            raise InvalidInput(
                "the frequency table does not hold this locus",
                code="no_frequencies",
                field=item.name,
            )
        return table

    def __contains__(self, name: str) -> bool:
        return _compared(name).name in self._tables

    def __setattr__(self, name: str, value: object) -> Never:
        raise AttributeError("a frequency table is immutable")

    def __repr__(self) -> str:
        population = f"{self.population}, " if self.population else ""
        plural = "locus" if len(self._tables) == 1 else "loci"
        return f"<Frequencies: {population}{len(self._tables)} {plural}>"


def _tabulate(
    rows: Iterable[tuple[str, AlleleValue, float]], tolerance: float
) -> dict[str, _LocusTable]:
    """Check the rows and group them by locus, in the order of the registry."""
    items: dict[str, Locus] = {}
    lengths: dict[str, dict[int, float]] = {}
    unlisted: dict[str, float] = {}
    for name, allele, p in rows:
        item = _compared(name)
        items[item.name] = item
        found = lengths.setdefault(item.name, {})
        p = _checked_frequency(p, item.name)
        length = parse_allele(item, allele)
        if length is None:
            unlisted[item.name] = unlisted.get(item.name, 0.0) + p
        elif length in found:
            raise InvalidInput(
                "the table holds an allele twice, perhaps in two spellings",
                code="duplicate_allele",
                field=item.name,
                value=allele,
            )
        else:
            found[length] = p
    tables: dict[str, _LocusTable] = {}
    for name in sorted(items, key=lambda key: items[key].index):
        ordered = sorted(lengths[name].items())
        rest = unlisted.get(name, 0.0)
        total = math.fsum((*lengths[name].values(), rest))
        if not abs(total - 1.0) <= tolerance:
            raise InvalidInput(
                f"the frequencies sum to {total:.6f}, not to 1 within {tolerance:g}",
                code="bad_sum",
                field=name,
                value=total,
            )
        tables[name] = _LocusTable(
            tuple(length for length, _ in ordered), tuple(p for _, p in ordered), rest
        )
    return tables


def _compared(name: str) -> Locus:
    """Return a locus that has frequencies of lengths; amelogenin has none."""
    item = locus(name)
    if item.index < 0:
        raise InvalidInput(
            "amelogenin is never compared and cannot be in a frequency table",
            code="not_compared",
            field=item.name,
        )
    return item


def _checked_frequency(p: float, name: str) -> float:
    try:
        value = float(p)
    except (TypeError, ValueError):
        value = math.nan
    if not 0.0 <= value <= 1.0:
        raise InvalidInput(
            "a frequency is a number between 0 and 1", code="bad_frequency", field=name, value=p
        )
    return value
