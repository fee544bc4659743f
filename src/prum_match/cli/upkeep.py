"""``prum-match recover``, ``compact`` and ``purge``: maintenance of a gallery."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from prum_match.cli.galleries import AnyGallery
from prum_match.cli.options import Commands, add_path, command
from prum_match.cli.output import emit, undisturbed


def add_to(commands: Commands) -> None:
    """Add the commands."""
    about = "complete or undo the unfinished change of a writer that died"
    add_path(command(commands, "recover", about, _recover))
    about = "merge all segments into one and free the space of erased rows"
    add_path(command(commands, "compact", about, _compact))
    purge = command(commands, "purge", "erase all references that have expired", _purge)
    add_path(purge)
    purge.add_argument(
        "--now",
        type=datetime.fromisoformat,
        metavar="MOMENT",
        help="ISO 8601 with a time zone; default: the clock of this machine",
    )


def _recover(options: argparse.Namespace) -> int:
    with undisturbed(), AnyGallery.open(options.path, "rw") as gallery:
        _tell(gallery)
    return 0


def _compact(options: argparse.Namespace) -> int:
    with undisturbed(), AnyGallery.open(options.path, "rw") as gallery:
        gallery.compact()
        _tell(gallery)
    return 0


def _purge(options: argparse.Namespace) -> int:
    with undisturbed(), AnyGallery.open(options.path, "rw") as gallery:
        report = gallery.purge(now=options.now or datetime.now(UTC))
        for reference_id in report.reference_ids:
            emit(type="purged", reference_id=reference_id)
        _tell(gallery)
    return 0


def _tell(gallery: AnyGallery) -> None:
    emit(type="total", references=len(gallery), segments=len(gallery._core.segments()))
