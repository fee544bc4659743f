"""Queries to a register of vehicles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Self, TypedDict, Unpack

from prum_match.errors import InvalidInput
from prum_match.values.checks import instance_of, one_of, real_number
from prum_match.values.countries import country_code
from prum_match.vehicle.numbers.pattern import Of, Pattern, check_literal, compile_pattern
from prum_match.vehicle.numbers.plates import PlateKey, normalise_plate
from prum_match.vehicle.numbers.vin import Vin, normalise_vin
from prum_match.vehicle.owner_query import OwnerQuery
from prum_match.vehicle.reads.costs import MAX_COST, OCR_COSTS, SCALE, Costs
from prum_match.vehicle.registrations.moments import moment_of

Moment = datetime | date


@dataclass(frozen=True, init=False)
class ExactQuery:
    """A complete registration number of one state, or a complete chassis number.

    It may be sent to other states (Regulation (EU) 2024/982, Art. 16(2)(a) and (b)).

    Parameters
    ----------
    country : str, optional
        The state that registered the vehicle, as :func:`prum_match.values.countries.country_code`
        reads it. A plate needs it; a chassis number without it is searched in all states.
    plate, vin : str, optional
        Exactly one of them.
    at : datetime or date, optional
        The reference date, with a time zone; a date is the start of that day in universal time,
        and parts of a second are dropped. None: now.

    Attributes
    ----------
    country, plate, vin, at
        As above, normalised: the plate as ``PlateKey.spelling``, the chassis number as
        ``Vin.value``.
    key : PlateKey or None
        The normalised plate, with the changes made to it.
    chassis : Vin or None
        The normalised chassis number, with the changes made to it.

    Raises
    ------
    InvalidInput
        Code ``"bad_query"``: not exactly one number, or a plate without a state; ``"bad_moment"``;
        codes of `normalise_plate`, `normalise_vin` and `country_code`, such as
        ``"incomplete_key"``.

    Examples
    --------
    >>> from prum_match import vehicle
    >>> query = vehicle.ExactQuery("DE", "b-ab 123")
    >>> query
    ExactQuery(country='DE', at=None)
    >>> query.keys[0], query.key.district
    ('BAB123', 1)
    """

    country: str | None
    plate: str | None = field(repr=False)
    vin: str | None = field(repr=False)
    at: datetime | None
    key: PlateKey | None = field(init=False, repr=False, compare=False)
    chassis: Vin | None = field(init=False, repr=False, compare=False)

    def __init__(
        self,
        country: str | None = None,
        plate: str | None = None,
        vin: str | None = None,
        at: Moment | None = None,
    ) -> None:
        if (plate is None) == (vin is None):
            raise _bad("give a plate or a chassis number, not both", "plate")
        if plate is not None and country is None:
            raise _bad("a plate needs its state", "country")
        code = None if country is None else country_code(country)
        key = None if plate is None else normalise_plate(code, plate)
        chassis = None if vin is None else normalise_vin(vin)
        _assign(
            self,
            country=code,
            plate=key and key.spelling,
            vin=chassis and chassis.value,
            at=None if at is None else moment_of(at, "at"),
            key=key,
            chassis=chassis,
        )

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Compact keys of the search: that of the number, then its national readings."""
        if self.key is None:
            return (str(self.vin),)
        return (self.key.compact, *self.key.alternatives)

    @cached_property
    def districts(self) -> tuple[int, ...]:
        """District of each key, as ``PlateKey.district``."""
        if self.key is None:
            return (0,)
        return (self.key.district, *(reading.district for reading in self.key.readings))

    @property
    def moment(self) -> datetime:
        """Reference date; now if none was given."""
        return self.at or moment_of(datetime.now(UTC), "at")


