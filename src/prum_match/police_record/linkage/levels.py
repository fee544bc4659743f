"""Levels of agreement of two values of a field, and the pattern that they make."""

from __future__ import annotations

from enum import IntEnum


class NameLevel(IntEnum):
    """How two names, or two places, agree; distances are optimal string alignments.

    The best of all pairs of spellings counts. *Edits* are insertions, deletions, substitutions and
    swaps of neighbours; ``shorter`` and ``longer`` are the lengths of the two spellings.
    """

    MISSING = 0
    DIFFERENT = 1
    #: A common part of three letters or more, as of a double surname.
    PARTIAL = 2
    #: 3 edits or fewer, at most a third of the longer; 6 letters or more.
    FAR = 3
    #: 2 edits, at most half of the shorter; 4 letters or more.
    NEAR = 4
    #: 1 edit; 3 letters or more.
    CLOSE = 5
    #: A known nickname of the other; first names only.
    NICKNAME = 6
    #: The same in one of the ways to transliterate, without particles.
    EQUIVALENT = 7
    #: The same except for case, punctuation and the order of the parts.
    EXACT = 8


class DateLevel(IntEnum):
    """How two birth dates agree."""

    MISSING = 0
    DIFFERENT = 1
    #: Two of year, month and day are the same.
    NEAR = 2
    #: 1 January and another day, or month, of the same year: registers write it for unknown days.
    PLACEHOLDER = 3
    #: Day and month are exchanged.
    SWAPPED = 4
    #: The same year; one of the dates has nothing else.
    SAME_YEAR = 5
    #: The same month; one of the dates has no day.
    SAME_MONTH = 6
    EXACT = 7


class CountryLevel(IntEnum):
    """How two genders, two countries of birth or two lists of nationalities agree."""

    MISSING = 0
    DIFFERENT = 1
    #: The same; of nationalities, one in common.
    SAME = 2
