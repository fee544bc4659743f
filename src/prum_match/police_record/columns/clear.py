"""The columns of persons whose names are in clear."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from prum_match import _native
from prum_match.engine import Column, Columns, Ragged, Trace
from prum_match.engine.progress import paced
from prum_match.engine.ragged import offsets_of
from prum_match.errors import InvalidInput, PrumError
from prum_match.police_record.columns import facts, token_index
from prum_match.police_record.columns.vocabulary import Numbering, Numbers, Spellings, unused, used
from prum_match.police_record.names.folding import fold_name, fold_place
from prum_match.police_record.names.spelled import SpelledNames
from prum_match.police_record.persons.clear_fields import ClearFields
from prum_match.police_record.persons.person import Name, Person

_BATCH = 4096

COLUMNS = (
    *facts.COLUMNS,
    *(
        Column(f"names.{part}", None)
        for text in ("written", "exact", "forms")
        for part in (f"{text}.offsets", f"{text}.bytes")
    ),
    Column("names.of", None),
    Column("names.signatures", None, primary=False),
    Column("entries.offsets", None),
    Column("entries", None),
    Column("aliases.offsets", None, optional=True),
    Column("aliases.bytes", None, optional=True),
    *token_index.COLUMNS,
)
"""``entries``: numbers of family name and first name of each name that a person goes by, the own
name first. ``aliases``: aliases as they were enrolled; the names in ``entries`` follow from them.
"""


def encode(
    persons: Sequence[Any],
    accepted: list[int] | None = None,
    refused: list[PrumError] | None = None,
) -> Columns:
    """Return the columns of persons."""
    names, places = Numbering(fold_name), Numbering(fold_place)
    numbers, lengths, place_numbers, taken = list[int](), list[int](), list[int](), list[Person]()
    tokens = _native.TokenNumbers(None)
    parts = list[Columns]()
    for index in paced(range(len(persons))):
        before = len(numbers)
        try:
            # The row of a table becomes a person here, or is refused.
            person = persons[index]
            place = _number(person, names, places, numbers)
        except PrumError as error:
            if refused is None:
                raise error.at(index) from None
            del numbers[before:]
            refused.append(error.at(index))
            continue
        place_numbers.append(place)
        lengths.append((len(numbers) - before) // 2)
        taken.append(person)
        if accepted is not None:
            accepted.append(index)
        if len(taken) % _BATCH == 0:
            parts.append(_tokens(taken[-_BATCH:], tokens))
    parts.append(_tokens(taken[len(parts) * _BATCH :], tokens))
    columns = {
        **facts.encode(
            ClearFields.of(taken), places.spellings(), np.array(place_numbers, np.uint32)
        ),
        **names.spellings().columns("names"),
        "entries.offsets": offsets_of(lengths).astype(np.uint32),
        "entries": np.array(numbers, np.uint32).reshape(-1, 2),
        **token_index.join(parts),
    }
    if any(person.aliases for person in taken):
        columns |= Ragged.from_rows(
            [_aliases_to_bytes(person) for person in paced(taken, counted=False)]
        ).columns("aliases")
    # Names of refused persons may have numbers: taking the accepted rows drops them.
    return unseal(columns, np.arange(len(taken), dtype=np.uint32)) if refused else columns


def _tokens(persons: Sequence[Person], tokens: _native.TokenNumbers) -> Columns:
    names = [
        [(n.first_names, n.family_names) for n in person.names]
        for person in paced(persons, counted=False)
    ]
    found = SpelledNames.of(names).tokens(tokens, ClearFields.of(persons).birth_date)
    return token_index.encode(*found)


def _number(person: Any, names: Numbering, places: Numbering, numbers: list[int]) -> int:
    """Append the numbers of all names of a person, and return that of the place of birth."""
    if not isinstance(person, Person):
        raise not_a_person(person)
    # A person without aliases has one name, which need not be made for that.
    for name in person.names if person.aliases else (person,):
        numbers.append(names.number(" ".join(name.family_names)))
        numbers.append(names.number(" ".join(name.first_names)))
    return places.number(person.birth_place or "")


def not_a_person(value: object) -> InvalidInput:
    """Return the error for an item that is not a person."""
    return InvalidInput("not a person", code="not_a_person", field="person", value=value)


def seal(columns: Columns) -> Columns:
    """Return the columns of a segment; rows stay in their order."""
    names = Spellings.in_columns(columns, "names")
    sealed = {
        c.name: columns[c.name] for c in COLUMNS if c.name in columns and "tokens" not in c.name
    }
    return sealed | facts.seal(columns) | names.sealed("names") | token_index.seal(columns)


def unseal(columns: Columns, rows: Numbers) -> Columns:
    """Return the unsealed columns of some rows, of sealed or of unsealed columns."""
    names = Spellings.in_columns(columns, "names")
    entries = _entries(columns).take(rows)
    kept, numbers = used(entries.values, len(names))
    found = {
        **facts.unseal(columns, rows),
        **names.take(kept).columns("names"),
        "entries.offsets": entries.offsets,
        "entries": numbers,
        **token_index.unseal(columns, rows),
    }
    if "aliases.offsets" in columns:
        found |= Ragged.from_columns(columns, "aliases").take(rows).columns("aliases")
    return found


def join(parts: Sequence[Columns]) -> Columns:
    """Join columns of several segments."""
    names, numbers = Spellings.merged([Spellings.in_columns(part, "names") for part in parts])
    pairs = [new[part["entries"]] for new, part in zip(numbers, parts, strict=True)]
    joined = {
        **facts.join(parts),
        **names.columns("names"),
        "entries.offsets": Ragged.concatenate([_entries(part) for part in parts]).offsets,
        "entries": np.concatenate(pairs),
        **token_index.join(parts),
    }
    if any("aliases.offsets" in part for part in parts):
        joined |= Ragged.concatenate([_aliases_of(part) for part in parts]).columns("aliases")
    return joined


def traces(segment: _native.Segment, rows: Numbers) -> Iterator[Trace]:
    """Yield the places of dead rows, and of values without a living row."""
    columns, live = segment.columns, segment.live_row_numbers()
    yield from facts.traces(columns, live, rows)
    names = Spellings.in_columns(columns, "names")
    entries = _entries(columns)
    alive = entries.values[entries.places(live)]
    yield from names.traces("names", unused(alive, len(names)))
    yield "entries", (entries.places(rows),), 0
    if "aliases.offsets" in columns:
        yield "aliases.bytes", (Ragged.from_columns(columns, "aliases").places(rows),), 0
    yield from token_index.traces(columns, rows)


def decode(columns: Columns, row: int) -> Person:
    """Return the person in a row."""
    birth_date, birth_place, country, gender, nationalities = facts.decode(columns, row)
    own = columns["entries"][int(columns["entries.offsets"][row])].tolist()
    written = Ragged.from_columns(columns, "names.written")
    family, first = (written[number].tobytes().decode("utf-8") for number in own)
    aliases = _aliases_from_bytes(_aliases_of(columns)[row].tobytes())
    return Person(
        first,
        family,
        aliases,
        birth_date=birth_date,
        birth_place=birth_place,
        country_of_birth=country,
        nationalities=nationalities,
        gender=gender,
    )


def _entries(columns: Columns) -> Ragged:
    return Ragged(columns["entries.offsets"], columns["entries"])


def _aliases_of(columns: Columns) -> Ragged:
    if "aliases.offsets" in columns:
        return Ragged.from_columns(columns, "aliases")
    return Ragged.from_rows([b""] * len(columns["facts"]))


def _aliases_to_bytes(person: Person) -> bytes:
    if not person.aliases:
        return b""
    parts = [
        alias if isinstance(alias, str) else [alias.first_names, alias.family_names]
        for alias in person.aliases
    ]
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _aliases_from_bytes(data: bytes) -> tuple[Name | str, ...]:
    parts: list[Any] = json.loads(data) if data else []
    if not isinstance(parts, list):
        raise InvalidInput("not aliases", code="bad_name", field="aliases")
    return tuple(part if isinstance(part, str) else Name(*part) for part in parts)