@dataclass(frozen=True, init=False)
class FuzzyQuery:
    """A plate as a person or a camera read it. It is never sent to other states.

    Parameters
    ----------
    plate : str
        The read plate, of any state.
    countries : iterable of str, optional
        States that are searched; None for all.
    max_cost : float
        Highest total cost of the read errors of a candidate, 0 to 16; rounded to thousandths.
    costs : Costs, optional
        Costs of read errors.
    at : datetime or date, optional
        Only registrations that are valid at that time; None for all.

    Attributes
    ----------
    plate, countries, max_cost, costs, at
        As above, normalised; the states sorted.
    key : PlateKey
        The normalised plate, with the changes made to it.

    Raises
    ------
    InvalidInput
        Codes ``"bad_query"``, ``"bad_moment"``, ``"bad_plate"``, ``"incomplete_key"``,
        ``"unknown_country"``.

    Examples
    --------
    >>> from prum_match import vehicle
    >>> query = vehicle.FuzzyQuery("EB-A8 I23", ["D"], max_cost=1.5)
    >>> query.compact, query.countries, query.max_thousandths
    ('EBA8I23', ('DE',), 1500)
    """

    plate: str = field(repr=False)
    countries: tuple[str, ...] | None
    max_cost: float
    costs: Costs
    at: datetime | None
    key: PlateKey = field(init=False, repr=False, compare=False)

    def __init__(
        self,
        plate: str,
        countries: Iterable[str] | None = None,
        *,
        max_cost: float,
        costs: Costs = OCR_COSTS,
        at: Moment | None = None,
    ) -> None:
        instance_of(costs, Costs, "costs", code="bad_query", message="not a table of costs")
        key = normalise_plate(None, plate)
        cost = real_number(max_cost, "max_cost", least=0, most=MAX_COST, code="bad_query")
        _assign(
            self,
            plate=key.spelling,
            countries=_countries(countries),
            max_cost=round(cost * SCALE) / SCALE,
            costs=costs,
            at=None if at is None else moment_of(at, "at"),
            key=key,
        )

    @property
    def compact(self) -> str:
        """Symbols that were read, without separators."""
        return self.key.compact

    @property
    def max_thousandths(self) -> int:
        """`max_cost` in thousandths."""
        return round(self.max_cost * SCALE)


class _PatternOptions(TypedDict, total=False):
    of: Of
    at: Moment | None


@dataclass(frozen=True, init=False)
class PatternQuery:
    """A part of a plate or of a chassis number. It is never sent to other states.

    Parameters
    ----------
    pattern : str
        ``?`` for one symbol, ``*`` for any number, ``[A-F]`` and ``[!ABC]`` for classes; see
        :func:`prum_match.vehicle.compile_pattern`. The whole number has to match.
    countries : iterable of str, optional
        States that are searched; None for all.
    of : {"plate", "vin"}
        Kind of number.
    at : datetime or date, optional
        Only registrations that are valid at that time; None for all.

    Attributes
    ----------
    pattern, countries, of, at
        As above; the states normalised and sorted.
    compiled : tuple of int or None
        The pattern as masks of symbols.

    Raises
    ------
    InvalidInput
        Codes ``"bad_pattern"``, ``"bad_query"``, ``"bad_moment"``, ``"unknown_country"``,
        ``"bad_option"``.

    Examples
    --------
    >>> from prum_match import vehicle
    >>> vehicle.PatternQuery.prefix("wvw", of="vin").pattern
    'wvw*'
    """

    pattern: str = field(repr=False)
    countries: tuple[str, ...] | None
    of: Of
    at: datetime | None
    compiled: Pattern = field(init=False, repr=False, compare=False)

    def __init__(
        self,
        pattern: str,
        countries: Iterable[str] | None = None,
        *,
        of: Of = "plate",
        at: Moment | None = None,
    ) -> None:
        _assign(
            self,
            pattern=pattern,
            countries=_countries(countries),
            of=one_of(of, "of", ("plate", "vin"), code="bad_option"),
            at=None if at is None else moment_of(at, "at"),
            compiled=compile_pattern(pattern, of),
        )

    @classmethod
    def prefix(
        cls, text: str, countries: Iterable[str] | None = None, **options: Unpack[_PatternOptions]
    ) -> Self:
        """Return the query for numbers that begin with a text, in which no character is special.

        Parameters
        ----------
        text : str
            The beginning, without wildcards.
        countries, of, at
            As for the class.

        Raises
        ------
        InvalidInput
            As for the class.

        Examples
        --------
        >>> from prum_match import vehicle
        >>> vehicle.PatternQuery.prefix("B-AB", ["D"]).pattern
        'B-AB*'
        """
        return cls(check_literal(text) + "*", countries, **options)

    @classmethod
    def suffix(
        cls, text: str, countries: Iterable[str] | None = None, **options: Unpack[_PatternOptions]
    ) -> Self:
        """Return the query for numbers that end with a text; as `prefix`.

        Examples
        --------
        >>> from prum_match import vehicle
        >>> vehicle.PatternQuery.suffix("000001", of="vin").pattern
        '*000001'
        """
        return cls("*" + check_literal(text), countries, **options)


Query = ExactQuery | OwnerQuery | FuzzyQuery | PatternQuery


def _countries(countries: Iterable[str] | None) -> tuple[str, ...] | None:
    if countries is None:
        return None
    # The letters of "DE" are states themselves, Germany and Spain.
    codes = [countries] if isinstance(countries, str) else countries
    if not isinstance(codes, Iterable):
        raise _bad("countries is a list of states", "countries", countries)
    found = tuple(sorted({country_code(code) for code in codes}))
    if not found:
        raise _bad("countries is empty; give None to search all states", "countries", countries)
    return found


def _assign(query: object, **values: Any) -> None:
    vars(query).update(values)


def _bad(message: str, where: str, value: object = None) -> InvalidInput:
    return InvalidInput(message, code="bad_query", field=where, value=value)
