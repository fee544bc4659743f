"""A transaction: its records, and the templates in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast, overload

from prum_match.dactyloscopy.formats.ansi_nist.minutiae import read_minutiae
from prum_match.dactyloscopy.formats.ansi_nist.records import Record, TaggedRecord
from prum_match.dactyloscopy.formats.records.problems import Problems, RecordProblem
from prum_match.dactyloscopy.template import Template
from prum_match.errors import InvalidInput


@dataclass(frozen=True, repr=False)
class Transaction(Sequence[Template]):
    """A file of ANSI/NIST-ITL; a sequence of its templates.

    Attributes
    ----------
    records : tuple of TaggedRecord or BinaryRecord
        In the order of the file, the Type-1 record first.
    templates : tuple of Template
        One of each Type-9 record that has minutiae, in record order.
    sources : tuple of int
        The record that each template comes from.
    problems : tuple of RecordProblem
        Faults that lenient reading repaired, left out or tolerated. Empty after strict reading.
    notes : tuple of RecordProblem
        Valid content of the records that a template lacks or holds differently.

    Examples
    --------
    >>> from prum_match.dactyloscopy.formats import ansi_nist
    >>> one = Template(x=[100], y=[90], angle=[44], width=300, height=400, ppi=500, position=2)
    >>> transaction = ansi_nist.decode(ansi_nist.encode([one]))
    >>> transaction, transaction[0], transaction.sources
    (<Transaction: 3 records, 1 templates, 0 problems>, <Template: 1 minutiae, right index>, (2,))
    """

    records: tuple[Record, ...]
    templates: tuple[Template, ...]
    sources: tuple[int, ...]
    problems: tuple[RecordProblem, ...] = ()
    notes: tuple[RecordProblem, ...] = ()

    def __post_init__(self) -> None:
        first = self.records[0] if self.records else None
        if not isinstance(first, TaggedRecord) or first.type != 1:
            raise InvalidInput(
                "a transaction begins with a Type-1 record", code="not_a_record", field="records"
            )

    @property
    def edition(self) -> str:
        """The standard; its version is that of the header (1.002)."""
        return "ANSI/NIST-ITL"

    @property
    def header(self) -> TaggedRecord:
        """The Type-1 record."""
        return cast(TaggedRecord, self.records[0])

    @property
    def tot(self) -> str:
        """Type of transaction (1.004)."""
        return self.header.text(4)

    @property
    def tcn(self) -> str:
        """Transaction control number (1.009)."""
        return self.header.text(9)

    def __len__(self) -> int:
        return len(self.templates)

    @overload
    def __getitem__(self, index: int) -> Template: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Template]: ...
    def __getitem__(self, index: int | slice) -> Template | Sequence[Template]:
        return self.templates[index]

    def __repr__(self) -> str:
        counts = f"{len(self.records)} records, {len(self)} templates"
        return f"<Transaction: {counts}, {len(self.problems)} problems>"


def assemble(records: Sequence[Record], problems: Problems) -> Transaction:
    """Return the transaction of these records, its minutiae read."""
    templates, sources = read_minutiae(records, problems)
    return Transaction(
        tuple(records), templates, sources, tuple(problems.found), tuple(problems.notes)
    )
