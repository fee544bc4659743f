"""Core data: the two closed lists of Article 47(4) and (5) of Regulation (EU) 2024/982."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from prum_match.errors import ExchangeError
from prum_match.exchange.messages.records import (
    FLAG,
    check_fields,
    one_of,
    optional,
    text,
    tuple_of,
)

_LINE = text(r"[^\x00-\x1f\x7f-\x9f]{1,256}")
_DATE = text(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_COUNTRY = text(r"[A-Z]{2,3}")
OFFENCE = text(r"[0-9]{4} [0-9]{2}")
"""An offence of the common table (Framework Decision 2009/315/JHA, Art. 11b): ``dddd dd``."""

_GENDER = one_of((0, 1, 2, 9))
_MOST = 100  # as many aliases as a person of a register can have
_NAMES = tuple_of(_LINE, _MOST)
_COUNTRIES = tuple_of(_COUNTRY, _MOST)
_BOTH = ("acquisition_date", "acquisition_place", "offence", "case_number", "authority")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreData:
    """What a state returns of a confirmed match, after a human decided so (Art. 47(6)).

    Every field is optional: "to the extent available". For an unidentified trace the list ends
    after the first five; any other field set is refused.

    Parameters
    ----------
    identified : bool
        Whether the data are of an identified person (Art. 47(4)) or of a trace (47(5)).
    acquisition_date, acquisition_place : str or None
        When (``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``) and where the biometric data were taken.
    offence : str or None
        Code of the offence that they were taken for, ``dddd dd``.
    case_number, authority : str or None
        The case there, and the competent authority.
    first_names, family_names, aliases, previous_names : tuple of str
        Names, at most 100 of each.
    birth_date, birth_place, birth_country : str or None
        Date as above, place, and ISO 3166-1 code of the country.
    nationalities : tuple of str
        ISO 3166-1 codes.
    gender : int or None
        ISO/IEC 5218: 0 not known, 1 male, 2 female, 9 not applicable.

    Raises
    ------
    ExchangeError
        ``invalid_field``, or ``not_for_traces`` with the name of the field.

    Examples
    --------
    >>> CoreData(identified=False, first_names=("Jan",))
    Traceback (most recent call last):
    prum_match.errors.ExchangeError: not in the list for traces [not_for_traces; field ...]
    """

    identified: bool = field(metadata=FLAG.meta)
    acquisition_date: str | None = field(default=None, metadata=optional(_DATE).meta, repr=False)
    acquisition_place: str | None = field(default=None, metadata=optional(_LINE).meta, repr=False)
    offence: str | None = field(default=None, metadata=optional(OFFENCE).meta, repr=False)
    case_number: str | None = field(default=None, metadata=optional(_LINE).meta, repr=False)
    authority: str | None = field(default=None, metadata=optional(_LINE).meta, repr=False)
    first_names: tuple[str, ...] = field(default=(), metadata=_NAMES.meta, repr=False)
    family_names: tuple[str, ...] = field(default=(), metadata=_NAMES.meta, repr=False)
    aliases: tuple[str, ...] = field(default=(), metadata=_NAMES.meta, repr=False)
    previous_names: tuple[str, ...] = field(default=(), metadata=_NAMES.meta, repr=False)
    birth_date: str | None = field(default=None, metadata=optional(_DATE).meta, repr=False)
    birth_place: str | None = field(default=None, metadata=optional(_LINE).meta, repr=False)
    birth_country: str | None = field(default=None, metadata=optional(_COUNTRY).meta, repr=False)
    nationalities: tuple[str, ...] = field(default=(), metadata=_COUNTRIES.meta, repr=False)
    gender: int | None = field(default=None, metadata=optional(_GENDER).meta, repr=False)

    def __post_init__(self) -> None:
        check_fields(self)
        if self.identified:
            return
        for one in fields(self):
            if one.name not in ("identified", *_BOTH) and getattr(self, one.name) not in (None, ()):
                raise ExchangeError(
                    "not in the list for traces",
                    code="not_for_traces",
                    field=one.name,
                    rule="Reg. (EU) 2024/982 Art. 47(5)",
                )
