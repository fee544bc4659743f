"""Many profiles as one array, for hosts whose data is an array already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match.dna.profiles.loci import AMELOGENIN, locus
from prum_match.dna.profiles.normalise import check_single_allele
from prum_match.dna.profiles.profile import Kind, Profile
from prum_match.errors import InvalidInput


class ProfileTable(Sequence[Profile]):
    """Profiles of one kind, typed at (some of) the same loci; enrolled at millions a second.

    Parameters
    ----------
    loci : sequence of str
        Locus of each column, in any spelling; amelogenin is not a column.
    alleles : array_like of int16, shape (n, loci, 2)
        Alleles in tenths of a repeat: 93 is 9.3, 160 is 16. 0 is "not typed", -1 a wildcard.
    kind : Kind or str
        Origin of the profiles.
    single_allele : {"homozygote", "wildcard", "drop"}, optional
        Meaning of one allele beside a 0; by default a homozygote for reference profiles and a
        value plus a wildcard for stains (rule N7b).

    Raises
    ------
    InvalidInput
        Wrong shape or type, an unknown or repeated locus. Alleles are checked when the table is
        enrolled, or a profile is taken out.

    Examples
    --------
    >>> import numpy as np
    >>> from prum_match import dna
    >>> table = dna.ProfileTable(["TH01", "vWA"], np.array([[[60, 93], [160, 160]]], np.int16))
    >>> table[0].pairs["TH01"]
    (24, 39)
    """

    def __init__(
        self,
        loci: Sequence[str],
        alleles: ArrayLike,
        *,
        kind: Kind | str = Kind.REFERENCE,
        single_allele: str | None = None,
    ) -> None:
        self.kind = Kind.parse(kind)
        self.loci = tuple(locus(name) for name in loci)
        names = [entry.name for entry in self.loci]
        if AMELOGENIN in names or len(set(names)) != len(names):
            raise InvalidInput(
                "columns are distinct STR loci without amelogenin", code="bad_loci", field="loci"
            )
        array = np.asarray(alleles)
        if array.dtype != np.int16 or array.ndim != 3 or array.shape[1:] != (len(names), 2):
            raise InvalidInput(
                "alleles are int16 of the shape (n, loci, 2)", code="bad_shape", field="alleles"
            )
        self.alleles: NDArray[np.int16] = np.ascontiguousarray(array)
        if single_allele is None:
            single_allele = "wildcard" if self.kind is Kind.STAIN else "homozygote"
        check_single_allele(single_allele)
        self.single_allele = single_allele

    def bad_cells(self) -> NDArray[np.int64]:
        """Return (row, column) of every cell with an impossible allele."""
        a = self.alleles
        periods = np.array([entry.period for entry in self.loci], np.int16)[None, :, None]
        bad = (a < -1) | (a > 999) | ((a > 0) & (a % 10 >= periods))
        return np.argwhere(bad.any(axis=2))

    def rows(self, rows: NDArray[np.int64]) -> ProfileTable:
        """Return a table of some of the rows."""
        return ProfileTable(
            [entry.name for entry in self.loci],
            self.alleles[rows],
            kind=self.kind,
            single_allele=self.single_allele,
        )

    def __len__(self) -> int:
        return len(self.alleles)

    @overload
    def __getitem__(self, index: int) -> Profile: ...
    @overload
    def __getitem__(self, index: slice) -> ProfileTable: ...
    def __getitem__(self, index: int | slice) -> Profile | ProfileTable:
        if isinstance(index, slice):
            return self.rows(np.arange(len(self))[index])
        values: dict[str, list[Any]] = {}
        for entry, pair in zip(self.loci, self.alleles[index].tolist(), strict=True):
            typed = [_text(tenths) for tenths in pair if tenths != 0]
            if typed:
                values[entry.name] = typed
        return Profile(values, kind=self.kind, single_allele=self.single_allele)

    def __iter__(self) -> Iterator[Profile]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"<ProfileTable: {len(self)} {self.kind.value} profiles, {len(self.loci)} loci>"


def _text(tenths: int) -> str:
    if tenths == -1:
        return "*"
    repeats, fraction = divmod(tenths, 10)
    return f"{repeats}.{fraction}" if fraction else str(repeats)
