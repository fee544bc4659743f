"""The prints that are compared: the packed FVC2002 sets, or any folder of template files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.dactyloscopy import Refused
from prum_match import dactyloscopy
from prum_match.dactyloscopy import Template
from prum_match.errors import InvalidInput

EXTRACTORS = ("mindtct", "fjfx", "sourceafis", "secugen")
BIASED = {
    "secugen": "made from images resized to 300 x 400: the true resolution is 521 to 667 ppi, "
    "the files say 500",
}
SYNTHETIC = {"fvc2002_db4b"}
"""Databases of generated images (SFinGe), reported apart from real ones."""

_KEYS = ("x", "y", "theta", "type", "quality", "offset", "finger", "impression")
_FRAME = ("width", "height", "dpi")
_FILE = re.compile(r"(?P<finger>.+)_(?P<impression>\d+)")


@dataclass(frozen=True)
class Prints:
    """Templates of one extractor, and which finger each is of.

    Attributes
    ----------
    name : str
        The extractor, or the folder.
    templates : tuple of Template
    finger : numpy.ndarray of str
        ``<database>/<finger>``: the same finger of two databases is two fingers.
    impression : numpy.ndarray of int
    database : numpy.ndarray of str
    notes : tuple of str
        What was repaired when the files were read.
    """

    name: str
    templates: tuple[Template, ...]
    finger: NDArray[np.str_]
    impression: NDArray[np.int_]
    database: NDArray[np.str_]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.templates)

    def where(self, mask: NDArray[np.bool_]) -> Prints:
        """Return some of the prints."""
        return replace(
            self,
            templates=tuple(t for t, keep in zip(self.templates, mask, strict=True) if keep),
            finger=self.finger[mask],
            impression=self.impression[mask],
            database=self.database[mask],
        )

    def first(self, count: int) -> Prints:
        """Return the prints that come first."""
        return self.where(np.arange(len(self)) < count)

    @property
    def digest(self) -> str:
        """A name for the contents, whatever they are called."""
        found = sha256()
        for t in self.templates:
            found.update(repr((len(t), t.width, t.height, t.ppi)).encode())
            for values in (t.x, t.y, t.angle, t.type, t.quality):
                found.update(values.tobytes())
        return found.hexdigest()[:16]


def collect(name: str, prints: Iterable[tuple[str, str, int, Template]]) -> Prints:
    """Return prints given as database, finger, impression, template."""
    rows = list(prints)
    return Prints(
        name,
        tuple(row[3] for row in rows),
        np.array([f"{row[0]}/{row[1]}" for row in rows], dtype=np.str_),
        np.array([row[2] for row in rows], dtype=np.int_),
        np.array([row[0] for row in rows], dtype=np.str_),
    )


def join(name: str, *several: Prints) -> Prints:
    """Return the prints of several sets, one after the other."""
    return Prints(
        name,
        tuple(template for prints in several for template in prints.templates),
        np.concatenate([prints.finger for prints in several]),
        np.concatenate([prints.impression for prints in several]),
        np.concatenate([prints.database for prints in several]),
    )


def middle(prints: Prints) -> int:
    """Return the last impression of the first half: 4 of 8."""
    numbers = np.unique(prints.impression)
    if len(numbers) < 2:
        raise Refused(f"{prints.name}: one impression of each finger; probes need references")
    return int(numbers[len(numbers) // 2 - 1])


def kinds(prints: Prints) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield which prints are real and which are synthetic, where there are any."""
    synthetic = np.isin(prints.database, sorted(SYNTHETIC))
    for kind, mask in (("real", ~synthetic), ("synthetic", synthetic)):
        if mask.any():
            yield kind, mask


def packed_folder() -> Path | None:
    """Return where the packed sets lie: ``$PRUM_SHARED/data/dactyloscopy``."""
    root = os.environ.get("PRUM_SHARED")
    folder = Path(root, "data", "dactyloscopy") if root else None
    return folder if folder is not None and folder.is_dir() else None


def packed(folder: Path, extractor: str) -> Prints:
    """Return the prints of one extractor out of all packed sets of a folder."""
    found: list[tuple[str, str, int, Template]] = []
    for file in sorted(folder.glob("*.npz")):
        with np.load(file) as arrays:
            if f"{extractor}/x" in arrays:
                found += _unpack(file.stem, arrays, extractor)
    if not found:
        raise Refused(f"no packed set of {extractor} in {folder}")
    return collect(extractor, found)


def _unpack(
    database: str, arrays: np.lib.npyio.NpzFile, extractor: str
) -> Iterable[tuple[str, str, int, Template]]:
    of = {key: arrays[f"{extractor}/{key}"] for key in (*_KEYS, *_FRAME)}
    for i, (start, end) in enumerate(zip(of["offset"], of["offset"][1:], strict=False)):
        template = Template(
            x=of["x"][start:end],
            y=of["y"][start:end],
            angle=of["theta"][start:end],
            type=of["type"][start:end],
            quality=of["quality"][start:end],
            width=int(of["width"][i]),
            height=int(of["height"][i]),
            ppi=float(of["dpi"][i]),
        )
        yield database, str(of["finger"][i]), int(of["impression"][i]), template


def read_folder(folder: Path) -> Prints:
    """Return the prints of a folder: files ``<finger>_<impression>.<ext>``, one view each.

    Each folder below it that holds such files is a database of its own.
    """
    found, notes = [], []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        named = _FILE.fullmatch(file.stem)
        if named is None:
            continue
        template, problems = _one(file)
        database = file.parent.relative_to(folder).as_posix()
        found.append((database, named["finger"], int(named["impression"]), template))
        notes += [f"{file.name}: {problem}" for problem in problems]
    if not found:
        raise Refused(f"no file <finger>_<impression>.<ext> in {folder}")
    return replace(collect(folder.name, found), notes=tuple(notes))


def _one(file: Path) -> tuple[Template, list[str]]:
    """Return the only template of a file, and what was wrong with it."""
    try:
        record = dactyloscopy.read(file, strict=False)
    except InvalidInput as error:
        raise Refused(f"{file.name}: {error}") from error
    if len(record) != 1:
        raise Refused(f"{file.name}: {len(record)} views; a file is one impression")
    return record[0], [problem.message for problem in getattr(record, "problems", ())]
