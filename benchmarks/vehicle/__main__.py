"""The command line: ``python -m benchmarks.vehicle retrieval`` from the root of the repository."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.vehicle import reads, retrieval


def main(arguments: list[str] | None = None) -> int:
    """Print what was asked for; 2 for a wrong command."""
    parser = _parser()
    given = parser.parse_args(arguments)
    found = reads.read_files(given.reads or reads.default_files())
    if not found:
        parser.error("no reads: name files, or set PRUM_SHARED")
    # The gallery takes tables, which need pyarrow.
    from benchmarks.vehicle.searching import gallery_search

    plates = 100_000 if given.quick else given.size
    print(f"{plates:,} drawn plates of 32 countries, and the true ones")
    for line in retrieval.report(found, gallery_search(plates, found)):
        print(line, flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vehicle", description=__doc__)
    parser.add_argument("task", choices=["retrieval"])
    parser.add_argument("--size", type=int, default=10_000_000, help="drawn plates")
    parser.add_argument("--reads", type=Path, nargs="+", help="files of reads")
    parser.add_argument("--quick", action="store_true", help="100,000 drawn plates")
    return parser


if __name__ == "__main__":
    sys.exit(main())
