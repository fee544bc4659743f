"""``prum-match audit``: verification and statistics of the audit log of an exchange."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from prum_match.cli.options import Commands, command
from prum_match.cli.output import emit
from prum_match.errors import PrumError, StorageError

if TYPE_CHECKING:
    from prum_match.exchange.audit import Anchor, SqliteAudit

# About the call, this process or its rights, and not about the log.
_NO_VERDICT = frozenset({"file_missing", "not_permitted", "busy", "newer_format", "anchor_erased"})


def add_to(commands: Commands) -> None:
    """Add the commands."""
    audit = commands.add_parser("audit", help="verify an audit log, or count for the statistics")
    actions = audit.add_subparsers(dest="action", required=True, metavar="ACTION")
    about = "recompute every digest of an audit log and follow its chain"
    verify = command(actions, "verify", about, _verify)
    verify.add_argument("log", metavar="LOG", help="the file of the log")
    verify.add_argument(
        "--anchor",
        type=_pair,
        metavar="SEQUENCE:DIGEST",
        help="what an earlier verification printed, kept elsewhere: shows that nothing was cut off",
    )
    about = "count for Article 72(1) to (3) of Regulation (EU) 2024/982, by party, category, type"
    counts = command(actions, "statistics", about, _statistics)
    counts.add_argument("log", metavar="LOG", help="the file of the log")
    for name, what in (("--since", "from"), ("--until", "before")):
        counts.add_argument(
            name, type=_moment, metavar="MOMENT", help=f"entries {what} then; with a time zone"
        )


def _verify(options: argparse.Namespace) -> int:
    try:
        with _opened(options.log) as log:
            head = log.head()
            log.verify(None if options.anchor is None else _anchor(*options.anchor))
            emit(type="verified", entries=len(log), sequence=head.sequence, digest=head.digest)
    except PrumError as error:
        if error.code in _NO_VERDICT:
            print(f"prum-match: no verdict: {error}", file=sys.stderr)
            return 3
        raise
    return 0


def _statistics(options: argparse.Namespace) -> int:
    from prum_match.exchange.audit import statistics

    with _opened(options.log) as log:
        for row in statistics(log.entries(since=options.since, until=options.until)).rows:
            counts = asdict(row)
            emit(type="statistics", **{"probe_type": counts.pop("type")}, **counts)
    return 0


def _opened(path: str) -> SqliteAudit:
    """Open an existing log; a missing or empty file would become a new one, and pass."""
    from prum_match.exchange.audit import SqliteAudit

    try:
        size = Path(path).stat().st_size
    except OSError as error:
        code = "file_missing" if isinstance(error, FileNotFoundError) else "not_permitted"
        raise StorageError(
            f"the log cannot be read: {error.strerror}", code=code, field="LOG"
        ) from None
    if not size:
        raise StorageError("the file is empty", code="not_an_audit_log", field="LOG")
    return SqliteAudit(path)


def _anchor(sequence: int, digest: str) -> Anchor:
    from prum_match.exchange.audit import Anchor

    return Anchor(sequence, digest)


def _pair(text: str) -> tuple[int, str]:
    sequence, _, digest = text.partition(":")
    if not sequence.isdecimal() or len(digest) != 64:
        raise argparse.ArgumentTypeError("give SEQUENCE:DIGEST")
    return int(sequence), digest


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("not a moment of ISO 8601") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("a moment needs a time zone")
    return moment
