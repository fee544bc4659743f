"""``prum-match enrol``: fills a gallery from a file, and reports the result of every item."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from prum_match import engine, face
from prum_match.cli.galleries import KINDS, AnyGallery
from prum_match.cli.options import Commands, add_keys, add_path, add_progress, add_reading, command
from prum_match.cli.output import Progress, emit, undisturbed
from prum_match.cli.reading.batch import Batch
from prum_match.cli.reading.files import batches, report, stop_at_the_first
from prum_match.cli.reading.keys import arguments
from prum_match.cli.reading.persons import read_parameters
from prum_match.engine import EnrolmentReport
from prum_match.errors import InvalidInput, StorageError

_BATCH = 100_000


def add_to(commands: Commands) -> None:
    """Add the command."""
    about = "enrol the items of a file of any category; report the results as JSON Lines"
    parser = command(commands, "enrol", about, _run)
    parser.set_defaults(usage_error=parser.error)
    add_path(parser)
    parser.add_argument(
        "file",
        metavar="FILE",
        help="DNA: profiles; face: a matrix as .npy; dactyloscopy: a record or transaction, or a "
        "folder of them; vehicle: registrations, police_record: persons, as CSV or JSON Lines",
    )
    add_keys(parser)
    parser.add_argument("--label", metavar="LABEL", help="one for all references of the file")
    parser.add_argument(
        "--on-error",
        choices=("raise", "report"),
        default="raise",
        help="raise: the whole file or nothing; report: all items without errors, batch by batch",
    )
    parser.add_argument("--create", action="store_true", help="create a missing gallery")
    parser.add_argument("--category", choices=KINDS, help="with --create; default: dna")
    parser.add_argument(
        "--labels",
        nargs="+",
        metavar="LABEL",
        help="with --create: the labels of the gallery, which then takes no other",
    )
    parser.add_argument(
        "--open-labels", action="store_true", help="with --labels: the gallery takes others too"
    )
    add_reading(parser)
    model = parser.add_argument_group("face, with --create")
    model.add_argument("--model", type=_model, metavar="NAME:VERSION:DIMENSION")
    model.add_argument("--normalise", choices=("require", "apply", "none"), default="require")
    persons = parser.add_argument_group("police_record, with --create")
    persons.add_argument(
        "--parameters",
        metavar="FILE",
        help="the parameter block of pseudonyms, as JSON; without it names are in clear text",
    )
    add_progress(parser)


def _run(options: argparse.Namespace) -> int:
    if options.model is not None and not (options.create and options.category == "face"):
        options.usage_error("--model goes with --create --category face")
    if options.parameters is not None and options.category != "police_record":
        options.usage_error("--parameters goes with --create --category police_record")
    if options.labels is not None and not options.create:
        options.usage_error("--labels goes with --create")
    if options.open_labels and options.labels is None:
        options.usage_error("--open-labels goes with --labels")
    category = options.category or ("dna" if options.create else "")
    new = _new_gallery(options) if options.create else None
    with (
        KINDS.get(category, AnyGallery).open(options.path, "rw") as gallery,
        Progress(wanted=options.progress) as progress,
    ):
        if new is not None:
            _check(gallery, new)
        progress.say("reading")
        enrolled, refused = _fill(gallery, options, progress)
        emit(type="total", enrolled=enrolled, refused=refused, references=len(gallery))
    return 1 if refused else 0


def _fill(
    gallery: engine.Gallery[Any], options: argparse.Namespace, progress: Progress
) -> tuple[int, int]:
    enrolled = refused = 0
    size = _BATCH if options.on_error == "report" else None
    for batch in batches(gallery.category.name, options, size):
        refused += report(batch.problems)
        if options.on_error == "raise":
            stop_at_the_first(batch, "enrolled")
        with undisturbed():
            done = gallery.enrol(
                batch.ids, batch.items, **_keys(batch, options), on_error=options.on_error
            )
        _tell(batch, done)
        enrolled += done.enrolled
        refused += len(done.refused)
        progress.say(f"enrolled {enrolled}, refused {refused}")
    return enrolled, refused


def _keys(batch: Batch, options: argparse.Namespace) -> dict[str, Any]:
    given = arguments(batch.keys)
    if options.label is None:
        return given
    if "labels" in given:
        message = "the references have labels of their own"
        raise InvalidInput(message, code="bad_option", field="--label")
    return given | {"labels": options.label}


def _new_gallery(options: argparse.Namespace) -> engine.Gallery[Any]:
    """Create the gallery on disk, unless there is one."""
    given: list[Any] = []
    if options.category == "face":
        if options.model is None:
            options.usage_error("a gallery of faces needs --model")
        name, version, dimension = options.model
        given = [face.Model(name, version, dimension, normalise=options.normalise)]
    elif options.parameters is not None:
        given = [read_parameters(options.parameters)]
    new = KINDS[options.category or "dna"](
        *given, labels=options.labels, open_labels=options.open_labels
    )
    try:
        new.save(options.path)
    except StorageError as error:
        if error.code != "exists":
            raise
    return new


def _check(gallery: engine.Gallery[Any], new: engine.Gallery[Any]) -> None:
    """Refuse an existing gallery of other settings."""
    gallery.category.matching.check_joinable(new.category.matching)


def _tell(batch: Batch, done: EnrolmentReport) -> None:
    for error in done.refused:
        index = int(error.index or 0)
        emit(
            type="refused",
            line=None,
            index=batch.first + index,
            reference_id=batch.ids[index],
            field=error.field,
            code=error.code,
            message=error.args[0],
        )
    emit(
        type="batch",
        first=batch.first,
        enrolled=done.enrolled,
        refused=len(done.refused),
        notes=dict(done.notes),
    )
    # A reported batch is on disk; readers of the output can rely on it.
    sys.stdout.flush()


def _model(text: str) -> tuple[str, str, int]:
    try:
        name, version, dimension = text.rsplit(":", 2)
        return name, version, int(dimension)
    except ValueError:
        raise argparse.ArgumentTypeError("give NAME:VERSION:DIMENSION") from None
