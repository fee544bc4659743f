"""Small galleries of subjects: few prints, so that scores tie, under any positions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from oracles.dactyloscopy import subjects as oracle
from prum_match import dactyloscopy
from prum_match.dactyloscopy import Template
from prum_match.dactyloscopy.features import CODES
from prum_match.engine import Calibration
from prum_match.samples import prints

ROLLED, LATENT = 1, 4
POSITIONS = (0, 0, 1, 2, 2, 3, 7, 11, 13, 16, 17, 18, 19, 40)
BASES = 7
LABELS = ("a", "b")


@cache
def template(base: int, position: int = 0, latent: bool = False) -> Template:
    """Return print `base`: two of each of three fingers, and one without minutiae."""
    if base == BASES - 1:
        fields: dict[str, Any] = {
            "x": [],
            "y": [],
            "angle": [],
            "width": 9,
            "height": 9,
            "ppi": 500,
        }
    else:
        taken = prints.sample(3, ["latent", "plain"], seed=11)[0][base]
        names = ("x", "y", "angle", "type", "quality", "width", "height", "ppi")
        fields = {name: getattr(taken, name) for name in names}
    return Template(**fields, position=position, impression=LATENT if latent else ROLLED)


@cache
def scores() -> NDArray[np.float64]:
    bases = [template(base) for base in range(BASES)]
    return dactyloscopy.score_matrix(bases, bases)


def calibration(kind: str, scores: tuple[float, ...], bans: tuple[float, ...]) -> Calibration:
    return Calibration(
        category="dactyloscopy",
        model=CODES,
        stratum=kind,
        method="made up",
        scores=scores,
        llrs=tuple(float(np.log(10) * ban) for ban in bans),
        mated=9,
        nonmated=9,
    )


CALIBRATIONS = {
    "TP/TP": calibration("TP/TP", (0.0, 10.0, 40.0, 90.0), (-3.0, -0.5, 3.0, 3.0)),
    "LT/TP": calibration("LT/TP", (5.0, 60.0), (-0.25, 2.7)),
    # Steps, so that different scores are worth the same.
    "LT/LT": calibration("LT/LT", (0.0, 12.0, 12.5, 30.0), (-1.0, -1.0, 1.0, 1.0)),
}


def worth(score: float, kind: str) -> Fraction:
    llr = CALIBRATIONS[kind].apply(score, model=CODES, stratum=kind, outside="clip")
    return Fraction(round(llr / float(np.log(10)) * 2**20), 2**20)


@dataclass(frozen=True)
class Print:
    base: int
    position: int


@dataclass(frozen=True)
class Enrolled(Print):
    id: str
    subject: str | None
    latent: bool
    label: str

    @property
    def template(self) -> Template:
        return template(self.base, self.position, self.latent)


@dataclass(frozen=True)
class People:
    """References in the order in which they are enrolled, and a probe."""

    references: list[Enrolled]
    probe: list[Print]
    latent: bool

    def gallery(self, parts: int = 1) -> dactyloscopy.Gallery:
        made = dactyloscopy.Gallery(labels=LABELS)
        for first in range(parts):
            some = self.references[first::parts]
            made.enrol(
                [r.id for r in some],
                [r.template for r in some],
                subject_ids=[r.subject for r in some],
                labels=[r.label for r in some],
            )
        return made

    @property
    def templates(self) -> list[Template]:
        return [template(p.base, p.position, self.latent) for p in self.probe]

    def expected(
        self,
        threshold: float | None = None,
        limit: int | None = None,
        any_finger: bool = False,
        labels: tuple[str, ...] = LABELS,
        kinds: tuple[str, ...] = ("TP", "UL"),
    ) -> oracle.Found:
        chosen = {
            r.id: r
            for r in self.references
            if r.label in labels and ("UL" if r.latent else "TP") in kinds
        }

        def compare(i: int, reference: oracle.Reference) -> tuple[float, Fraction]:
            r = chosen[reference.id]
            score = float(scores()[self.probe[i].base, r.base])
            kind = ("TP/TP", "LT/TP", "LT/LT")[self.latent + r.latent]
            return score, worth(score, kind)

        references = [
            oracle.Reference(r.id, r.subject, r.position, palm=r.position == 21)
            for r in chosen.values()
        ]
        positions = [p.position for p in self.probe]
        return oracle.search(positions, references, compare, threshold, limit, any_finger)


@st.composite
def people(draw: st.DrawFn) -> People:
    """Draw some people: subjects with several prints, and prints of nobody known."""
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, BASES - 1),
                st.sampled_from((*POSITIONS, 21)),
                # "R3" is a subject here, and may also be the id of a reference.
                st.sampled_from((None, "R3", "S", "T", "T")),
                st.booleans(),
                st.sampled_from(LABELS),
            ),
            max_size=12,
        )
    )
    references = [
        Enrolled(base, position, f"R{i}", subject, latent and position != 21, label)
        for i, (base, position, subject, latent, label) in enumerate(rows)
    ]
    probe = draw(
        st.lists(
            st.builds(Print, st.integers(0, BASES - 1), st.sampled_from(POSITIONS)),
            min_size=1,
            max_size=5,
        )
    )
    return People(references, probe, draw(st.booleans()))
