"""Policies of prints: valid values, and the positions that are compared."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from itertools import product
from typing import Any

import numpy as np
import pytest

from prum_match import dactyloscopy
from prum_match.dactyloscopy import TRANSACTIONS, Policy
from prum_match.dactyloscopy.policy import place_of
from prum_match.errors import ComparisonMismatch, InvalidInput
from support.dactyloscopy.templates import IMPRESSIONS, PLACES, changed, is_compared, kind_of
from support.galleries.kits import DACTYLOSCOPY

PRINT = DACTYLOSCOPY.item(1)


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"mode": "fast"}, "bad_option", "mode"),
        ({"positions": "near"}, "bad_option", "positions"),
        ({"probes": ("TP", "LT")}, "bad_option", "probes"),
        ({"references": ("tp",)}, "bad_option", "references"),
        *(
            ({"keep": value}, "bad_share", "keep")
            for value in (0, -0.1, 1.01, float("nan"), True, "0.5", None)
        ),
        *(
            ({"threshold": value}, "bad_threshold", "threshold")
            for value in (float("nan"), float("inf"), "30", True, [1])
        ),
        ({"max_candidates": 0}, "bad_limit", "max_candidates"),
    ],
)
def test_invalid_policies_are_refused(given: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Policy(**given)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_valid_policies_are_accepted() -> None:
    assert Policy(keep=1, threshold=np.float32(3), mode="cascade").approximate is False
    assert Policy(keep=np.float64(0.5), mode="cascade").approximate is True
    assert Policy(keep=0.5).approximate is False
    assert Policy(threshold=-1e300).threshold == -1e300
    with pytest.raises(FrozenInstanceError):
        Policy().keep = 1  # type: ignore[misc]


def test_a_policy_is_for_the_kinds_that_it_names() -> None:
    policy = Policy(probes=("UL",), threshold=1)
    gallery = dactyloscopy.Gallery()
    for call in (
        lambda: gallery.search(PRINT, policy=policy),
        lambda: gallery.search_many([changed(PRINT, impression=4), PRINT], policy=policy),
    ):
        with pytest.raises(ComparisonMismatch) as caught:
            call()
        assert caught.value.code == "other_transaction"


@pytest.mark.parametrize("positions", ["same", "any"])
@pytest.mark.parametrize("references", [("TP", "UL", "PP", "ULP"), ("TP",), ("UL", "ULP"), ()])
def test_positions_a_print_is_compared_with(positions: Any, references: Any) -> None:
    policy = Policy(positions=positions, references=references)
    made = [changed(PRINT, position=p, impression=i) for p, i in product(PLACES, IMPRESSIONS)]
    for probe in made:
        places = policy.places(probe)
        assert places.shape == (256,)
        for reference in made:
            assert places[place_of(reference)] == is_compared(probe, reference, policy)


def test_the_transactions_of_the_decisions() -> None:
    """Council Decision 2008/616/JHA, Annex, chapter 2."""
    caps = {"TP/TP": 1, "LT/TP": 10, "TP/UL": 5, "LT/UL": 5, "LP/PP": 5, "PP/ULP": 5, "LP/ULP": 5}
    kinds = {"TP": "TP", "LT": "UL", "UL": "UL", "LP": "ULP", "PP": "PP", "ULP": "ULP"}
    assert {name: policy.max_candidates for name, policy in TRANSACTIONS.items()} == caps
    for name, policy in TRANSACTIONS.items():
        probe, reference = name.split("/")
        assert (policy.name, policy.mode) == (name, "exhaustive")
        assert policy.probes == (kinds[probe],)
        assert policy.references == (kinds[reference],)
        assert "interpretation" in policy.source


def test_a_palm_by_its_impression() -> None:
    """A print with the impression of a palm but no position may be any part of a palm."""
    palm = changed(PRINT, position=0, impression=10)
    assert kind_of(palm) == "PP"
    policy = Policy(references=("PP",))
    places = policy.places(palm)
    assert all(places[position] for position in (20, 21, 32))
    assert not places[1]


def test_thresholds_are_not_rounded_to_float32() -> None:
    """Scores are such floats; the threshold is not rounded to one before it is compared."""
    gallery = dactyloscopy.Gallery()
    gallery.enrol(["a"], [PRINT])
    score = float(gallery.search(PRINT, limit=1).scores[0])
    above = float(np.nextafter(score, np.inf))
    assert np.float32(above) == np.float32(score)
    assert len(gallery.search(PRINT, policy=Policy(threshold=score))) == 1
    assert len(gallery.search(PRINT, policy=Policy(threshold=above))) == 0
    assert len(gallery.search(PRINT, policy=Policy(threshold=1e300))) == 0


def test_a_cascade_has_a_measured_miss_rate() -> None:
    rates = [Policy(mode="cascade", keep=keep).miss_rate("UL") for keep in (0.01, 0.03, 0.1, 0.9)]
    assert None not in rates
    assert rates == sorted(rates, key=lambda rate: -(rate or 0))
    assert Policy(mode="cascade", keep=0.001).miss_rate("TP") is None
    assert Policy(mode="cascade").miss_rate("PP") is None
    assert Policy(mode="cascade", keep=1).miss_rate("PP") == 0
    with pytest.raises(InvalidInput) as caught:
        Policy().miss_rate("TP/TP")  # type: ignore[arg-type]
    assert caught.value.code == "bad_option"


def test_the_index_of_a_probe_of_another_kind_is_named() -> None:
    probes = [changed(DACTYLOSCOPY.item(0), impression=impression) for impression in (0, 0, 4)]
    with pytest.raises(ComparisonMismatch) as caught:
        dactyloscopy.Gallery().search_many(probes, policy=TRANSACTIONS["TP/TP"])
    assert caught.value.code == "other_transaction"
    assert caught.value.index == 2
