"""Files in a mailbox that are not delivered, listed so that none is lost unnoticed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from prum_match.exchange.mailbox.layout import INCOMING, PARTS, SENDERS


@dataclass(frozen=True, slots=True)
class Refused:
    """A file or folder in a mailbox that is not delivered.

    Parameters
    ----------
    party : str or None
        Sender whose folder it is in; None outside of such folders.
    reason : str
        ``too_large``, ``not_a_file`` (a link, a folder, a pipe) or ``unreadable``: moved to
        ``refused``. ``hidden`` (a name that begins with a dot), ``misplaced`` (no part of a mailbox
        has this name) or ``no_folder`` (a part that is not an accessible folder): left in place.
    path : Path
        Its path. The sender chose the name, so ``repr`` omits it.

    Examples
    --------
    >>> Refused("DE", "too_large", Path("AT/from-DE/refused/too_large-0f3c/q1"))
    Refused(party='DE', reason='too_large')
    """

    party: str | None
    reason: str
    path: Path = field(repr=False)


def refused_in(mailbox: Path) -> Iterator[Refused]:
    """Yield the files that a mailbox does not deliver."""
    for name in names_in(mailbox):
        path, sender = mailbox / name, SENDERS.get(name)
        if sender is None:
            yield Refused(None, "misplaced", path)
        elif _is_folder(path):
            yield from _refused_of(sender, path)
        else:
            yield Refused(sender, "no_folder", path)


def names_in(path: Path) -> list[str]:
    """Return the sorted names in a folder; empty if the folder does not exist."""
    try:
        return sorted(os.listdir(path))
    except FileNotFoundError:  # nothing was sent yet
        return []


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and os.access(path, os.R_OK | os.X_OK)


def _refused_of(sender: str, box: Path) -> Iterator[Refused]:
    for part in names_in(box):
        path = box / part
        if part not in PARTS:
            yield Refused(sender, "misplaced", path)
        elif not _is_folder(path):
            yield Refused(sender, "no_folder", path)
        elif part in INCOMING:
            yield from (
                Refused(sender, "hidden", path / name)
                for name in names_in(path)
                if name.startswith(".")
            )
        elif part == "refused":
            for place in names_in(path):
                if _is_folder(path / place):
                    reason = place.partition("-")[0]
                    names = names_in(path / place)
                    yield from (Refused(sender, reason, path / place / name) for name in names)
                else:
                    yield Refused(sender, "misplaced", path / place)
