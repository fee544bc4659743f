"""The blocking tokens of a person as texts, by the table of `police_record/token_numbers.py`.

This oracle does not use native code, and makes each token directly.
"""

from __future__ import annotations

from collections.abc import Iterator

from oracles.police_record.phonetics import phonetic_key
from prum_match.police_record.names.folding import fold_name
from prum_match.police_record.persons.person import Person
from prum_match.values.dates import PartialDate


def tokens(person: Person) -> tuple[str, ...]:
    """Return the tokens of a person, of all names, sorted and distinct."""
    return tuple(sorted({*_all(person)}))


def _all(person: Person) -> Iterator[str]:
    date = person.birth_date
    if date is not None:
        yield from _of_date(date)
    for name in person.names:
        halves = _keys_and_initials(name.first_names), _keys_and_initials(name.family_names)
        for (keys, _), (_, initials) in (halves, halves[::-1]):
            for key in keys:
                yield from (f"n:{key}:{initial}" for initial in initials or {""})
                if date is not None:
                    yield f"p:{key}:{date.year}"


def _of_date(date: PartialDate) -> Iterator[str]:
    if date.month is None:
        return
    yield f"m:{date.year}-{date.month:02d}"
    if date.day is None:
        return
    low, high = sorted((date.month, date.day)) if date.day <= 12 else (date.month, date.day)
    yield f"d:{date.year}-{low:02d}-{high:02d}"


def _keys_and_initials(half: tuple[str, ...]) -> tuple[set[str], set[str]]:
    forms = fold_name(" ".join(half)).forms
    parts = {part for form in forms for part in form.split()}
    whole = {form.replace(" ", "") for form in forms}
    return {phonetic_key(text) for text in parts | whole}, {part[0] for part in parts}
