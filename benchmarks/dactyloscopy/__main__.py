"""The command line: ``python -m benchmarks.dactyloscopy`` from the root of the repository."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from itertools import chain
from pathlib import Path

from benchmarks.dactyloscopy import Refused, accuracy, cross, data, latents, tail
from benchmarks.dactyloscopy.data import EXTRACTORS, Prints
from benchmarks.dactyloscopy.measures import Extent
from benchmarks.dactyloscopy.rivals import Rival, chosen, present
from benchmarks.dactyloscopy.scores import matcher

OURS = "prum_match.dactyloscopy:score_matrix"


def main(arguments: list[str] | None = None) -> int:
    """Print what was asked for; 2 for a wrong command."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        rivals, absent = present(chosen(given.rivals))
        lines = TASKS[given.task](given, rivals)
        for line in chain(_head(rivals, absent), lines):
            print(line, flush=True)
    except Refused as error:
        parser.error(str(error))
    return 0


def _accuracy(given: argparse.Namespace, rivals: list[Rival]) -> Iterator[str]:
    for name in given.extractors.split(","):
        prints = _prints(given.folder, name)
        yield ""
        yield from accuracy.report(prints, matcher(given.ours), rivals, _extent(given))
        if given.folder is not None and not _is_packed(given.folder):
            return


def _cross(given: argparse.Namespace, rivals: list[Rival]) -> Iterator[str]:
    if given.references is not None:
        sides = [(data.read_folder(given.folder), data.read_folder(given.references))]
    else:
        names = [pair.split(":") for pair in given.pairs.split(",")]
        sides = [(_prints(given.folder, a), _prints(given.folder, b)) for a, b in names]
    for probes, references in sides:
        yield ""
        ours = matcher(given.ours)
        yield from cross.report(probes, references, ours, rivals, _extent(given))


def _latents(given: argparse.Namespace, rivals: list[Rival]) -> Iterator[str]:
    prints = None
    if given.folder is not None or data.packed_folder() is not None:
        prints = _prints(given.folder, given.extractors.partition(",")[0])
    extent = replace(latents.QUICK if given.quick else latents.FULL, processes=given.processes)
    yield from latents.report(prints, matcher(given.ours), rivals, extent)


def _tail(given: argparse.Namespace, rivals: list[Rival]) -> Iterator[str]:
    score_matrix = matcher(given.ours)
    if score_matrix is None:
        raise Refused("tail: no rival says what its scores are worth; name a matcher of ours")
    compare = import_module(given.ours.partition(":")[0]).compare
    extent = replace(tail.QUICK if given.quick else tail.FULL, processes=given.processes)
    yield from tail.report(score_matrix, compare, extent)


TASKS = {"accuracy": _accuracy, "cross": _cross, "latents": _latents, "tail": _tail}


def _extent(given: argparse.Namespace) -> Extent:
    return Extent(not given.quick, 200 if given.quick else 1000, given.processes)


def _prints(folder: Path | None, extractor: str) -> Prints:
    if folder is not None and not _is_packed(folder):
        return data.read_folder(folder)
    folder = folder or data.packed_folder()
    if folder is None:
        raise Refused("no templates: name a folder, or set PRUM_SHARED")
    return data.packed(folder, extractor)


def _is_packed(folder: Path) -> bool:
    return any(folder.glob("*.npz"))


def _head(rivals: list[Rival], absent: list[str]) -> Iterator[str]:
    for rival in rivals:
        yield f"{rival.name}: {rival.release}; {rival.conversion}"
    yield from absent


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dactyloscopy", description=__doc__)
    parser.add_argument("task", choices=sorted(TASKS))
    parser.add_argument(
        "--folder", type=Path, help="template files <finger>_<impression>.<ext>, or packed sets"
    )
    parser.add_argument("--references", type=Path, help="cross: such a folder of another extractor")
    parser.add_argument("--extractors", default=",".join(EXTRACTORS), help="of the packed sets")
    parser.add_argument("--pairs", default=cross.PAIRS, help="cross: probes:references of these")
    parser.add_argument("--rivals", help="some of them, separated by commas; empty: none")
    parser.add_argument("--processes", type=int, default=2, help="for rivals; default: 2")
    parser.add_argument(
        "--ours",
        default=OURS,
        help="module:callable; tail: with a `compare` beside it; empty: rivals alone",
    )
    parser.add_argument(
        "--quick", action="store_true", help="within databases only, fewer resamples"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
