"""Makes print_scores.json: pairs of prints in units, and their scores as the oracle computes them.

Every fifth pair also goes into the package, for the self-test.

PROVENANCE: prints that this library drew; own work and no person's data. A rule that changes gets
another name (CODES in prum_match.dactyloscopy.features), and its scores are made again:

    PYTHONPATH=src:tests python tests/golden/make_print_scores.py
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from oracles.dactyloscopy import score as print_score
from prum_match.dactyloscopy import Template
from prum_match.dactyloscopy.features import CODES
from prum_match.samples import prints
from support.dactyloscopy.prints import another, fresh, of_units, to_units

TARGET = Path(__file__).with_name("print_scores.json")
SHIPPED = Path(str(files("prum_match.dactyloscopy") / "data" / "golden_scores.json"))
# Kinds of two prints and a seed. Those of the first five seeds hang on the numbers of steps 2 to 4,
# which most scores forget once the mates are found.
ODD = (
    ("scattered", "ring", 472),
    ("ring", "ring", 342),
    ("finger", "unknown directions", 365),
    ("one direction", "unknown directions", 299),
    ("scattered", "finger", 195),
    ("copies", "part", 1),
    ("crowded", "noisy", 2),
    ("lattice", "moved", 3),
    ("many", "part", 4),
    ("one point", "with others", 5),
    ("scattered", "shuffled", 6),
    ("unknown directions", "noisy", 7),
)


def couples() -> list[tuple[Template, Template]]:
    """Return forty pairs: 12 of one finger, 12 of two, 4 of a palm, 12 of impossible prints."""
    made = []
    for kinds in (["rolled", "latent"], ["plain", "rolled"], ["latent", "plain"]):
        templates, _ = prints.sample(4, kinds, seed=len(made))
        first, second = templates[::2], templates[1::2]
        made += [*zip(first, second, strict=True)]
        made += [*zip(first, second[1:] + second[:1], strict=True)]
    random = np.random.default_rng(1)
    for _ in range(2):
        palm = prints.Palm.draw(random)
        latents = [palm.impression(random, "latent") for _ in range(2)]
        made += [(palm.impression(random, "palm"), latents[0]), (latents[0], latents[1])]
    for kind, other, seed in ODD:
        random = np.random.default_rng(seed)
        first = fresh(kind, random)
        made.append((first, another(other, first, random)))
    return made


def stored(template: Template) -> list[list[int]]:
    return [values.tolist() for values in to_units(template)]


def entry(couple: tuple[Template, Template]) -> dict[str, Any]:
    a, b = (stored(template) for template in couple)
    # What is stored is compared, not the pixels that it was drawn in.
    found = print_score.compare(of_units(*a), of_units(*b))
    return {
        "a": a,
        "b": b,
        "score": found.score.hex(),
        "pairs": len(found.pairs),
        "overlap": found.overlap,
    }


def main() -> None:
    lines = [json.dumps(entry(couple), separators=(",", ":")) for couple in couples()]
    for target, some in ((TARGET, lines), (SHIPPED, lines[::5])):
        text = ",\n".join(some)
        target.write_text(f'{{"codes":"{CODES}","comparisons":[\n{text}\n]}}\n', "utf-8")


if __name__ == "__main__":
    main()
