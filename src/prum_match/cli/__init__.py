"""The command line: arguments to calls, no logic. One module a command."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Sequence

from prum_match import __version__
from prum_match.cli import enrol, erase, info, search, selftest, upkeep, verify
from prum_match.errors import PrumError

__all__ = ["main"]

_COMMANDS = (info, verify, enrol, search, erase, upkeep, selftest)
_INTERRUPTED, _NO_READER = 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``prum-match`` (or ``python -m prum_match``) and return its exit code.

    0: done and in order; 1: not done, or not in order; 2: the call's words are off; 3: a
    verification that could say nothing about the gallery; 130: interrupted; 141: whoever read the
    output is gone.
    """
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except PrumError as error:
        code = _failed(str(error))
    except BrokenPipeError:
        # What is still in the buffer would fail once more at the end of the process.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = _NO_READER
    except OSError as error:
        code = _failed(f"{error.strerror} [{errno.errorcode.get(error.errno or 0, 'io_error')}]")
    except KeyboardInterrupt:
        code = _INTERRUPTED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="prum-match", description="Exact Prüm matching engine")
    parser.add_argument("--version", action="version", version=f"prum_match {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in _COMMANDS:
        module.add_to(commands)
    return parser


def _failed(message: str) -> int:
    # One line, whatever a file's header has put into a field.
    print("prum-match:", message.encode("unicode_escape").decode(), file=sys.stderr)
    return 1
