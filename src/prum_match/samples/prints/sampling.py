"""Many prints at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from prum_match.dactyloscopy import Template
from prum_match.samples.prints.hands import Finger

__all__ = ["sample"]


def sample(
    n_fingers: int,
    impressions: int | Sequence[str] = 2,
    seed: int = 0,
    *,
    extractor: str | Sequence[str] = "fine",
    position: int = 0,
    start: int = 0,
) -> tuple[list[Template], NDArray[np.int64]]:
    """Take prints of many fingers.

    Parameters
    ----------
    n_fingers : int
        How many fingers.
    impressions : int or sequence of str
        How many plain prints of each, or the kind of each print.
    seed : int
        Same seed, same prints.
    extractor : str or sequence of str
        One of :data:`EXTRACTORS` for all prints, or one for each print of a finger.
    position : int
        Position that the templates state.
    start : int
        Number of the first finger. A finger depends on the seed and its number only, so a large
        sample can be taken in parts, and by many processes.

    Returns
    -------
    templates : list of Template
        The prints of the first finger, then of the second.
    fingers : numpy.ndarray of int64
        Number of the finger of each print.

    Notes
    -----
    Chance comes from PCG64. Streams of a seed stay the same within a version of NumPy, and change
    only as its compatibility policy (NEP 19) allows.

    Examples
    --------
    >>> from prum_match.samples import prints
    >>> templates, fingers = prints.sample(3, ["rolled", "latent"], seed=1)
    >>> fingers
    array([0, 0, 1, 1, 2, 2])
    >>> prints.sample(1, ["rolled", "latent"], seed=1, start=2)[0] == templates[4:]
    True
    """
    kinds = ["plain"] * impressions if isinstance(impressions, int) else list(impressions)
    extractors = [extractor] * len(kinds) if isinstance(extractor, str) else list(extractor)
    templates = []
    numbers = np.arange(start, start + n_fingers)
    for number in numbers.tolist():
        random = np.random.Generator(np.random.PCG64([seed, number]))
        finger = Finger.draw(random)
        for kind, each in zip(kinds, extractors, strict=True):
            templates.append(finger.impression(random, kind, each, position))
    return templates, np.repeat(numbers, len(kinds))
