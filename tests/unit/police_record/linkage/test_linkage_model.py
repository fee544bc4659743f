"""Models of linkage: patterns, weights, probabilities, their file."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from prum_match.errors import InvalidInput
from prum_match.police_record.linkage.levels import CountryLevel, DateLevel, NameLevel
from prum_match.police_record.linkage.model import START, LinkageModel, default_model
from prum_match.police_record.linkage.patterns import (
    LEVELS,
    PATTERNS,
    Pattern,
    are_exact,
    code_of,
    levels_of,
    pattern_of,
)
from prum_match.police_record.linkage.weights import UNIT, in_units


def test_every_pattern_has_one_number() -> None:
    codes = range(PATTERNS)
    assert PATTERNS == 318_816
    assert [code_of(pattern_of(code)) for code in codes[::101]] == list(codes[::101])
    levels = levels_of(np.arange(PATTERNS))
    assert {name: int(column.max()) + 1 for name, column in levels.items()} == LEVELS
    assert not levels["family"][levels["exchanged"] == 2].any()


def test_a_number_is_made_as_in_native_code() -> None:
    pattern = Pattern(
        NameLevel.NEAR,
        NameLevel.NICKNAME,
        alias=True,
        date=DateLevel.SAME_MONTH,
        place=NameLevel.PARTIAL,
        country=CountryLevel.SAME,
        gender=CountryLevel.DIFFERENT,
    )
    names = 4 * 9 + 6
    assert code_of(pattern) == (((((names * 2 + 1) * 8 + 6) * 9 + 2) * 3 + 2) * 3 + 0) * 3 + 1
    assert pattern_of(81 * 2 * 8 * 9 * 27) == Pattern(exchanged=True)


@pytest.mark.parametrize("codes", [[-1], [PATTERNS], [0.5], ["0"]])
def test_other_numbers_are_refused(codes: list[Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        levels_of(codes)
    assert refused.value.code == "bad_pattern"


def test_a_weight_is_the_ratio_of_shares() -> None:
    weights = START.weights()
    bits = np.log2(np.array(START.m["date"][1:]) / np.array(START.u["date"][1:]))
    assert weights.date[0] == 0
    np.testing.assert_array_equal(weights.date[1:], np.rint(bits * UNIT))
    assert weights.exchanged > weights.family[NameLevel.CLOSE] + weights.first[NameLevel.CLOSE]
    assert not any(table.flags.writeable for table in (weights.family, weights.gender))


def test_weights_add_up() -> None:
    weights = START.weights()
    code = code_of(Pattern(NameLevel.EXACT, alias=True, date=DateLevel.EXACT))
    straight = weights.family[8] + weights.alias + weights.date[7]
    exchanged = code_of(Pattern(exchanged=True, gender=CountryLevel.SAME))
    np.testing.assert_array_equal(
        weights.of([0, code, exchanged]), [0, straight, weights.exchanged + weights.gender[2]]
    )


def test_an_alias_never_counts_in_favour() -> None:
    m = {**START.m, "alias": (0.0, 0.1, 0.9)}
    assert replace(START, m=m).weights().alias == 0


def test_weights_are_bounded_and_rounded_half_to_even() -> None:
    np.testing.assert_array_equal(
        in_units([1e9, -1e9, np.inf, 0.5 / UNIT, 1.5 / UNIT]), [65536, -65536, 65536, 0, 2]
    )


def test_probability_and_weight_are_inverse() -> None:
    for prior in (1e-12, 1e-6, 0.3, 1 - 1e-9):
        model = replace(START, prior=prior)
        for probability in (1e-9, 0.01, 0.5, 0.99, 1 - 1e-9):
            weight = model.weight_at(probability)
            assert model.probability(weight - 1) < probability <= model.probability(weight)
    extremes = START.probability([-(2**30), 2**30])
    np.testing.assert_allclose(extremes, [0.0, 1.0], rtol=0, atol=1e-300)


def test_a_pair_of_which_only_the_reading_is_known_keeps_the_prior() -> None:
    plain = {"exchanged": (0.0, 0.5, 0.5), "alias": (0.0, 0.5, 0.5)}
    model = replace(START, m={**START.m, **plain}, u={**START.u, **plain})
    assert model.probability(0) == pytest.approx(START.prior)


@pytest.mark.parametrize("probability", [0, 1, -1, 2, float("nan"), None, True, "0.5"])
def test_no_weight_makes_such_a_probability(probability: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        START.weight_at(probability)
    assert (refused.value.code, refused.value.field) == ("bad_model", "probability")


def test_a_model_survives_its_file_and_copies() -> None:
    again = LinkageModel.from_json(START.to_json())
    assert again == START
    assert again.to_json() == START.to_json()
    assert hash(again) == hash(START)
    assert pickle.loads(pickle.dumps(START)) == copy.deepcopy(START) == START
    assert again != replace(START, prior=0.5)


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("m", {**START.m, "gender": (0.0, 1.0)}),
        ("m", {**START.m, "gender": (0.0, 0.0, 1.0)}),
        ("m", {**START.m, "gender": (0.1, 0.4, 0.5)}),
        ("m", {**START.m, "gender": (0.0, 0.4, 0.5)}),
        ("u", {**START.u, "gender": (0.0, float("nan"), 0.5)}),
        ("u", {**START.u, "gender": 0.5}),
        ("u", {k: v for k, v in START.u.items() if k != "date"}),
        ("u", None),
        ("prior", 0),
        ("prior", 1.0),
        ("prior", "0.5"),
        ("name", None),
        ("version", "a\n"),
        ("pairs", -1),
        ("iterations", 0.5),
    ],
)
def test_invalid_models_are_refused(field: str, changed: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        replace(START, **{field: changed})
    assert refused.value.code == "bad_model"
    assert str(refused.value.field).startswith(field)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        b"\xff",
        None,
        "[" * 100_000,
        START.to_json().replace('"format_version": 1', '"format_version": 2'),
        START.to_json().replace('"prior"', '"other"'),
        json.dumps({**json.loads(START.to_json()), "more": 1}),
    ],
)
def test_invalid_model_files_are_refused(text: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        LinkageModel.from_json(text)
    assert refused.value.code == "bad_model"


def test_the_model_that_is_shipped_weighs_agreement_in_favour() -> None:
    model = default_model()
    assert (model.name, model.pairs) == ("europe", 200_000_000)
    assert repr(model) == "LinkageModel(name='europe', version='1')"
    for name in ("family", "first", "date", "place", "country", "nationality", "gender"):
        bits = model.bits(name)
        assert bits[1] < 0 < bits[-1]
        assert bits[-1] - bits[1] > 5
    weights = model.weights()
    assert weights.alias < 0
    assert weights.exchanged < weights.family[-1] + weights.first[-1]


def test_a_match_is_exact_if_names_and_date_are_the_same_and_nothing_differs() -> None:
    same = Pattern(NameLevel.EXACT, NameLevel.EQUIVALENT, date=DateLevel.EXACT)
    others = [
        same._replace(family=NameLevel(NameLevel.EQUIVALENT - 1)),
        same._replace(first=NameLevel(NameLevel.EQUIVALENT - 1)),
        same._replace(date=DateLevel(DateLevel.EXACT - 1)),
        same._replace(place=NameLevel.DIFFERENT),
        same._replace(country=CountryLevel.DIFFERENT),
        same._replace(nationality=CountryLevel.DIFFERENT),
        same._replace(gender=CountryLevel.DIFFERENT),
    ]
    agreeing = [
        same,
        same._replace(gender=CountryLevel.SAME, country=CountryLevel.SAME, alias=True),
        same._replace(place=NameLevel.PARTIAL),
    ]
    assert are_exact([code_of(pattern) for pattern in agreeing]).tolist() == [True] * 3
    assert are_exact([code_of(pattern) for pattern in others]).tolist() == [False] * 7
