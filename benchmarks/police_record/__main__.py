"""The command line: ``python -m benchmarks.police_record accuracy`` from the repository's root."""

from __future__ import annotations

import argparse
import sys

from benchmarks.police_record import accuracy


def main(arguments: list[str] | None = None) -> int:
    """Print what was asked for; 2 for a wrong command."""
    given = _parser().parse_args(arguments)
    size, probes = (20_000, 500) if given.quick else (given.size, given.probes)
    forms = [form for form in accuracy.FORMS if form.name in (given.form or form.name)]
    for line in accuracy.report(size, probes, forms):
        print(line, flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.police_record", description=__doc__)
    parser.add_argument("task", choices=["accuracy"])
    parser.add_argument("--size", type=int, default=1_000_000, help="persons of the register")
    parser.add_argument("--probes", type=int, default=10_000, help="half of them not in it")
    parser.add_argument(
        "--form", nargs="+", choices=[form.name for form in accuracy.FORMS], help="default: all"
    )
    parser.add_argument("--quick", action="store_true", help="20,000 persons, 500 probes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
