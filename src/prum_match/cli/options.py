"""Arguments that commands share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def command(
    commands: Commands, name: str, about: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    """Add a command, and say what runs it."""
    parser = commands.add_parser(name, help=about, description=about, allow_abbrev=False)
    parser.set_defaults(run=run)
    return parser


def add_path(parser: argparse.ArgumentParser) -> None:
    """Add the gallery."""
    parser.add_argument("path", metavar="PATH", help="the gallery's folder")


def add_progress(parser: argparse.ArgumentParser) -> None:
    """Add the wish to see how far it is."""
    parser.add_argument(
        "--progress", action="store_true", help="say how far it is, also where no terminal is"
    )


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add how a file of references or probes is read."""
    dna = parser.add_argument_group("DNA")
    dna.add_argument(
        "--format",
        choices=("auto", "csv", "genemapper", "codis", "jsonl"),
        help="by default what the file begins like",
    )
    dna.add_argument(
        "--kind", choices=("reference", "stain"), help="of profiles whose file does not say it"
    )
    dna.add_argument(
        "--single-allele",
        choices=("homozygote", "wildcard", "drop"),
        help="what a single value means; by default what is usual for the kind",
    )
    dna.add_argument("--decimal", choices=(".", ","), help="decimal sign of a CSV")
    face = parser.add_argument_group("face")
    face.add_argument("--ids", metavar="FILE", help="ids of the rows of a .npy, one a line")
