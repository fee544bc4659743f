"""The command line: arguments to calls, no logic."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from prum_match import __version__

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``prum-match`` (or ``python -m prum_match``) and return its exit code.

    0: done and in order; 1: the self-test failed; 2: the call's words are off.
    """
    parser = argparse.ArgumentParser(prog="prum-match", description="Exact Prüm matching engine")
    parser.add_argument("--version", action="version", version=f"prum_match {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    selftest = commands.add_parser(
        "selftest", help="golden vectors on every instruction set of this machine, with a report"
    )
    selftest.add_argument("--json", action="store_true", help="print the report as JSON")
    selftest.add_argument("--quiet", action="store_true", help="print the verdict alone")
    options = parser.parse_args(arguments)
    return _selftest(as_json=options.json, quiet=options.quiet)


def _selftest(*, as_json: bool, quiet: bool) -> int:
    from prum_match import selftest

    report = selftest.run()
    if quiet:
        print("PASSED" if report.passed else "FAILED")
    else:
        print(report.to_json() if as_json else report)
    return 0 if report.passed else 1
