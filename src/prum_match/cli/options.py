"""Arguments that commands share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def command(
    commands: Commands, name: str, about: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    """Add a command with the function that runs it."""
    parser = commands.add_parser(name, help=about, description=about, allow_abbrev=False)
    parser.set_defaults(run=run)
    return parser


def add_path(parser: argparse.ArgumentParser) -> None:
    """Add the gallery."""
    parser.add_argument("path", metavar="PATH", help="the gallery's folder")


def add_keys(parser: argparse.ArgumentParser) -> None:
    """Add the file of subjects, labels and dates of deletion."""
    parser.add_argument(
        "--keys",
        metavar="FILE",
        help="CSV or JSON Lines with reference_id and any of subject_id, label, expires; "
        "DNA in CSV or JSON Lines, registrations and persons can have these columns themselves",
    )


def add_progress(parser: argparse.ArgumentParser) -> None:
    """Add the option to show progress."""
    parser.add_argument(
        "--progress", action="store_true", help="show progress, even without a terminal"
    )


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add the options for reading a file of references or probes."""
    dna = parser.add_argument_group("DNA")
    dna.add_argument(
        "--format",
        choices=("auto", "csv", "genemapper", "codis", "jsonl"),
        help="default: detected from the beginning of the file",
    )
    dna.add_argument(
        "--kind", choices=("reference", "stain"), help="of profiles without a kind in the file"
    )
    dna.add_argument(
        "--single-allele",
        choices=("homozygote", "wildcard", "drop"),
        help="meaning of a single value; default: as usual for the kind",
    )
    dna.add_argument("--decimal", choices=(".", ","), help="decimal sign of a CSV")
    face = parser.add_argument_group("face")
    face.add_argument("--ids", metavar="FILE", help="ids of the rows of a .npy, one a line")
