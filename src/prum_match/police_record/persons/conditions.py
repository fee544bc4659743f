"""Conditions on a search of a police record index: Reg. (EU) 2024/982, Art. 25, 26 and 43.

The requesting state applies the rules before it sends, the requested one before it searches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from prum_match.errors import InvalidInput
from prum_match.police_record.persons.person import Person
from prum_match.values.dates import PartialDate

LEAST_MONTHS = 12
"""An offence with a maximum sentence of at least one year, Art. 26."""

LEAST_ELEMENTS = 2
"""Of first names, family names and birth date, Art. 43(1)."""


class _HasElements(Protocol):
    """A person to search for, in clear or encoded."""

    @property
    def has_first(self) -> bool:
        """Whether the person's own name has first names."""
        ...

    @property
    def has_family(self) -> bool:
        """Whether the person's own name has family names."""
        ...

    @property
    def birth_date(self) -> PartialDate | None:
        """Birth date, possibly partial."""
        ...


def check_elements(query: _HasElements) -> None:
    """Refuse a query without two of first names, family names and birth date, Art. 43(1).

    All other elements are optional and do not count, Art. 43(2): aliases, nationalities, country of
    birth, gender. Interpretation: a birth date counts even if part of it is unknown.

    Raises
    ------
    InvalidInput
        Code ``"too_few_elements"``.

    Examples
    --------
    >>> check_elements(Person("Hedda", birth_date="1861"))
    >>> check_elements(Person("Hedda", aliases="Hedda Gabler", gender="F"))
    Traceback (most recent call last):
    prum_match.errors.InvalidInput: at least two of first names, family names and birth date \
[too_few_elements; field query; rule Reg. (EU) 2024/982, Art. 43(1)]
    """
    found = (query.has_first, query.has_family, query.birth_date is not None)
    if sum(found) < LEAST_ELEMENTS:
        raise _refusal(
            "at least two of first names, family names and birth date",
            "too_few_elements",
            "query",
            "Art. 43(1)",
        )


def check_pseudonymised(query: _HasElements) -> None:
    """Refuse a query with names in clear; names and aliases are pseudonyms, Art. 25(2), 43(3).

    Raises
    ------
    InvalidInput
        Code ``"clear_text_names"``.

    Examples
    --------
    >>> check_pseudonymised(Person(birth_date="1861"))
    >>> check_pseudonymised(Person("Hedda", birth_date="1861"))
    Traceback (most recent call last):
    prum_match.errors.InvalidInput: names and aliases must be pseudonymised \
[clear_text_names; field query; rule Reg. (EU) 2024/982, Art. 25(2) and 43(3)]
    """
    if isinstance(query, Person) and (query.has_first or query.has_family or query.aliases):
        raise _refusal(
            "names and aliases must be pseudonymised",
            "clear_text_names",
            "query",
            "Art. 25(2) and 43(3)",
        )


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """Conditions on a search between states that are not elements of the query.

    Both must be given; there is no default. None leaves a condition to another part of the host.

    Parameters
    ----------
    max_sentence_months : int or None
        Longest sentence for the offence under the law of the requesting state, in months.
    requesting_participates : bool or None
        Whether the requesting state opens its own index to others: participation is voluntary and
        mutual.

    Raises
    ------
    InvalidInput
        Code ``"bad_condition"``.

    Examples
    --------
    >>> theft = Conditions(max_sentence_months=60, requesting_participates=True)
    >>> theft.check(Person("Hedda"))
    Traceback (most recent call last):
    prum_match.errors.InvalidInput: names and aliases must be pseudonymised \
[clear_text_names; field query; rule Reg. (EU) 2024/982, Art. 25(2) and 43(3)]
    """

    max_sentence_months: int | None
    requesting_participates: bool | None

    def __post_init__(self) -> None:
        months, participates = self.max_sentence_months, self.requesting_participates
        if months is not None and (type(months) is not int or months < 0):
            raise _bad("a whole number of months", "max_sentence_months", months)
        if participates is not None and type(participates) is not bool:
            raise _bad("true or false", "requesting_participates", participates)

    def check(self, query: _HasElements | None = None) -> None:
        """Refuse a search that the Regulation does not allow.

        Parameters
        ----------
        query : Person or EncodedPerson, optional
            Whom to search for; None if not known yet.

        Raises
        ------
        InvalidInput
            The first of ``"no_reciprocity"``, ``"minor_offence"``, ``"clear_text_names"`` and
            ``"too_few_elements"``.

        Examples
        --------
        >>> Conditions(max_sentence_months=11, requesting_participates=True).check()
        Traceback (most recent call last):
        prum_match.errors.InvalidInput: the maximum sentence is below one year \
[minor_offence; field max_sentence_months; rule Reg. (EU) 2024/982, Art. 26]
        """
        if self.requesting_participates is False:
            raise _refusal(
                "the requesting state does not open its own index",
                "no_reciprocity",
                "requesting_participates",
                "recital 18 and Art. 26",
            )
        months = self.max_sentence_months
        if months is not None and months < LEAST_MONTHS:
            raise _refusal(
                "the maximum sentence is below one year",
                "minor_offence",
                "max_sentence_months",
                "Art. 26",
            )
        if query is not None:
            check_pseudonymised(query)
            check_elements(query)


def _refusal(message: str, code: str, field: str, article: str) -> InvalidInput:
    return InvalidInput(message, code=code, field=field, rule=f"Reg. (EU) 2024/982, {article}")


def _bad(message: str, field: str, value: object) -> InvalidInput:
    return InvalidInput(f"{message} is needed", code="bad_condition", field=field, value=value)
