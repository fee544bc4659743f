"""Columns of the elements that stay clear in pseudonyms, and of places of birth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from prum_match.engine import Column, Columns, Ragged, Trace
from prum_match.engine.ragged import offsets_of
from prum_match.errors import InvalidInput
from prum_match.police_record.columns.vocabulary import (
    Numbering,
    Numbers,
    Spellings,
    distinct,
    distinct_in,
    unused,
    used,
    zeros,
)
from prum_match.police_record.names.folding import fold_place
from prum_match.police_record.persons.clear_fields import (
    GENDERS,
    ClearFields,
    unpack_country,
    unpack_date,
)
from prum_match.values.dates import PartialDate

# Of a row of `facts`.
_DATE, _PLACE, _BACKGROUND = range(3)

COLUMNS = (
    Column("facts"),
    Column("dates", None),
    *(
        Column(f"places.{part}", None)
        for text in ("written", "exact", "forms")
        for part in (f"{text}.offsets", f"{text}.bytes")
    ),
    Column("places.of", None),
    Column("places.signatures", None, primary=False),
    Column("backgrounds.offsets", None),
    Column("backgrounds.bytes", None),
    Column("backgrounds.gender", None, primary=False),
    Column("backgrounds.country", None, primary=False),
    Column("backgrounds.nationalities.offsets", None, primary=False),
    Column("backgrounds.nationalities", None, primary=False),
)
"""``facts``: for each person the numbers of birth date, place of birth and *background*.

A background is gender, country of birth and nationalities together, as bytes: one, two, and two
for each nationality.
"""

_NO_PLACES = Numbering(fold_place).spellings()

Known = tuple[PartialDate | None, str | None, str | None, str | None, tuple[str, ...]]
"""Birth date, place of birth, country of birth, gender, nationalities."""


def encode(
    clear: ClearFields, places: Spellings = _NO_PLACES, place_numbers: Numbers | None = None
) -> Columns:
    """Return the columns of some persons, and of the numbers of their places of birth."""
    dates, date_numbers = distinct_in(np.insert(clear.birth_date, 0, 0))
    if place_numbers is None:
        place_numbers = np.zeros(len(clear), np.uint32)
    backgrounds, background_numbers = distinct(_backgrounds(clear))
    facts = np.column_stack([date_numbers[1:], place_numbers, background_numbers])
    return {
        "facts": facts.astype(np.uint32),
        "dates": dates.astype(np.uint32),
        **places.columns("places"),
        **Ragged.from_rows(backgrounds).columns("backgrounds"),
    }


def _backgrounds(clear: ClearFields) -> Iterator[bytes]:
    nationalities = clear.nationalities.astype(">u2").tobytes()
    ends = (2 * clear.nationality_offsets).tolist()
    numbers = zip(clear.gender.tolist(), clear.country_of_birth.tolist(), strict=True)
    for i, (gender, country) in enumerate(numbers):
        codes = nationalities[ends[i] : ends[i + 1]]
        known = gender or country or codes
        yield bytes((gender, country >> 8, country & 255)) + codes if known else b""


def seal(columns: Columns) -> Columns:
    """Return the derived columns of a segment."""
    backgrounds = [
        each or bytes(3) for each in Ragged.from_columns(columns, "backgrounds").to_rows()
    ]
    codes = [np.frombuffer(each[1:], ">u2") for each in backgrounds]
    return {
        **Spellings.in_columns(columns, "places").sealed("places"),
        "backgrounds.gender": np.array([each[0] for each in backgrounds], np.uint8),
        "backgrounds.country": np.array([each[0] for each in codes], np.uint16),
        "backgrounds.nationalities.offsets": offsets_of([len(each) - 1 for each in codes]),
        "backgrounds.nationalities": np.concatenate([each[1:] for each in codes]).astype(np.uint16),
    }


def unseal(columns: Columns, rows: Numbers) -> Columns:
    """Return the columns of some rows, with the values that these have."""
    facts = columns["facts"][rows]
    places = Spellings.in_columns(columns, "places")
    backgrounds = Ragged.from_columns(columns, "backgrounds")
    sizes = (len(columns["dates"]), len(places), len(backgrounds))
    kept, numbers = zip(*(used(facts[:, f], n) for f, n in enumerate(sizes)), strict=True)
    return {
        "facts": np.column_stack(numbers),
        "dates": columns["dates"][kept[_DATE]],
        **places.take(kept[_PLACE]).columns("places"),
        **backgrounds.take(kept[_BACKGROUND]).columns("backgrounds"),
    }


def join(parts: Sequence[Columns]) -> Columns:
    """Join columns of several segments."""
    dates, date_numbers = distinct_in(np.concatenate([part["dates"] for part in parts]))
    places, place_numbers = Spellings.merged([Spellings.in_columns(p, "places") for p in parts])
    texts = [Ragged.from_columns(part, "backgrounds").to_rows() for part in parts]
    backgrounds, background_numbers = distinct(each for part in texts for each in part)
    numbers = (
        np.split(date_numbers, np.cumsum([len(part["dates"]) for part in parts])[:-1]),
        place_numbers,
        np.split(background_numbers, np.cumsum([len(part) for part in texts])[:-1]),
    )
    facts = [
        np.column_stack([numbers[f][i][part["facts"][:, f]] for f in range(3)])
        for i, part in enumerate(parts)
    ]
    return {
        "facts": np.concatenate(facts).astype(np.uint32),
        "dates": dates,
        **places.columns("places"),
        **Ragged.from_rows(backgrounds).columns("backgrounds"),
    }


def traces(columns: Columns, live: Numbers, rows: Numbers) -> Iterator[Trace]:
    """Yield the places of dead rows, and of values without a living row."""
    yield "facts", (rows,), 0
    facts = columns["facts"][live]
    yield "dates", (unused(facts[:, _DATE], len(columns["dates"])),), 0
    places = Spellings.in_columns(columns, "places")
    yield from places.traces("places", unused(facts[:, _PLACE], len(places)))
    backgrounds = Ragged.from_columns(columns, "backgrounds")
    gone = unused(facts[:, _BACKGROUND], len(backgrounds))
    yield zeros("backgrounds", backgrounds, gone)
    yield "backgrounds.gender", (gone,), 0
    yield "backgrounds.country", (gone,), 0
    codes = columns["backgrounds.nationalities"]
    places_of_codes = Ragged(columns["backgrounds.nationalities.offsets"], codes).places(gone)
    yield "backgrounds.nationalities", (places_of_codes,), 0


def decode(columns: Columns, row: int) -> Known:
    """Return the elements of the person in a row."""
    date, place, background = columns["facts"][row].tolist()
    packed = Ragged.from_columns(columns, "backgrounds")[background].tobytes() or bytes(3)
    if packed[0] >= len(GENDERS) or len(packed) % 2 == 0:
        raise InvalidInput("not a gender", code="bad_gender", field="gender")
    codes = [unpack_country(int.from_bytes(packed[i : i + 2])) for i in range(1, len(packed), 2)]
    written = Ragged.from_columns(columns, "places.written")[place].tobytes().decode("utf-8")
    return (
        unpack_date(int(columns["dates"][date])),
        written or None,
        codes[0],
        GENDERS[packed[0]],
        tuple(code for code in codes[1:] if code is not None),
    )
