"""Linkage of registers, by the pairs of the oracle."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from prum_match.errors import InvalidInput
from prum_match.police_record.linkage import pairs
from prum_match.police_record.linkage.fellegi_sunter import FellegiSunter
from prum_match.police_record.linkage.frequencies import TermFrequencies
from prum_match.police_record.linkage.model import START
from prum_match.police_record.names.nicknames import Nicknames
from prum_match.police_record.persons.person import Person
from support.police_record.persons import PlainPairs

FAMILY = "Berg Conti Dubois Eriksen Fischer Gruber Horvat Ivanov Jansen Kowalski Lopez Moreau"
FIRST = "Anna Boris Clara David Elena Franz Greta Henrik Ines Jakob Karla Lukas"


@pytest.fixture(autouse=True)
def pair_by_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "compare", PlainPairs, raising=False)


def register(n: int, seed: int) -> list[Person]:
    rng = np.random.default_rng(seed)
    family, first = FAMILY.split(), FIRST.split()
    return [
        Person(
            first[rng.integers(12)],
            family[rng.integers(12)],
            birth_date=date(1940, 1, 1) + timedelta(int(rng.integers(21_000))),
            gender="FM"[rng.integers(2)],
        )
        for _ in range(n)
    ]


def with_errors(persons: list[Person]) -> list[Person]:
    """Return the same persons: some names exchanged, some misspelt, some dates without a day."""
    changed = []
    for i, each in enumerate(persons):
        first, family = each.first_names[0], each.family_names[0]
        if i % 7 == 0:
            first, family = family, first
        elif i % 5 == 0:
            family = family[:-1] + "x"
        born = str(each.birth_date)[: 7 if i % 6 == 0 else 10]
        changed.append(Person(first, family, birth_date=born, gender=each.gender))
    return changed


LEFT = register(60, 1)
RIGHT = with_errors(LEFT[10:]) + register(20, 2)


@pytest.fixture(scope="module")
def fitted() -> FellegiSunter:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "compare", PlainPairs, raising=False)
        return FellegiSunter().fit(LEFT, RIGHT)


def test_persons_are_found_again_without_labels(fitted: FellegiSunter) -> None:
    links = fitted.link(LEFT, RIGHT)
    found = set(zip(links.left.tolist(), links.right.tolist(), strict=True))
    truth = {(i + 10, i) for i in range(50)}
    assert len(found & truth) >= 48
    assert len(found - truth) <= 2
    assert fitted.doubts_ == ()
    assert (links.left.dtype, links.right.dtype, links.probability.dtype) == ("i8", "i8", "f8")
    assert list(zip(links.left, links.right, strict=True)) == sorted(found)
    assert (links.probability >= 0.5).all()


def test_a_higher_threshold_leaves_fewer(fitted: FellegiSunter) -> None:
    low, high = fitted.link(LEFT, RIGHT, 0.01), fitted.link(LEFT, RIGHT, threshold=0.999)
    assert len(high.left) < len(low.left)
    assert (high.probability >= 0.999).all()


def test_of_one_register_each_pair_is_listed_once() -> None:
    persons = LEFT + with_errors(LEFT[:30])
    linkage = FellegiSunter().fit(persons, persons)
    links = linkage.link(persons, persons)
    assert (links.left < links.right).all()
    found = set(zip(links.left.tolist(), links.right.tolist(), strict=True))
    truth = {(i, 60 + i) for i in range(30)}
    assert len(found & truth) >= 27
    again = FellegiSunter().fit(persons).link(persons)
    np.testing.assert_array_equal(again.left, links.left)
    np.testing.assert_array_equal(again.probability, links.probability)


def test_pairs_are_the_same_either_way_round(fitted: FellegiSunter) -> None:
    one, other = fitted.link(LEFT, RIGHT), fitted.link(RIGHT, LEFT)
    order = np.lexsort((other.left, other.right))
    np.testing.assert_array_equal(one.left, other.right[order])
    np.testing.assert_array_equal(one.probability, other.probability[order])


def test_fitted_values_are_attributes(fitted: FellegiSunter) -> None:
    assert fitted.n_iter_ == len(fitted.log_likelihoods_) - 1 == fitted.model_.iterations
    assert np.diff(fitted.log_likelihoods_).min() > -1e-9
    assert fitted.model_.pairs == 60 * 70
    assert fitted.frequencies_ is not None
    assert sum(fitted.frequencies_.family.values()) == pytest.approx(1)


def test_a_sample_is_counted_where_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch, fitted: FellegiSunter
) -> None:
    monkeypatch.setattr("prum_match.police_record.linkage.fellegi_sunter.LEAST_ROWS", 40)
    linkage = FellegiSunter(max_pairs=1000).fit(LEFT, RIGHT)
    assert linkage.model_.pairs == 40 * 70
    assert linkage.doubts_ == ()
    again = FellegiSunter(max_pairs=1000).fit(LEFT, RIGHT)
    assert again.model_ == linkage.model_
    assert FellegiSunter(max_pairs=1000, seed=1).fit(LEFT, RIGHT).model_ != linkage.model_
    everybody = set(fitted.link(LEFT, RIGHT).left.tolist())
    assert len(everybody ^ set(linkage.link(LEFT, RIGHT).left.tolist())) <= 4


def test_frequencies_and_nicknames_count() -> None:
    table = TermFrequencies({"berg": 0.5, "horvat": 0.001}, {})
    one = Person("Anna", "Berg", birth_date="1950")
    other = Person("Anna", "Horvat", birth_date="1950")
    linkage = FellegiSunter(frequencies=table).fit(LEFT, RIGHT)
    assert linkage.frequencies_ is table
    common = linkage.link([one], [one], 1e-9).probability[0]
    assert common < linkage.link([other], [other], 1e-9).probability[0]
    names = Nicknames([("Anna", "Nan")])
    plain = FellegiSunter(frequencies=None).fit(LEFT, RIGHT)
    knowing = FellegiSunter(frequencies=None, nicknames=names).fit(LEFT, RIGHT)
    nan = [Person("Nan", "Berg", birth_date="1950")]
    assert (
        knowing.link([one], nan, 1e-9).probability[0] > plain.link([one], nan, 1e-9).probability[0]
    )


def test_parameters_are_set_and_read_by_name() -> None:
    linkage = FellegiSunter(prior=0.1)
    assert linkage.set_params(prior=None, seed=3) is linkage
    assert linkage.get_params() == {**FellegiSunter().get_params(), "seed": 3}
    with pytest.raises(InvalidInput) as refused:
        linkage.set_params(priors=1)
    assert (refused.value.code, refused.value.field) == ("bad_parameter", "priors")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("frequencies", "learn"),
        ("nicknames", {}),
        ("prior", 0),
        ("prior", "0.5"),
        ("prior", True),
        ("start", None),
        ("max_iterations", 0),
        ("tolerance", float("nan")),
        ("max_pairs", -1),
        ("seed", -1),
        ("seed", None),
    ],
)
def test_invalid_parameters_are_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        FellegiSunter(**{name: value}).fit(LEFT, RIGHT)
    assert (refused.value.code, refused.value.field) == ("bad_parameter", name)


@pytest.mark.parametrize("threshold", [0, 1, -0.5, float("nan"), None, "0.5", True])
def test_invalid_thresholds_are_refused(fitted: FellegiSunter, threshold: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        fitted.link(LEFT, RIGHT, threshold)
    assert (refused.value.code, refused.value.field) == ("bad_parameter", "threshold")


def test_fit_comes_first() -> None:
    with pytest.raises(InvalidInput) as refused:
        FellegiSunter().link(LEFT, RIGHT)
    assert refused.value.code == "not_fitted"


@pytest.mark.parametrize(("left", "right"), [([], RIGHT), (LEFT, []), ([], None), (LEFT[:1], None)])
def test_there_have_to_be_pairs(left: list[Person], right: list[Person] | None) -> None:
    with pytest.raises(InvalidInput) as refused:
        FellegiSunter().fit(left, right)
    assert refused.value.code == "no_pairs"


def test_one_field_alone_is_enough_to_fit() -> None:
    persons = [Person(family_names=name) for name in FAMILY.split()]
    linkage = FellegiSunter().fit(persons, persons[:5])
    weights, start = linkage.model_.weights(), START.weights()
    assert abs(weights.gender[2] - start.gender[2]) < 2048
    assert np.isfinite(linkage.link(persons, persons[:5], 0.01).probability).all()


def test_a_fit_that_did_not_converge_is_reported() -> None:
    linkage = FellegiSunter(max_iterations=1, tolerance=0.0).fit(LEFT, RIGHT)
    assert "the fit did not converge" in linkage.doubts_
