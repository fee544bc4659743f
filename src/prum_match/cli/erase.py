"""``prum-match erase``: erases references, and prints the receipts."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TextIO

from prum_match.cli.galleries import AnyGallery
from prum_match.cli.options import Commands, add_path, command
from prum_match.cli.output import undisturbed
from prum_match.cli.reading.files import read_lines
from prum_match.engine.store.receipts import Receipt
from prum_match.errors import StorageError


def add_to(commands: Commands) -> None:
    """Add the command."""
    about = "erase references, all or none, and print the receipts with their salts"
    parser = command(commands, "erase", about, _run)
    parser.set_defaults(usage_error=parser.error)
    add_path(parser)
    parser.add_argument("reference_ids", metavar="ID", nargs="*")
    parser.add_argument("--ids-file", metavar="FILE", help="further ids, one a line")
    parser.add_argument(
        "--receipts",
        metavar="FILE",
        help="a new file for the receipts, readable by its owner",
    )


def _run(options: argparse.Namespace) -> int:
    ids = list(options.reference_ids)
    if options.ids_file is not None:
        ids += read_lines(options.ids_file, "--ids-file")
    elif not ids:
        options.usage_error("an ID or --ids-file is needed")
    with (
        _destination(options.receipts) as out,
        undisturbed(),
        AnyGallery.open(options.path, "rw") as gallery,
    ):
        _hand_over([_line(receipt) for receipt in gallery.erase(ids).receipts], out)
    return 0


@contextmanager
def _destination(path: str | None) -> Iterator[TextIO]:
    """Open the output of the receipts before the erasure; remove it if nothing was erased."""
    if path is None:
        yield sys.stdout
        return
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise StorageError(
            "the file for the receipts already exists: choose another",
            code="exists",
            field="--receipts",
        ) from None
    with open(fd, "w", encoding="ascii") as file:
        try:
            yield file
        except BaseException:
            if not os.fstat(fd).st_size:
                os.unlink(path)
            raise


def _hand_over(lines: list[str], out: TextIO) -> None:
    try:
        out.writelines(lines)
        out.flush()
        if out is not sys.stdout:
            os.fsync(out.fileno())
    except OSError:
        # The salts exist nowhere else.
        if out is not sys.stdout:
            sys.stdout.writelines(lines)
        raise


def _line(receipt: Receipt) -> str:
    salt = None if receipt.salt is None else receipt.salt.hex()
    return json.dumps({**asdict(receipt), "salt": salt}) + "\n"
