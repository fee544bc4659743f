"""Records of finger minutiae, the same for all editions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import overload

from prum_match.dactyloscopy.formats.records.problems import RecordProblem
from prum_match.dactyloscopy.template import Template

VENDOR_UNKNOWN = 0x0103
"""The owner that IBIA registered for products of unknown vendors."""
RIDGE_COUNTS = 1
"""Type of extended data with ridge counts between numbered minutiae."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The properties of one edition of a standard."""

    name: str
    version: bytes
    angle_step: float
    unstated_quality: int
    positions: frozenset[int]
    impressions: Mapping[int, int]
    clauses: Mapping[str, str] = dataclass_field(default_factory=dict)
    other_versions: tuple[bytes, ...] = ()

    def rule(self, part: str) -> str:
        """Return the name of the edition with the clause, or the name, of a part."""
        return f"{self.name}, {self.clauses.get(part, part)}"


@dataclass(frozen=True, slots=True)
class FingerQuality:
    """The quality of a whole print, with the algorithm that assessed it.

    Attributes
    ----------
    score : int
        0 to 100; 254 not stated, 255 a failed attempt.
    vendor, algorithm : int
        Registered with the IBIA; 0 in editions that do not name them.

    Examples
    --------
    >>> FingerQuality(80)
    FingerQuality(score=80, vendor=0, algorithm=0)
    """

    score: int
    vendor: int = 0
    algorithm: int = 0


@dataclass(frozen=True, slots=True)
class ExtendedData:
    """A block of extended data, kept unchanged.

    Attributes
    ----------
    type : int
        1 ridge counts, 2 cores and deltas, 3 zonal quality; from 256 on vendors' own.
    data : bytes
        The content, without type and length.

    Examples
    --------
    >>> ExtendedData(256, b"our own")
    ExtendedData(type=256)
    """

    type: int
    data: bytes = dataclass_field(repr=False)


@dataclass(frozen=True, slots=True)
class View:
    """One view of a finger: its template and the other data of the record.

    Attributes
    ----------
    template : Template
        The minutiae.
    position, impression : int
        Codes of the record.
    number : int
        Which view of its finger it is, from 0.
    size, resolution : tuple of int
        Width and height in pixels; pixels a centimetre, horizontally and vertically.
    minutia_quality : bytes or None
        Quality of each minutia as recorded; None if the record has none.
    qualities : tuple of FingerQuality
        Qualities of the whole print: one, or in ISO/IEC 19794-2:2011 any number.
    extended : tuple of ExtendedData
        Extended data.
    captured : tuple of int or None
        Year, month, day, hour, minute, second, millisecond, None where not stated
        (ISO/IEC 19794-2:2011, as the next ones).
    technology, device_vendor, device : int
        The capture device.
    certifications : tuple of (int, int)
        Authority and scheme that certified the device.
    ridge_ending : int
        How endings were located: 0 valley bifurcation, 1 end of the ridge skeleton.

    Examples
    --------
    >>> from prum_match.dactyloscopy import Template
    >>> from prum_match.dactyloscopy.formats import ansi378_2009
    >>> one = Template(x=[], y=[], angle=[], width=300, height=400, ppi=500, position=7)
    >>> view = ansi378_2009.decode(ansi378_2009.encode([one, one])).views[1]
    >>> view.position, view.number, view.size, view.resolution
    (7, 1, (300, 400), (197, 197))
    """

    template: Template
    position: int
    impression: int
    number: int
    size: tuple[int, int]
    resolution: tuple[int, int]
    minutia_quality: bytes | None = dataclass_field(repr=False)
    qualities: tuple[FingerQuality, ...]
    extended: tuple[ExtendedData, ...] = ()
    captured: tuple[int | None, ...] = (None,) * 7
    technology: int = 0
    device_vendor: int = 0
    device: int = 0
    certifications: tuple[tuple[int, int], ...] = ()
    ridge_ending: int = 0


@dataclass(frozen=True, repr=False)
class Record(Sequence[Template]):
    """A record of finger minutiae: a sequence of the templates of its views.

    Attributes
    ----------
    edition : str
        The standard and its year.
    views : tuple of View
        The views, in the order of the record.
    product : tuple of int, optional
        Owner and type of the product that made the record (CBEFF); None in ISO/IEC 19794-2.
    compliance, equipment : int
        Compliance bits and id of the capture equipment.
    certified : bool
        Whether the views have a field for certifications (ISO/IEC 19794-2:2011).
    problems : tuple of RecordProblem
        Faults that lenient reading repaired, dropped or tolerated. Empty after strict reading.
    notes : tuple of RecordProblem
        Valid content of the record that a template lacks or holds differently.

    Examples
    --------
    >>> from prum_match.dactyloscopy import Template
    >>> from prum_match.dactyloscopy.formats import iso19794_2_2005
    >>> one = Template(x=[100], y=[90], angle=[45], width=300, height=400, ppi=500)
    >>> record = iso19794_2_2005.decode(iso19794_2_2005.encode([one]))
    >>> record
    <Record: ISO/IEC 19794-2:2005, 1 views, 0 problems>
    >>> record[0].angle
    array([45.])
    """

    edition: str
    views: tuple[View, ...]
    product: tuple[int, int] | None = None
    compliance: int = 0
    equipment: int = 0
    certified: bool = False
    problems: tuple[RecordProblem, ...] = ()
    notes: tuple[RecordProblem, ...] = ()

    @property
    def templates(self) -> tuple[Template, ...]:
        """The templates alone."""
        return tuple(view.template for view in self.views)

    @overload
    def __getitem__(self, index: int) -> Template: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Template]: ...
    def __getitem__(self, index: int | slice) -> Template | Sequence[Template]:
        return self.templates[index]

    def __iter__(self) -> Iterator[Template]:
        return iter(self.templates)

    def __len__(self) -> int:
        return len(self.views)

    def __repr__(self) -> str:
        counts = f"{len(self)} views, {len(self.problems)} problems"
        return f"<Record: {self.edition}, {counts}>"
