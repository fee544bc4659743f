"""Registrations, and exact queries, as tables of other libraries."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine import Columns, Encoded, Moments, Strings, Table
from prum_match.engine.progress import paced
from prum_match.engine.tables.arrays import Mask
from prum_match.errors import InvalidInput, PrumError
from prum_match.values.countries import country_code
from prum_match.values.rows import Rows
from prum_match.vehicle.columns import COUNTRY_BITS, join, pack_country, unseal
from prum_match.vehicle.encoding import codes_of, encode_registrations, notes_of, readings_of
from prum_match.vehicle.numbers.readings import umlaut_ways
from prum_match.vehicle.queries import ExactQuery
from prum_match.vehicle.registrations.moments import from_seconds
from prum_match.vehicle.registrations.registration import ALWAYS, Holder, Registration

_TEXTS = (
    *("vehicle_id", "status", "make", "commercial_type", "vehicle_category"),
    *("first_registration", "plate_type"),
)
# Of one holder and one owner: a column is named after the person and the field.
_OF_PERSONS = {
    person: {f"{person}_{field.name}": field.name for field in fields(Holder)}
    for person in ("holder", "owner")
}
# Where the letters before the first separator are a district.
_WITH_DISTRICTS = ("DE", "AT")
_MICROSECONDS = 10**6


def table_columns() -> tuple[str, ...]:
    """Return the columns of a table of registrations."""
    of_persons = (name for columns in _OF_PERSONS.values() for name in columns)
    return ("country", "plate", "vin", "valid_from", "valid_to", *_TEXTS, *of_persons)


def query_columns() -> tuple[str, ...]:
    """Return the columns of a table of exact queries."""
    return ("country", "plate", "vin", "at")


class RegistrationTable(Rows[Registration]):
    """Registrations, one a row of a table; see `Registration` for the columns.

    Plates and chassis numbers in plain letters are read without an object for each row.
    """

    def __init__(self, table: Table) -> None:
        self._n = table.n
        self._country = table.strings("country")
        self._plate = table.strings("plate") if "plate" in table else None
        self._vin = table.strings("vin") if "vin" in table else None
        self._from = _moments(table, "valid_from")
        self._to = _moments(table, "valid_to")
        self._texts = {name: table.strings(name) for name in _TEXTS if name in table}
        self._persons = {
            f"{person}s": {f: table.strings(name) for name, f in columns.items() if name in table}
            for person, columns in _OF_PERSONS.items()
        }

    def __len__(self) -> int:
        return self._n

    def _item_at(self, index: int) -> Registration:
        texts: dict[str, Any] = {name: column[index] for name, column in self._texts.items()}
        for persons, columns in self._persons.items():
            given = {name: column[index] for name, column in columns.items()}
            if any(value is not None for value in given.values()):
                texts[persons] = (Holder(**given),)
        return Registration(
            cast(str, self._country[index]),
            None if self._plate is None else self._plate[index],
            None if self._vin is None else self._vin[index],
            valid_from=_moment(self._from, index, "valid_from"),
            valid_to=_moment(self._to, index, "valid_to"),
            **texts,
        )

    def encode(self) -> Encoded:
        """Turn the rows into unsealed columns."""
        changed = Counter[str]()
        columns, plain = self._plain_rows(changed)
        if plain.all():
            return Encoded(columns, np.arange(self._n), (), notes_of(changed))
        others, refused = list[Registration](), list[PrumError]()
        accepted = plain.copy()
        for row in paced(np.flatnonzero(~plain).tolist()):
            try:
                others.append(self[row])
                accepted[row] = True
            except PrumError as error:
                refused.append(error.at(row))
        found = encode_registrations(others)
        # The plain rows first, then the others; and back into the order of the table.
        both = join([unseal(columns, np.flatnonzero(plain).astype(np.uint32)), found.columns])
        rows = np.flatnonzero(accepted)
        place = np.where(plain, np.cumsum(plain), plain.sum() + np.cumsum(accepted & ~plain)) - 1
        changed.update(found.notes)
        return Encoded(
            unseal(both, place[rows].astype(np.uint32)), rows, tuple(refused), notes_of(changed)
        )

    def _plain_rows(self, changed: Counter[str]) -> tuple[Columns, Mask]:
        """Return columns that are valid for plain rows, and a mask of these rows."""
        countries, known = _countries(self._country)
        is_short = not self._texts and not any(self._persons.values())
        plain = known if is_short else np.zeros(self._n, np.bool_)
        columns: Columns = {"valid": np.empty((self._n, 2), np.int64)}
        for side, (moments, open_end) in enumerate(
            zip((self._from, self._to), ALWAYS, strict=True)
        ):
            plain &= _seconds(moments, open_end, columns["valid"][:, side])
        plain &= columns["valid"][:, 0] < columns["valid"][:, 1]
        plates = _Plates(self._plate, self._n, countries)
        plain &= plates.plain
        columns |= {"plate": plates.keys, "place": plates.places, "spelling": plates.spelling}
        bits = [(plates.changed, ("lower case", "superfluous separators"))]
        if self._vin is not None:
            columns["vin"], vin_changed, vin_plain = _native.vehicle_fold_vins(*self._vin.take())
            plain &= vin_plain | (self._vin.nulls() & plates.given)
            bits.append((vin_changed, ("lower case", "separators")))
        else:
            plain &= plates.given
        for values, names in bits:
            for bit, name in enumerate(names):
                changed[name] += int(np.count_nonzero(values[plain] >> bit & 1))
        return columns, plain


class PlateTable(Rows[ExactQuery]):
    """Exact queries for plates, one a row of a table."""

    def __init__(self, table: Table) -> None:
        self._country, self._plate = table.strings("country"), table.strings("plate")
        self._at = _moments(table, "at")
        self._n = table.n
        countries, plain = _countries(self._country)
        plates = _Plates(self._plate, self._n, countries)
        self._keys, self._places = plates.keys, plates.places
        self._seconds = np.zeros(self._n, np.int64)
        plain &= _seconds(self._at, 0, self._seconds) & plates.plain & plates.given
        others = paced(np.flatnonzero(~plain).tolist())
        self._others = {row: self._item_at(row) for row in others}

    @classmethod
    def of(cls, table: Table) -> PlateTable | list[ExactQuery]:
        """Return the queries of a table, for plates or for chassis numbers."""
        if "vin" not in table:
            return cls(table)
        names = [name for name in ("country", "plate", "vin") if name in table]
        columns = {name: table.strings(name) for name in names}
        at = _moments(table, "at")
        found = []
        for row in paced(range(table.n)):
            try:
                given = {name: column[row] for name, column in columns.items()}
                found.append(ExactQuery(**given, at=_moment(at, row, "at")))
            except PrumError as error:
                raise error.at(row) from None
        return found

    def __len__(self) -> int:
        return self._n

    def add_to(self, matcher: _native.VehicleMatcher, now: int, keeps_history: bool) -> None:
        """Add all queries to a matcher."""
        null = np.ones(self._n, np.bool_) if self._at is None else self._at.null
        at = np.where(null, now, self._seconds)
        matcher.add_plates(self._keys, self._places, at, null, _readings(), keeps_history)
        for row, query in paced(self._others.items()):
            readings = readings_of(query)
            country = pack_country(str(query.country))
            moment = None if null[row] else int(self._seconds[row])
            matcher.replace_exact(row, readings, False, country, moment, now, keeps_history)

    def _item_at(self, row: int) -> ExactQuery:
        try:
            return ExactQuery(self._country[row], self._plate[row], at=_moment(self._at, row, "at"))
        except PrumError as error:
            raise error.at(row) from None


class _Plates:
    """A column of plates, folded in native code where plain letters allow it."""

    def __init__(self, texts: Strings | None, n: int, countries: NDArray[np.uint16]) -> None:
        if texts is None:
            offsets, data = np.zeros(n + 1, np.uint64), np.zeros(0, np.uint8)
            null = np.ones(n, np.bool_)
        else:
            (offsets, data), null = texts.take(), texts.nulls()
        self.keys, self.spelling, district, self.changed, plain = _native.vehicle_fold_plates(
            offsets, data
        )
        self.given = ~null
        self.plain = plain | null
        with_districts = np.zeros(n, np.bool_)
        for code in _WITH_DISTRICTS:
            with_districts |= countries == pack_country(code)
        district *= with_districts
        self.places = countries | district.astype(np.uint16) << np.uint16(COUNTRY_BITS)


def _countries(texts: Strings) -> tuple[NDArray[np.uint16], Mask]:
    """Return countries as numbers, and a mask of known ones."""
    numbers, words = texts.distinct()
    packed = np.zeros(len(words), np.uint16)
    for i, word in enumerate(words):
        try:
            packed[i] = pack_country(country_code(word))
        except InvalidInput:
            continue
    found = packed[numbers]
    return found, found != 0


def _moments(table: Table, name: str) -> Moments | None:
    return table.moments(name, days=True) if name in table else None


def _seconds(moments: Moments | None, missing: int, out: NDArray[np.int64]) -> Mask:
    """Write moments as whole seconds, and return a mask of exact ones."""
    if moments is None:
        out[:] = missing
        return np.ones(len(out), np.bool_)
    np.floor_divide(moments.micros, _MICROSECONDS, out=out)
    # A remainder takes NumPy five times as long.
    whole: Mask = (out * _MICROSECONDS == moments.micros) & ~moments.impossible
    out[moments.null] = missing
    return whole


def _moment(moments: Moments | None, row: int, field: str) -> datetime | None:
    if moments is None or moments.null[row]:
        return None
    if moments.impossible[row]:
        raise InvalidInput(
            f"{field} must lie in the years 1 to 9999", code="bad_moment", field=field
        )
    seconds, micros = divmod(int(moments.micros[row]), _MICROSECONDS)
    return from_seconds(seconds).replace(microsecond=micros)


@cache
def _readings() -> _native.VehicleReadings:
    return _native.VehicleReadings(
        [(codes_of(name), [codes_of(way) for way in ways]) for name, ways in umlaut_ways().items()]
    )
