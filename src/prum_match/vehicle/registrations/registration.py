"""Registrations of vehicles, their holders, owners and insurances."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from prum_match.errors import InvalidInput
from prum_match.values.countries import country_code
from prum_match.vehicle.numbers.plates import PlateKey, normalise_plate
from prum_match.vehicle.numbers.vin import Vin, normalise_vin
from prum_match.vehicle.registrations import checks
from prum_match.vehicle.registrations.checks import DateLike
from prum_match.vehicle.registrations.moments import moment_of, seconds_of, whole_seconds

MAX_PEOPLE = 16
"""Most holders, owners or insurances of one registration."""

MAX_NAME = 200
"""Most characters of a name."""

MAX_DOCUMENTS = 2
"""Documents that Decision 2008/616/JHA has room for."""

# Four bytes a character, and at most 250 for the names of the fields of each person and each
# insurance: a registration stays below 64 kB, the bound of `wire`.
MAX_CHARACTERS = 12_000

ALWAYS = (-(2**63), 2**63 - 1)
"""Seconds that stand for open ends."""

Gender: TypeAlias = Literal["M", "F", "X", "unknown"]

MAX_NUMBER = 1_000_000
_GENDERS = ("M", "F", "X", "unknown")
_LENGTHS = {"address": 500, "name": MAX_NAME, "first_name": MAX_NAME, "birth_place": 200}
_LENGTHS |= {"company": 200, "vehicle_id": 64, "status": 64}
_LENGTH = 100
_DATES = frozenset(
    ("birth_date", "start", "end", "begin", "status_from", "status_to", "first_registration")
)


class RegistrationStatus(StrEnum):
    """Well-known words for the status of a registration; a register may have others.

    Examples
    --------
    >>> from prum_match import vehicle
    >>> vehicle.Registration("NL", "GB-001-B", status=vehicle.RegistrationStatus.EXPORTED).status
    'exported'
    """

    REGISTERED = "registered"
    SUSPENDED = "suspended"
    DEREGISTERED = "deregistered"
    SCRAPPED = "scrapped"
    DESTROYED = "destroyed"
    EXPORTED = "exported"
    STOLEN = "stolen"
    PLATE_STOLEN = "plate stolen"


@dataclass(frozen=True, repr=False)
class Holder:
    """A holder (C.1 of Directive 1999/37/EC) or an owner (C.2): a person or a company.

    Every element can be missing. M is mandatory when the national register has it, O is optional
    (Decision 2008/616/JHA, Annex, chapter 3).

    Parameters
    ----------
    name : str, optional
        C.1.1, C.2.1, M: surname, or the name of a company.
    first_name : str, optional
        C.1.2, C.2.2, M.
    address : str, optional
        C.1.3, C.2.3, M: in its printable form, in one line.
    gender : {"M", "F", "X", "unknown"}, optional
        M.
    birth_date : PartialDate or str or date, optional
        M.
    legal_entity : str, optional
        M: individual, association, company, ...
    birth_place : str, optional
        O.
    id_number, id_type : str, optional
        O: number that identifies the person or the company, and its kind.
    start, end : PartialDate or str or date, optional
        O: first and last day.
    holder_type : str, optional
        O: whether the holder is the owner, is not the owner, or neither is stated.

    Raises
    ------
    InvalidInput
        Codes ``"bad_text"``, ``"bad_option"``, ``"bad_date"``.

    Examples
    --------
    >>> from prum_match import vehicle
    >>> str(vehicle.Holder("Vermeer", "Johannes", birth_date="1632-10").birth_date)
    '1632-10'
    """

    name: str | None = None
    first_name: str | None = None
    address: str | None = None
    gender: Gender | None = None
    birth_date: DateLike | None = None
    legal_entity: str | None = None
    birth_place: str | None = None
    id_number: str | None = None
    id_type: str | None = None
    start: DateLike | None = None
    end: DateLike | None = None
    holder_type: str | None = None

    def __post_init__(self) -> None:
        checks.option(self.gender, "gender", _GENDERS)
        _tidy(self, (f.name for f in fields(self)))

    def __repr__(self) -> str:
        return f"<Holder: {_count(self)}>"


@dataclass(frozen=True, repr=False)
class Insurance:
    """An insurance of a vehicle; every element is optional (O).

    Parameters
    ----------
    company, address : str, optional
        The company and its address.
    begin, end : PartialDate or str or date, optional
        When the insurance begins and ends.
    number : str, optional
        Number of the insurance.
    id_number, id_type : str, optional
        Number that identifies the company, and its kind.

    Raises
    ------
    InvalidInput
        Codes ``"bad_text"``, ``"bad_date"``.

    Examples
    --------
    >>> from prum_match import vehicle
    >>> vehicle.Insurance("De Nederlanden van 1845", begin="2024").begin.year
    2024
    """

    company: str | None = None
    address: str | None = None
    begin: DateLike | None = None
    end: DateLike | None = None
    number: str | None = None
    id_number: str | None = None
    id_type: str | None = None

    def __post_init__(self) -> None:
        _tidy(self, (f.name for f in fields(self)))

    def __repr__(self) -> str:
        return f"<Insurance: {_count(self)}>"


@dataclass(frozen=True, repr=False)
class Registration:
    """One registration of a vehicle, for one interval of time.

    The elements are those of Decision 2008/616/JHA, Annex, chapter 3, with the codes of Directive
    1999/37/EC. M is mandatory when the national register has it, O is optional. A vehicle that
    gets another plate, and a plate that goes to another vehicle, have a registration each time.

    Parameters
    ----------
    country : str
        M: the state that registered the vehicle.
    plate : str, optional
        A, M: the registration number. A registration has a plate, a chassis number, or both.
    vin : str, optional
        E, M: the chassis number.
    vehicle_id : str, optional
        The register's own key of the vehicle; it is never sent to other states.
    valid_from, valid_to : datetime or date, optional
        I, M: the registration holds from the first on, and no longer at the second. With a time
        zone and at whole seconds; a date is the start of that day in universal time. None is open.
    status : str, optional
        M: a :class:`RegistrationStatus`, or the register's own word.
    status_from, status_to : PartialDate or str or date, optional
        M and O: when the status began and ended.
    make : str, optional
        D.1, M.
    commercial_type : str, optional
        D.3, M.
    vehicle_category : str, optional
        J, M: ``M1``, ``N2``, ...
    first_registration : PartialDate or str or date, optional
        B, M.
    power_kw : float, optional
        P.2, O.
    capacity_cm3 : int, optional
        P.1, O.
    plate_type : str, optional
        O.
    document_ids : iterable of str, optional
        O: at most two.
    holders, owners : iterable of Holder, optional
        C.1 and C.2, over time; mappings of their elements are read as well. At most 16.
    insurances : iterable of Insurance, optional
        O; at most 16.

    Attributes
    ----------
    country, plate, vin, ...
        As above, normalised: the plate as ``PlateKey.spelling``, the chassis number as
        ``Vin.value``.
    key : PlateKey or None
        The normalised plate, with the changes made to it.
    chassis : Vin or None
        The normalised chassis number, with the changes made to it.
    interval : tuple of int
        `valid_from` and `valid_to` in seconds since 1970; open ends are the extremes of 64 bits.

    Raises
    ------
    InvalidInput
        Codes ``"no_key"``, ``"bad_interval"``, ``"bad_moment"``, ``"bad_text"``, ``"bad_date"``,
        ``"bad_number"``, ``"bad_part"``, ``"too_many"``, ``"too_large"``, ``"unknown_field"``,
        ``"bad_option"``; codes of `normalise_plate`, `normalise_vin` and `country_code`.

    Examples
    --------
    >>> from datetime import date, datetime
    >>> from prum_match import vehicle
    >>> car = vehicle.Registration("DE", "b-ab 123", valid_from=date(2020, 3, 1), make="VW")
    >>> car.plate, car.key.compact
    ('B-AB 123', 'BAB123')
    >>> car.valid_at(date(2020, 2, 29)), car.valid_at(date(2020, 3, 1))
    (False, True)
    """

    country: str
    plate: str | None = None
    vin: str | None = None
    vehicle_id: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    status: str | None = None
    _: KW_ONLY
    status_from: DateLike | None = None
    status_to: DateLike | None = None
    make: str | None = None
    commercial_type: str | None = None
    vehicle_category: str | None = None
    first_registration: DateLike | None = None
    power_kw: float | None = None
    capacity_cm3: int | None = None
    plate_type: str | None = None
    document_ids: tuple[str, ...] = ()
    holders: tuple[Holder, ...] = ()
    owners: tuple[Holder, ...] = ()
    insurances: tuple[Insurance, ...] = ()
    key: PlateKey | None = field(init=False, repr=False, compare=False)
    chassis: Vin | None = field(init=False, repr=False, compare=False)
    interval: tuple[int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.plate is None and self.vin is None:
            raise InvalidInput(
                "a registration needs a plate or a chassis number", code="no_key", field="plate"
            )
        country = country_code(self.country)
        key = None if self.plate is None else normalise_plate(country, self.plate)
        chassis = None if self.vin is None else normalise_vin(self.vin)
        begin = whole_seconds(self.valid_from, "valid_from")
        end = whole_seconds(self.valid_to, "valid_to")
        documents = checks.listed(self.document_ids, "document_ids", MAX_DOCUMENTS)
        _set(
            self,
            country=country,
            plate=key and key.spelling,
            vin=chassis and chassis.value,
            key=key,
            chassis=chassis,
            valid_from=begin,
            valid_to=end,
            interval=_interval(begin, end),
            power_kw=checks.number(self.power_kw, "power_kw", MAX_NUMBER),
            capacity_cm3=checks.number(self.capacity_cm3, "capacity_cm3", MAX_NUMBER, whole=True),
            document_ids=tuple(_document(d, f"document_ids[{i}]") for i, d in enumerate(documents)),
            holders=checks.parts(Holder, self.holders, "holders", MAX_PEOPLE),
            owners=checks.parts(Holder, self.owners, "owners", MAX_PEOPLE),
            insurances=checks.parts(Insurance, self.insurances, "insurances", MAX_PEOPLE),
        )
        _tidy(self, _PLAIN)
        _check_size(self)

    @property
    def compact(self) -> str | None:
        """Symbols of the plate, without separators; None if there is no plate."""
        return None if self.key is None else self.key.compact

    def valid_at(self, moment: date) -> bool:
        """Tell whether the registration holds at a moment.

        Parameters
        ----------
        moment : datetime or date
            With a time zone; a date is the start of that day in universal time.

        Returns
        -------
        bool
            From `valid_from` on, and no longer at `valid_to`.

        Raises
        ------
        InvalidInput
            Code ``"bad_moment"``.

        Examples
        --------
        >>> from datetime import date
        >>> from prum_match import vehicle
        >>> car = vehicle.Registration("DE", "B-AB 123", valid_to=date(2024, 1, 1))
        >>> car.valid_at(date(2024, 1, 1))
        False
        """
        begin, end = self.interval
        return begin <= seconds_of(moment_of(moment, "moment")) < end

    def __repr__(self) -> str:
        ends = " to ".join("..." if m is None else str(m) for m in (self.valid_from, self.valid_to))
        return f"<Registration: {self.country}, {ends}>"


_PLAIN = (
    *("vehicle_id", "status", "status_from", "status_to", "make", "commercial_type"),
    *("vehicle_category", "first_registration", "plate_type"),
)


def _count(part: Holder | Insurance) -> str:
    n = sum(getattr(part, f.name) is not None for f in fields(part))
    return f"{n} element" if n == 1 else f"{n} elements"


def _tidy(part: object, names: Iterable[str]) -> None:
    """Check texts and dates of a part of a registration."""
    for name in names:
        value = getattr(part, name)
        if value is None:
            continue
        if name in _DATES:
            _set(part, **{name: checks.partial_date(value, name)})
        else:
            _set(part, **{name: checks.text(value, name, _LENGTHS.get(name, _LENGTH))})


def _document(value: object, where: str) -> str:
    if value is None:
        raise InvalidInput("a document id is text", code="bad_text", field=where)
    return str(checks.text(value, where, _LENGTH))


def _interval(begin: datetime | None, end: datetime | None) -> tuple[int, int]:
    found = (
        ALWAYS[0] if begin is None else seconds_of(begin),
        ALWAYS[1] if end is None else seconds_of(end),
    )
    if found[0] >= found[1]:
        raise InvalidInput(
            "valid_to must be later than valid_from",
            code="bad_interval",
            field="valid_to",
            value=(begin, end),
        )
    return found


def _check_size(registration: Registration) -> None:
    parts: tuple[Holder | Insurance, ...]
    parts = (*registration.holders, *registration.owners, *registration.insurances)
    texts = (getattr(part, f.name) for part in parts for f in fields(part))
    size = sum(len(value) for value in texts if isinstance(value, str))
    if size > MAX_CHARACTERS:
        raise InvalidInput(
            f"holders, owners and insurances have at most {MAX_CHARACTERS} characters together",
            code="too_large",
            field="holders",
        )


def _set(part: object, **values: Any) -> None:
    for name, value in values.items():
        object.__setattr__(part, name, value)
