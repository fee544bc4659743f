"""Persons given by the spellings of their names, as the native core takes them; some spellings
are not results of folding.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from oracles.police_record import levels as oracle
from oracles.police_record.levels import Folded, Subject
from prum_match import _native
from prum_match.engine.ragged import offsets_of
from prum_match.police_record.columns import facts
from prum_match.police_record.columns.vocabulary import Numbering, Spellings
from prum_match.police_record.linkage.model import START, LinkageModel
from prum_match.police_record.linkage.pairs import segment_of
from prum_match.police_record.linkage.weights import Weights
from prum_match.police_record.names.folding import Folded as FoldedName
from prum_match.police_record.persons.clear_fields import (
    GENDERS,
    ClearFields,
    pack_country,
    pack_date,
)
from prum_match.police_record.persons.person import Person
from prum_match.values.dates import PartialDate

ANY_WEIGHT = -(2**29)
_NAME_LEVELS, _DATE_LEVELS, _COUNTRY_LEVELS = 9, 8, 3


def table(numbers: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int32]:
    """Return weights of levels; a missing value has the weight 0."""
    return np.array([0, *numbers], np.int32)


def drawn_weights(random: np.random.Generator, kind: str) -> Weights:
    """Draw weights of a kind: *any*, *most* (64 bits for or against), *few* (ties), *equal*.

    Also *round*: coarse units are exact, except for the cost of an alias.
    """
    if kind == "round":
        return _round_weights(random)

    def numbers(n: int) -> NDArray[np.int64]:
        if kind == "most":
            return random.choice([-65536, 65536], n)
        if kind == "few":
            return random.integers(-2, 3, n)
        if kind == "equal":
            return np.full(n, 700)
        # As a model has them, and up to what none has.
        return random.integers(-1, 2, n) * random.integers(0, random.choice([9, 9000, 65537]), n)

    tables = {
        name: table(numbers(n - 1))
        for name, n in (
            ("family", _NAME_LEVELS),
            ("first", _NAME_LEVELS),
            ("date", _DATE_LEVELS),
            ("place", _NAME_LEVELS),
            ("country", _COUNTRY_LEVELS),
            ("nationality", _COUNTRY_LEVELS),
            ("gender", _COUNTRY_LEVELS),
        )
    }
    exchanged, alias = numbers(1)[0], numbers(1)[0]
    if random.random() < 0.3:
        alias = random.choice([0, -1, -65536])
    if random.random() < 0.3:
        exchanged = random.choice([-65536, 65536, tables["family"].max() + tables["first"].max()])
    most = np.clip(exchanged, -65536, 65536)
    return Weights(exchanged=int(most), alias=-abs(int(alias)), **tables)


def _round_weights(random: np.random.Generator) -> Weights:
    # Together the fields range over as many units as a sum of bytes has room for, less slack.
    unit = int(random.integers(2, 50))
    family, first = random.integers(0, 25, (2, _NAME_LEVELS - 1))
    place = random.choice([0, 0, 0, -20], _NAME_LEVELS - 1)
    country, nationality, gender = random.choice([0, 0, -3], (3, _COUNTRY_LEVELS - 1))
    date = np.zeros(_DATE_LEVELS - 1, np.int64)
    parts = (family, first, place, country, nationality, gender)
    date[0] = sum(int(max(0, part.max()) - min(0, part.min())) for part in parts) - 250
    tables = [table(unit * part) for part in (*parts[:2], date, *parts[2:])]
    alias = -int(random.integers(0, 60 * unit))
    exchanged = unit * int(random.integers(0, family.max() + first.max() + 1))
    return Weights(*tables[:2], exchanged, alias, *tables[2:])


def packed(weights: Weights) -> NDArray[np.int32]:
    """Return weights in the form of the native core."""
    names = [weights.family, weights.first, [weights.exchanged, weights.alias]]
    rest = [weights.date, weights.place, weights.country, weights.nationality, weights.gender]
    return np.concatenate([*names, *rest]).astype(np.int32)


def model_of(weights: Weights) -> LinkageModel:
    """Return a model with weights that do not follow from shares of levels."""
    model = LinkageModel(m=START.m, u=START.u, prior=START.prior, name="drawn")
    vars(model)["_weights"] = weights
    return model


def segment_of_subjects(subjects: Sequence[Subject]) -> _native.Segment:
    """Return persons as a segment."""
    names, places = _Numbers(), _Numbers()
    numbers = [(names.of(n.family), names.of(n.first)) for s in subjects for n in s.names]
    place_numbers = np.array([places.of(s.birth_place) for s in subjects], np.uint32)
    clear = ClearFields.of([_person(s) for s in subjects])
    spellings = names.spellings()
    columns = {
        **facts.encode(clear, places.spellings(), place_numbers),
        **spellings.columns("names"),
        **spellings.sealed("names"),
        "entries.offsets": offsets_of([len(s.names) for s in subjects]).astype(np.uint32),
        "entries": np.array(numbers, np.uint32).reshape(-1, 2),
    }
    return segment_of(columns | facts.seal(columns))


def matcher_of(
    subjects: Sequence[Subject],
    weights: Weights,
    least: int = ANY_WEIGHT,
    others: oracle.Others = oracle.nobody,
    family_rarity: oracle.Rarity = oracle.nothing,
    first_rarity: oracle.Rarity = oracle.nothing,
) -> _native.PersonMatcher:
    """Make persons ready as probes."""
    matcher = _native.PersonMatcher(packed(weights), least)

    def exact(weight: int, name: Folded | None, rarity: oracle.Rarity) -> int:
        return int(weight) if name is None else int(weight) + rarity(name.exact)

    for subject in subjects:
        names = [
            (
                _spelled(name.family),
                _spelled(name.first),
                [] if name.first is None else [o for f in name.first.forms for o in others(f)],
                number > 0,
                exact(weights.family[-1], name.family, family_rarity),
                exact(weights.first[-1], name.first, first_rarity),
            )
            for number, name in enumerate(subject.names)
        ]
        person = _person(subject)
        matcher.add(
            names,
            pack_date(person.birth_date),
            _spelled(subject.birth_place),
            GENDERS.index(subject.gender),
            pack_country(subject.country_of_birth),
            [pack_country(code) for code in person.nationalities],
            [],
        )
    return matcher


class _Numbers:
    """Numbers of spellings, as texts for the vocabulary to fold."""

    def __init__(self) -> None:
        self._known: dict[str, Folded] = {}
        self._numbering = Numbering(self._fold)

    def of(self, name: Folded | None) -> int:
        if name is None:
            return 0
        text = "|".join((name.exact, *name.forms))
        self._known[text] = name
        return self._numbering.number(text)

    def spellings(self) -> Spellings:
        return self._numbering.spellings()

    def _fold(self, text: str) -> FoldedName:
        name = self._known[text]
        return FoldedName(name.exact, name.forms, ())


def _spelled(name: Folded | None) -> tuple[str, list[str]] | None:
    return None if name is None else (name.exact, list(name.forms))


def _person(subject: Subject) -> Person:
    born = subject.birth_date
    return Person(
        birth_date=None if born is None else PartialDate(*(part or None for part in born)),
        country_of_birth=subject.country_of_birth,
        nationalities=subject.nationalities,
        gender=subject.gender,
    )


def found_pairs(
    matcher: _native.PersonMatcher | _native.FieldMatcher,
    segment: _native.Segment,
) -> dict[tuple[Hashable, Hashable], tuple[int, int]]:
    """Return pattern and weight of each pair of a probe and a row."""
    probes, rows, weights, patterns = (each.tolist() for each in matcher.pairs(segment))
    pairs = list(zip(probes, rows, strict=True))
    assert len(set(pairs)) == len(pairs)
    return dict(zip(pairs, zip(patterns, weights, strict=True), strict=True))
