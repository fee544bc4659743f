"""Queries by holder or owner, where the law of the asked state allows them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Literal, TypeAlias

from prum_match.errors import InvalidInput
from prum_match.values.countries import country_code
from prum_match.values.dates import PartialDate
from prum_match.vehicle.registrations import checks
from prum_match.vehicle.registrations.checks import DateLike
from prum_match.vehicle.registrations.moments import moment_of
from prum_match.vehicle.registrations.owners import ROLES, Identity, Role, fold_name
from prum_match.vehicle.registrations.registration import MAX_NAME

AskedRole: TypeAlias = Literal["holder", "owner", "either"]

# Letter (a), on natural persons, is from memory; docs/explanation/rules.md.
COMPLETE_OWNER = (
    "Regulation (EU) 2024/982, Art. 16(3): family name, first name and date of birth of a natural "
    "person, or the name of a legal person"
)

_NATURAL = ("family_name", "first_name", "birth_date")


@dataclass(frozen=True, repr=False)
class OwnerQuery:
    """A search for vehicles by their holder or owner, a natural or a legal person.

    It is sent only to a state whose law allows the search, and only about a suspect or a
    convicted person (Regulation (EU) 2024/982, Art. 16(2)(c) and (3)); see
    :func:`prum_match.vehicle.check_owner_query`. Names are compared in full, without regard to
    case, diacritics, apostrophes and how words are parted; nothing is transliterated.

    Parameters
    ----------
    family_name, first_name : str, optional
        Of a natural person, as the register has them; all first names.
    birth_date : PartialDate or str or date, optional
        Of a natural person: a complete date.
    legal_name : str, optional
        Name of a company or another legal person, instead of the three.
    role : {"either", "holder", "owner"}
        Role of the person.
    country : str, optional
        The state that registered the vehicles; None for all states of the register.
    at : datetime or date, optional
        The reference date, with a time zone; a date is the start of that day in universal time,
        and parts of a second are dropped. None: now.

    Raises
    ------
    InvalidInput
        Code ``"incomplete_owner"``: data that identify the person are missing; ``"bad_query"``: a
        natural and a legal person at once; ``"bad_text"``, ``"bad_date"``, ``"bad_option"``,
        ``"bad_moment"``, ``"unknown_country"``.

    Examples
    --------
    >>> from prum_match import vehicle
    >>> vehicle.OwnerQuery("Vermeer", "Johannes", "1632-10-31")
    <OwnerQuery: a natural person, as holder or owner>
    >>> vehicle.OwnerQuery(legal_name="ACME S.p.A.", role="owner", country="I").country
    'IT'
    """

    family_name: str | None = None
    first_name: str | None = None
    birth_date: DateLike | None = None
    _: KW_ONLY
    legal_name: str | None = None
    role: AskedRole = "either"
    country: str | None = None
    at: datetime | date | None = None

    def __post_init__(self) -> None:
        if self.role is None:
            raise _bad("role is 'holder', 'owner' or 'either'", "role")
        checks.option(self.role, "role", ("either", *ROLES))
        values = {
            "family_name": _name(self.family_name, "family_name"),
            "first_name": _name(self.first_name, "first_name"),
            "birth_date": checks.partial_date(self.birth_date, "birth_date"),
            "legal_name": _name(self.legal_name, "legal_name"),
            "country": None if self.country is None else country_code(self.country),
            "at": None if self.at is None else moment_of(self.at, "at"),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        self._check_complete()

    def _check_complete(self) -> None:
        missing = [name for name in _NATURAL if getattr(self, name) is None]
        if self.legal_name is not None:
            if len(missing) < len(_NATURAL):
                raise _bad("give a natural person or a legal one, not both", "legal_name")
            return
        if isinstance(self.birth_date, PartialDate) and self.birth_date.day is None:
            missing.append("birth_date")
        if missing:
            raise InvalidInput(
                "give family name, first name and complete birth date, or a legal name",
                code="incomplete_owner",
                field=missing[0],
                rule=COMPLETE_OWNER,
            )

    @property
    def is_legal(self) -> bool:
        """Whether the person is a legal one."""
        return self.legal_name is not None

    @cached_property
    def identity(self) -> Identity:
        """Identity with folded names, equal for all spellings of them."""
        if self.legal_name is not None:
            return Identity(fold_name(self.legal_name))
        return Identity(
            fold_name(str(self.family_name)), fold_name(str(self.first_name)), str(self.birth_date)
        )

    @property
    def roles(self) -> tuple[Role, ...]:
        """Roles that are searched."""
        return ROLES if self.role == "either" else (self.role,)

    @property
    def moment(self) -> datetime:
        """Reference date; now if none was given."""
        return moment_of(datetime.now(UTC) if self.at is None else self.at, "at")

    def __repr__(self) -> str:
        kind = "legal" if self.is_legal else "natural"
        return f"<OwnerQuery: a {kind} person, as {' or '.join(self.roles)}>"


def _bad(message: str, field: str) -> InvalidInput:
    return InvalidInput(message, code="bad_query", field=field)


def _name(value: object, field: str) -> str | None:
    name = checks.text(value, field, MAX_NAME)
    if name is not None and not fold_name(name):
        raise InvalidInput(
            "a name needs a letter or a digit", code="bad_text", field=field, value=value
        )
    return name
