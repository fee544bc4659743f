"""Why two persons are taken for one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prum_match.police_record.linkage.comparison import Comparison, MatchQuality
from prum_match.police_record.linkage.levels import CountryLevel, DateLevel, NameLevel
from prum_match.police_record.linkage.model import START
from prum_match.police_record.linkage.patterns import Pattern, code_of
from prum_match.police_record.linkage.policy import LinkagePolicy

RULE = LinkagePolicy(model=START)
ALL = Pattern(
    NameLevel.EXACT,
    NameLevel.EQUIVALENT,
    False,
    False,
    DateLevel.EXACT,
    NameLevel.CLOSE,
    CountryLevel.SAME,
    CountryLevel.SAME,
    CountryLevel.SAME,
)


def test_fields_add_up_to_the_weight_of_the_pattern() -> None:
    weights = START.weights()
    for pattern in (ALL, Pattern(), Pattern(exchanged=True, date=DateLevel.SWAPPED)):
        compared = Comparison(pattern, RULE)
        assert compared.weight == weights.of([code_of(pattern)])[0]
        assert compared.probability == START.probability(compared.weight)
    assert len(Comparison(ALL, RULE).fields) == 7
    assert [f.field for f in Comparison(Pattern(exchanged=True, alias=True), RULE).fields] == [
        "exchanged",
        "alias",
    ]


def test_frequencies_count_where_a_name_is_exactly_the_same() -> None:
    compared = Comparison(ALL, RULE, family_rarity=1024, first_rarity=512)
    family, first = compared.fields[:2]
    assert (family.rarity, first.rarity) == (1024, 0)
    assert compared.weight == Comparison(ALL, RULE).weight + 1024
    assert "family names: exact, +8.2 bits (+1.0 for its frequency)" in str(compared)


@pytest.mark.parametrize(
    ("pattern", "quality"),
    [
        (ALL, MatchQuality.EXACT),
        (ALL._replace(alias=True), MatchQuality.EXACT),
        (ALL._replace(gender=CountryLevel.MISSING), MatchQuality.EXACT),
        (ALL._replace(gender=CountryLevel.DIFFERENT), MatchQuality.CLOSE),
        (ALL._replace(place=NameLevel.DIFFERENT), MatchQuality.CLOSE),
        (ALL._replace(date=DateLevel.SAME_MONTH), MatchQuality.CLOSE),
        (ALL._replace(first=NameLevel.CLOSE), MatchQuality.CLOSE),
        (ALL._replace(date=DateLevel.DIFFERENT), MatchQuality.PARTIAL),
        (
            Pattern(exchanged=True, date=DateLevel.EXACT, country=CountryLevel.SAME),
            MatchQuality.CLOSE,
        ),
        (Pattern(), MatchQuality.PARTIAL),
    ],
)
def test_quality(pattern: Pattern, quality: MatchQuality) -> None:
    assert Comparison(pattern, RULE).match_quality is quality


def test_a_prior_of_its_own() -> None:
    likely = replace(START, prior=0.5)
    rule = LinkagePolicy(model=likely, close=0.1)
    assert Comparison(ALL, rule).probability > Comparison(ALL, RULE).probability
    assert Comparison(Pattern(), rule).match_quality is MatchQuality.CLOSE


def test_text_is_one_line_a_field() -> None:
    assert str(Comparison(Pattern(alias=True, date=DateLevel.SAME_YEAR), RULE)).splitlines() == [
        "an alias: -3.7 bits",
        "birth date: same year, +5.3 bits",
        "together: +1.7 bits, probability 0.000, quality partial (local)",
    ]
    assert repr(Comparison(Pattern(), RULE)) == "<Comparison: pattern 0, +0.0 bits>"
