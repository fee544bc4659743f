"""Persons as probes of the native core."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.progress import paced
from prum_match.police_record.linkage.levels import NameLevel
from prum_match.police_record.linkage.policy import LinkagePolicy
from prum_match.police_record.linkage.weights import Weights
from prum_match.police_record.names.folding import Folded, fold_name, fold_place
from prum_match.police_record.names.nicknames import Nicknames
from prum_match.police_record.persons.clear_fields import (
    GENDERS,
    HasClearFields,
    pack_country,
    pack_date,
)
from prum_match.police_record.persons.person import Person
from prum_match.police_record.pseudonyms.encoded import EncodedPerson, Pseudonyms
from prum_match.police_record.pseudonyms.token_numbers import token_hashes

Rarity: TypeAlias = Callable[[str, Hashable], int]
"""Weight that an exactly equal name adds: by component and name, in 1/1024 bit."""

Spelled: TypeAlias = tuple[str, list[str]] | None
_GENDER_NUMBERS = {gender: number for number, gender in enumerate(GENDERS)}


def packed(weights: Weights) -> NDArray[np.int32]:
    """Return weights in the order of csrc/police_record/linkage/weights.hpp."""
    parts = (
        *(weights.family, weights.first, [weights.exchanged], [weights.alias], weights.date),
        *(weights.place, weights.country, weights.nationality, weights.gender),
    )
    return np.concatenate(parts).astype(np.int32)


def rarity_of(policy: LinkagePolicy) -> Rarity:
    """Return the weights that the frequencies of a policy add."""
    frequencies = policy.frequencies

    def added(component: str, name: Hashable) -> int:
        if frequencies is None:
            return 0
        by_chance = policy.model.u[component][NameLevel.EXACT]
        return int(frequencies.units(component, [name], by_chance)[0])

    return added


def person_matcher(persons: Iterable[Person], policy: LinkagePolicy) -> _native.PersonMatcher:
    """Return a matcher for persons in clear."""
    weights, rarity = policy.model.weights(), rarity_of(policy)
    matcher = _native.PersonMatcher(packed(weights), policy.least, policy.by_tokens)
    for person in persons:
        tokens = token_hashes([person])[0].tolist() if policy.by_tokens else ()
        add_person(matcher, person, weights, rarity, policy.nicknames, tokens)
    return matcher


def field_matcher(
    persons: Iterable[tuple[EncodedPerson, Pseudonyms]],
    policy: LinkagePolicy,
    dice: Sequence[float],
    key_id: str,
) -> _native.FieldMatcher:
    """Return a matcher for persons whose names are filters, all under one key."""
    weights = policy.model.weights()
    matcher = _native.FieldMatcher(
        packed(weights), policy.least, list(dice), int(key_id, 16), policy.by_tokens
    )
    for person, names in paced(persons, counted=False):
        add_pseudonyms(matcher, person, names, weights, _no_rarity)
    return matcher


def add_person(
    matcher: _native.PersonMatcher,
    person: Person,
    weights: Weights,
    rarity: Rarity,
    nicknames: Nicknames | None,
    tokens: Sequence[int] = (),
) -> None:
    """Add one person in clear."""
    names = []
    for number, name in enumerate(person.names):
        family, first = _folded(name.family_names), _folded(name.first_names)
        family_exact, first_exact = int(weights.family[-1]), int(weights.first[-1])
        if family is not None:
            family_exact += rarity("family", family.exact)
        if first is not None:
            first_exact += rarity("first", first.exact)
        names.append(
            (
                _spelled(family),
                _spelled(first),
                _nicknames(nicknames, first),
                number > 0,
                family_exact,
                first_exact,
            )
        )
    place = None if person.birth_place is None else _spelled(fold_place(person.birth_place))
    date, gender, country, nationalities = _clear(person)
    matcher.add(names, date, place, gender, country, nationalities, list(tokens))


def add_pseudonyms(
    matcher: _native.FieldMatcher,
    person: EncodedPerson,
    names: Pseudonyms,
    weights: Weights,
    rarity: Rarity,
) -> None:
    """Add one person whose names are filters."""
    filters = filters_of(names)
    half = filters.shape[1] // 2
    exact = [
        (
            int(weights.family[-1]) + _rarity_of("family", row[:half], rarity),
            int(weights.first[-1]) + _rarity_of("first", row[half:], rarity),
        )
        for row in filters
    ]
    matcher.add(filters, exact, *_clear(person), list(names.tokens))


def _rarity_of(component: str, filled: NDArray[np.uint8], rarity: Rarity) -> int:
    """Return the weight that a name adds; an absent one, all zero, never agrees exactly."""
    return rarity(component, filled.tobytes()) if filled.any() else 0


def _no_rarity(component: str, name: Hashable) -> int:
    return 0


def filters_of(names: Pseudonyms) -> NDArray[np.uint8]:
    """Return the filters of a person, one row each."""
    return np.frombuffer(b"".join(names.filters), np.uint8).reshape(len(names.filters), -1)


def _clear(person: HasClearFields) -> tuple[int, int, int, list[int]]:
    return (
        pack_date(person.birth_date),
        _GENDER_NUMBERS[person.gender],
        pack_country(person.country_of_birth),
        [pack_country(code) for code in person.nationalities],
    )


def _folded(parts: tuple[str, ...]) -> Folded | None:
    return fold_name(" ".join(parts)) if parts else None


def _spelled(name: Folded | None) -> Spelled:
    return None if name is None else (name.exact, list(name.forms))


def _nicknames(nicknames: Nicknames | None, name: Folded | None) -> list[str]:
    if nicknames is None or name is None:
        return []
    return [other for form in name.forms for other in nicknames.of(form)]
