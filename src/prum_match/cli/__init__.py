"""The command line: arguments become calls of the library. One module a command."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Sequence

from prum_match import __version__
from prum_match.errors import PrumError

__all__ = ["main"]

_INTERRUPTED, _NO_READER = 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``prum-match`` (or ``python -m prum_match``) and return its exit code.

    0: done and in order; 1: not done, or not in order; 2: wrong arguments; 3: verification without
    a verdict about the gallery; 130: interrupted; 141: the reader of the output has gone.
    """
    options = _parsed(sys.argv[1:] if arguments is None else arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except PrumError as error:
        code = _failed(str(error))
    except BrokenPipeError:
        # Buffered output would fail once more at the end of the process.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = _NO_READER
    except OSError as error:
        code = _failed(f"{error.strerror} [{errno.errorcode.get(error.errno or 0, 'io_error')}]")
    except KeyboardInterrupt:
        code = _INTERRUPTED
    return code


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="prum-match", description="Exact Prüm matching engine")
    parser.add_argument("--version", action="version", version=f"prum_match {__version__}")
    if list(arguments[:1]) == ["--version"]:
        parser.parse_args(arguments)  # ends the process, before any category is imported
    _add_commands(parser)
    return parser.parse_args(arguments)


def _add_commands(parser: argparse.ArgumentParser) -> None:
    from prum_match.cli import (
        audit,
        enrol,
        erase,
        hits,
        info,
        replace,
        search,
        selftest,
        upkeep,
        verify,
    )

    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    modules = (info, verify, enrol, replace, search, erase, upkeep, hits, audit, selftest)
    for module in modules:
        module.add_to(commands)


def _failed(message: str) -> int:
    # One line, whatever characters a field from a file's header has.
    print("prum-match:", message.encode("unicode_escape").decode(), file=sys.stderr)
    return 1
