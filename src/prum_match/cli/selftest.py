"""``prum-match selftest``: checks the installed build."""

from __future__ import annotations

import argparse

from prum_match.cli.options import Commands, command


def add_to(commands: Commands) -> None:
    """Add the command."""
    about = "golden vectors on every instruction set of this machine, with a report"
    parser = command(commands, "selftest", about, _run)
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--quiet", action="store_true", help="print the verdict alone")


def _run(options: argparse.Namespace) -> int:
    from prum_match import selftest

    report = selftest.run()
    if options.quiet:
        print("PASSED" if report.passed else "FAILED")
    else:
        print(report.to_json() if options.json else report)
    return 0 if report.passed else 1
