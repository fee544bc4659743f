"""Templates for tests: any valid ones, and galleries of prints with the expected answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from oracles.dactyloscopy import scan as print_scan
from prum_match import dactyloscopy
from prum_match.dactyloscopy import Policy, Template, positions
from prum_match.dactyloscopy.features import describe
from prum_match.dactyloscopy.template import MAX_UNITS, UNITS_PER_INCH
from support.galleries.kits import DACTYLOSCOPY

ROLLED, LATENT, PALM, PALM_LATENT = 1, 4, 10, 12
FIELDS = ("x", "y", "angle", "type", "quality")
# Fingers, one that is not known, slaps, palms that overlap or not, and whatever it is.
PLACES = (0, 1, 2, 2, 7, 13, 18, 20, 21, 23, 32)
IMPRESSIONS = (ROLLED, ROLLED, LATENT, PALM, PALM_LATENT, 29)
LABELS = ("a", "b", "c")


def changed(template: Template, **fields: Any) -> Template:
    """Return a template with other fields."""
    names = (*FIELDS, "width", "height", "ppi", "position", "impression")
    return Template(**{name: getattr(template, name) for name in names} | fields)


def taken(template: Template, order: NDArray[np.int64]) -> Template:
    """Return some of the minutiae, in a given order."""
    return changed(template, **{name: getattr(template, name)[order] for name in FIELDS})


@st.composite
def templates(draw: st.DrawFn, most: int = 40) -> Template:
    """Draw any template: fractions of pixels, edges, minutiae in one place or without direction."""
    ppi = draw(st.sampled_from([50, 500, 508.5, 1000, 20000]) | st.floats(50, 20000))
    width, height = draw(
        st.tuples(*[st.sampled_from([0, 1, 400, 65535]) | st.integers(0, 800)] * 2)
    )
    n = draw(st.integers(0, most))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))

    def places(size: int) -> NDArray[np.float64]:
        beyond = (MAX_UNITS + 0.4) * ppi / UNITS_PER_INCH
        end = min(size, beyond) if size else beyond
        found = random.random(n) * min(end, draw(st.sampled_from([end, 300.0])))
        found = np.floor(found) if draw(st.booleans()) else found
        return np.where(random.random(n) < 0.1, random.choice([0, end], n), found)

    angle = random.random(n) * 720 - 360
    angle = np.where(random.random(n) < draw(st.sampled_from([0, 0.2, 1])), np.nan, angle)
    made = Template(
        x=places(width),
        y=places(height),
        angle=np.rint(angle) if draw(st.booleans()) else angle,
        type=random.integers(0, 3, n),
        quality=random.integers(0, 101, n),
        width=width,
        height=height,
        ppi=ppi,
        position=draw(st.sampled_from(sorted(positions.KNOWN_POSITIONS))),
        impression=draw(st.integers(0, 255)),
    )
    twice = draw(st.booleans()) and n > 0
    return taken(made, np.sort(random.integers(0, n, n))) if twice else made


def known(number: int) -> Template:
    """Return one of many prints: of few fingers, whole or partial, equal, or without minutiae."""
    family, part = divmod(number, 8)
    if part == 7:
        return taken(DACTYLOSCOPY.item(family), np.arange(family % 3))
    whole: Template = DACTYLOSCOPY.item(family, part % 3)
    return taken(whole, np.arange((len(whole), 9)[part // 3 % 2]))


@dataclass(frozen=True)
class Enrolled:
    """A reference as it was enrolled."""

    number: int
    position: int
    impression: int
    label: str
    subject: str | None

    @property
    def template(self) -> Template:
        return _placed(self.number, self.position, self.impression)


@cache
def _placed(number: int, position: int, impression: int) -> Template:
    return changed(known(number), position=position, impression=impression)


@cache
def score(number: int, other: int) -> float:
    """Return the score of the pair; positions do not matter."""
    return dactyloscopy.compare(known(number), known(other)).score


@cache
def worth(number: int, other: int) -> int:
    """Return the score of the quick pass, by the oracle."""
    found = describe([known(number), known(other)])
    begins = found.offsets[:-1].astype(np.int64)
    parts = [slice(b, b + n) for b, n in zip(begins, found.compared.tolist(), strict=True)]
    given = ((found.codes[part], found.turn[part]) for part in parts)
    return print_scan.worth(*next(given), *next(given))


def kind_of(template: Template) -> str:
    """Return the kind of a print as the Prüm decisions name them."""
    if template.is_palm:
        return "ULP" if template.is_latent else "PP"
    return "UL" if template.is_latent else "TP"


def is_compared(probe: Template, reference: Template, policy: Policy) -> bool:
    """Tell whether two prints are compared under a policy."""
    if kind_of(reference) not in policy.references:
        return False
    return policy.positions == "any" or positions.may_be_same(
        _position(probe), _position(reference)
    )


def _position(template: Template) -> int:
    """Return the position; a palm known only by its impression has an unknown one."""
    is_one = positions.is_palm(template.position)
    return positions.UNKNOWN_PALM if template.is_palm and not is_one else template.position


def candidates(
    probe: Enrolled,
    references: Mapping[str, Enrolled],
    policy: Policy,
    labels: Iterable[str] = LABELS,
    *,
    fuse: bool = True,
) -> list[tuple[str, float]]:
    """Search by brute force: ids and scores of all candidates, best first."""
    compared = {
        name: reference
        for name, reference in references.items()
        if reference.label in labels and is_compared(probe.template, reference.template, policy)
    }
    if policy.mode == "cascade":
        worths = {name: worth(probe.number, r.number) for name, r in compared.items()}
        kept = print_scan.kept(worths, policy.keep)
        compared = {name: r for name, r in compared.items() if name in kept}
    least = -np.inf if policy.threshold is None else policy.threshold
    found = []
    for name, reference in compared.items():
        here = score(probe.number, reference.number)
        if here > 0 and here >= least:
            found.append((-here, name.encode()))
    ranked = [(name.decode(), -negative) for negative, name in sorted(found)]
    if not fuse:
        return ranked
    best: dict[str, tuple[str, float]] = {}
    for name, here in ranked:
        best.setdefault(references[name].subject or f"none: {name}", (name, here))
    return list(best.values())
