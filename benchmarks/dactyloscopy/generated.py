"""Prints of fingers that nobody has, as many as a gallery needs, kept once made."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from benchmarks.dactyloscopy.data import Prints
from benchmarks.dactyloscopy.scores import folder
from prum_match.dactyloscopy import Template
from prum_match.samples import prints as generator

SEED = 5
BLOCK = 1000
OTHERS = 10_000_000
"""Fingers from this number up are nobody's mates."""

_ARRAYS = ("x", "y", "angle", "type", "quality")
_FRAME = ("width", "height", "ppi", "impression")


def fingers(
    count: int,
    kinds: Sequence[str] = ("plain",),
    extractors: Sequence[str] = ("coarse",),
    *,
    start: int = 0,
    processes: int = 2,
) -> list[Prints]:
    """Return prints of fingers `start` and up: one set for each kind, in the order of fingers."""
    blocks = range(start, start + count, BLOCK)
    make = partial(_block, kinds=tuple(kinds), extractors=tuple(extractors))
    if processes == 1 or len(blocks) == 1:
        found = [make(first) for first in blocks]
    else:
        with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
            list(pool.map(partial(make, load=False), blocks))
        found = [make(first) for first in blocks]
    templates = [template for block in found for template in block]
    numbers = np.arange(start, start + count)
    return [
        Prints(
            f"generated-{extractor}-{kind}",
            tuple(templates[i :: len(kinds)][:count]),
            np.char.add("generated/", numbers.astype(np.str_)),
            np.full(count, i + 1),
            np.full(count, "generated"),
        )
        for i, (kind, extractor) in enumerate(zip(kinds, extractors, strict=True))
    ]


def _block(
    start: int, kinds: tuple[str, ...], extractors: tuple[str, ...], load: bool = True
) -> list[Template]:
    key = repr((_source(), SEED, start, BLOCK, kinds, extractors))
    file = folder() / f"generated-{sha256(key.encode()).hexdigest()[:16]}.npz"
    if not file.exists():
        made, _ = generator.sample(BLOCK, kinds, SEED, extractor=extractors, start=start)
        part = file.with_suffix(".part")
        with part.open("wb") as stream:
            np.savez_compressed(stream, allow_pickle=False, **_pack(made))
        part.replace(file)
    return _unpack(file) if load else []


@cache
def _source() -> str:
    """Return a name for the generator as it is: another one makes other prints."""
    found = sha256()
    for file in sorted(Path(generator.__file__).parent.glob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()


def _pack(templates: Sequence[Template]) -> dict[str, np.ndarray]:
    packed = {name: np.concatenate([getattr(t, name) for t in templates]) for name in _ARRAYS}
    packed |= {name: np.array([getattr(t, name) for t in templates]) for name in _FRAME}
    return packed | {"end": np.cumsum([len(t) for t in templates])}


def _unpack(file: Path) -> list[Template]:
    with np.load(file) as packed:
        arrays = [np.split(packed[name], packed["end"][:-1]) for name in _ARRAYS]
        frames = [packed[name].tolist() for name in _FRAME]
    return [
        Template(**dict(zip(_ARRAYS, values, strict=True)), **dict(zip(_FRAME, frame, strict=True)))
        for values, frame in zip(zip(*arrays, strict=True), zip(*frames, strict=True), strict=True)
    ]
