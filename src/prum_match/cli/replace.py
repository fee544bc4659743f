"""``prum-match replace``: corrects references of a gallery: items, subjects, labels, expiry."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from prum_match import engine
from prum_match.cli.galleries import AnyGallery
from prum_match.cli.options import (
    Commands,
    add_keys,
    add_path,
    add_progress,
    add_reading,
    command,
)
from prum_match.cli.output import Progress, emit, undisturbed
from prum_match.cli.reading.files import batches, keys_of, report, stop_at_the_first
from prum_match.cli.reading.keys import Keys, arguments


def add_to(commands: Commands) -> None:
    """Add the command."""
    about = "replace items of references, their subjects, labels and expiry dates; all or none"
    parser = command(commands, "replace", about, _run)
    parser.set_defaults(usage_error=parser.error)
    add_path(parser)
    parser.add_argument(
        "file", metavar="FILE", nargs="?", help="as for enrol; without it the items stay"
    )
    add_keys(parser)
    add_reading(parser)
    add_progress(parser)


def _run(options: argparse.Namespace) -> int:
    if options.file is None and options.keys is None:
        options.usage_error("give FILE, --keys or both")
    with (
        AnyGallery.open(options.path, "rw") as gallery,
        Progress(wanted=options.progress) as progress,
    ):
        progress.say("reading")
        if options.file is None:
            _update(gallery, keys_of(options.keys))
        else:
            _replace(gallery, options)
    return 0


def _update(gallery: engine.Gallery[Any], side: dict[str, Keys]) -> None:
    ids = list(side)
    with undisturbed():
        gallery.update(ids, **_arguments(gallery, ids, list(side.values())))
    emit(type="total", updated=len(ids), references=len(gallery))


def _replace(gallery: engine.Gallery[Any], options: argparse.Namespace) -> None:
    # Without a size a file is one batch, and so one change.
    (batch,) = batches(gallery.category.name, options, None)
    report(batch.problems)
    stop_at_the_first(batch, "replaced")
    with undisturbed():
        done = gallery.replace(batch.ids, batch.items, **_arguments(gallery, batch.ids, batch.keys))
    emit(type="total", replaced=done.enrolled, references=len(gallery), notes=dict(done.notes))


def _arguments(
    gallery: engine.Gallery[Any], ids: Sequence[str], keys: Sequence[Keys]
) -> dict[str, Any]:
    return arguments(keys, lambda index: gallery.record(ids[index]))
