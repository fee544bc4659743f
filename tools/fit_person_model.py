"""Fit what agreement of two persons weighs, and write the model that the package ships.

    python tools/fit_person_model.py src/prum_match/police_record/data/eu_model.json

Persons and searches are generated, and fitted without looking at who is whom. A generator makes
only the errors that somebody thought of, and its places and aliases are few. What it cannot know
stays as it was set by hand: aliases and places, how often clear fields of one person differ, a
tenth of the pairs of one person, and the weight of levels that next to no pair shows.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from prum_match.police_record.linkage.fellegi_sunter import FellegiSunter
from prum_match.police_record.linkage.model import START, LinkageModel
from prum_match.police_record.linkage.patterns import LEVELS
from prum_match.police_record.names.nicknames import ENGLISH
from prum_match.samples import persons

POPULATION, SEARCHES, SEED = 50_000, 4_000, 2024
BY_HAND = ("alias", "place")
ERRORS_BY_HAND = ("country", "nationality", "gender")
ELSE_BY_HAND = 0.1
LEAST_PAIRS = 100
# A million persons; every other search is for one of them.
PRIOR = 0.5 / 1_000_000
DIGITS = 4
SOURCE = (
    f"{SEARCHES:,} searches for persons of a generated European population of {POPULATION:,}, "
    f"seed {SEED}, with assumed errors; aliases, places and rare errors set by hand"
)


def fit() -> LinkageModel:
    """Fit generated searches to a generated register."""
    drawn = persons.population(POPULATION, seed=SEED)
    searched = persons.probes(drawn, SEARCHES, seed=SEED, mated=1.0, birth_place=True).persons
    return FellegiSunter(frequencies=None, nicknames=ENGLISH).fit(searched, list(drawn)).model_


def mixed(model: LinkageModel) -> LinkageModel:
    """Return the model that is shipped: partly set by hand, rounded."""
    m, u = {}, {}
    for name in LEVELS:
        by_hand = np.array(START.m[name])
        part = 1.0 if name in BY_HAND + ERRORS_BY_HAND else ELSE_BY_HAND
        own = (1 - part) * np.array(model.m[name]) + part * by_hand
        other = np.array(START.u[name] if name in BY_HAND else model.u[name])
        unseen = (other * model.pairs < LEAST_PAIRS) & (other > 0)
        other[unseen] = (own * START.u[name])[unseen] / by_hand[unseen]
        m[name], u[name] = rounded(own), rounded(other)
    return replace(model, m=m, u=u, prior=PRIOR, name="europe", version="1", source=SOURCE)


def rounded(shares: NDArray[np.float64]) -> tuple[float, ...]:
    """Return shares of a few digits; the largest makes up the difference to 1."""
    found = [float(f"{share:.{DIGITS - 1}e}") for share in shares]
    largest = int(np.argmax(found))
    rest = sum(share for place, share in enumerate(found) if place != largest)
    found[largest] = round(1 - rest, 12)
    return tuple(found)


def main() -> None:
    out = Path(sys.argv[1])
    out.write_text(mixed(fit()).to_json(), encoding="utf-8")


if __name__ == "__main__":
    main()
