"""Many prints at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from prum_match.dactyloscopy import Template
from prum_match.errors import InvalidInput
from prum_match.samples.prints.hands import Finger
from prum_match.values.checks import whole_number


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
        Position of the fingers, 0 to 10; the templates state it, but for latents.
    start : int
        Number of the first finger. A finger depends on the seed and its number only, so a large
        sample can be taken in parts, and by many processes.

    Returns
    -------
    templates : list of Template
        The prints of the first finger, then of the second.
    fingers : numpy.ndarray of int64
        Number of the finger of each print.

    Raises
    ------
    InvalidInput
        Codes ``"bad_option"``, ``"bad_position"``, ``"length_mismatch"``, ``"bad_count"``.

    Notes
    -----
    Chance comes from PCG64. Its stream stays the same; NumPy changes what distributions make of it
    only in new versions, and rarely (NEP 19). Sines and the like differ in their last bits from
    machine to machine, which very rarely moves a minutia by a pixel.

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
    if len(extractors) != len(kinds):
        raise InvalidInput(
            "impressions and extractor differ in length", code="length_mismatch", field="extractor"
        )
    for name, number in (("n_fingers", n_fingers), ("seed", seed), ("start", start)):
        whole_number(number, name, least=0, code="bad_count")
    templates = []
    numbers = np.arange(start, start + n_fingers)
    for number in numbers.tolist():
        random = np.random.Generator(np.random.PCG64([seed, number]))
        finger = Finger.draw(random, position=position)
        for kind, each in zip(kinds, extractors, strict=True):
            templates.append(finger.impression(random, kind, each))
    return templates, np.repeat(numbers, len(kinds))
