"""Ours: filters of names, fitted without labels; filters of records at their best threshold."""

from __future__ import annotations

from typing import Any

from benchmarks.police_record import febrl
from benchmarks.police_record.data import encoder
from benchmarks.police_record.linkage import THRESHOLD
from benchmarks.police_record.pseudonyms import FIELD, RECORD, Pairs, PseudonymCase, best, near
from benchmarks.task import Pass
from prum_match.police_record import FellegiSunter
from prum_match.police_record.pseudonyms.encoded import EncodedPersons
from prum_match.police_record.pseudonyms.parameters import (
    FIELD_PARAMETERS,
    LEGAL_PARAMETERS,
    NATIONAL_PARAMETERS,
    Parameters,
)


def missing() -> str | None:
    return febrl.missing()


def _encoded(case: PseudonymCase, parameters: Parameters) -> tuple[EncodedPersons, EncodedPersons]:
    left, right = case.sides
    with encoder(parameters) as made:
        return made.encode(left.persons), made.encode(right.persons)


class Names:
    """Filters of single names; what is clear is compared in clear."""

    NAME = FIELD
    missing = staticmethod(missing)

    @staticmethod
    def load(case: PseudonymCase) -> Pass:
        left, right = _encoded(case, FIELD_PARAMETERS)

        def run() -> Any:
            return FellegiSunter().fit(left, right).link(left, right, threshold=THRESHOLD)

        return Pass(
            run,
            lambda found: None,
            how=f"fit and link from {THRESHOLD}; encoding not timed",
            detail=lambda found: case.judged(found[0], found[1]),
        )


class Records:
    """Filters of names, date and, where it is known, place."""

    NAME = RECORD
    missing = staticmethod(missing)

    @staticmethod
    def load(case: PseudonymCase) -> Pass:
        left, right = _encoded(case, NATIONAL_PARAMETERS if case.place else LEGAL_PARAMETERS)

        def run() -> Pairs:
            return near(left.filters, right.filters)

        return Pass(
            run,
            lambda found: None,
            how="compared with NumPy; best threshold; encoding not timed",
            detail=lambda found: best(case, found),
        )
