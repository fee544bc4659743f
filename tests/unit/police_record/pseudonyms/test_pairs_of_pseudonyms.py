"""Registers of pseudonyms are linked, also with missing names."""

from __future__ import annotations

import pytest

from prum_match.errors import ComparisonMismatch
from prum_match.police_record import (
    FIELD_PARAMETERS,
    LEGAL_PARAMETERS,
    Encoder,
    FellegiSunter,
    Person,
)
from prum_match.police_record.linkage.pairs import compare


def test_an_absent_name_has_no_frequency() -> None:
    """A filter of zeros is a missing name, although many persons have it."""
    persons = [Person(f"Ada{x}", "Brack", birth_date="1984-02-03") for x in "ABCDEFGH"]
    persons += [Person(family_names="Gabler"), Person("Eva"), Person("Eva", "Gabler")]
    with Encoder(FIELD_PARAMETERS, lambda period: bytes(range(32))) as encoder:
        left, right = encoder.encode(persons), encoder.encode(persons[::-1])
    links = FellegiSunter(prior=0.1).fit(left, right).link(left, right, threshold=1e-6)
    pairs = zip(links.left.tolist(), links.right.tolist(), strict=True)
    found = dict(zip(pairs, links.probability.tolist(), strict=True))
    # Of the last two one knows a family name alone, the other a first name alone.
    unknown = max(found.get(pair, 0.0) for pair in ((8, 1), (9, 2)))
    assert min(found[i, 10 - i] for i in range(8)) > unknown


def test_filters_of_all_fields_are_not_compared_field_by_field() -> None:
    encoder = Encoder(LEGAL_PARAMETERS, lambda period: bytes(range(32)))
    persons = encoder.encode([Person("Eva", "Brack"), Person("Ada", "Tesman")])
    with pytest.raises(ComparisonMismatch) as error:
        compare(persons, None)
    assert error.value.code == "other_encoding"
