"""``prum-match verify``: reads a whole gallery again and checks it."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from prum_match.cli.galleries import category_of
from prum_match.cli.options import Commands, add_path, add_progress, command
from prum_match.cli.output import Progress
from prum_match.engine.store.opening import verify_at
from prum_match.engine.store.verification import Damage, VerificationReport
from prum_match.errors import PrumError

# These codes are about the call, this process or its rights, and not about the gallery.
_NO_VERDICT = frozenset(
    {
        *(
            "no_such_gallery",
            "not_permitted",
            "busy",
            "bad_path",
            "path_too_long",
            "too_many_files",
        ),
        *("newer_format", "other_settings", "unknown_category"),
    }
)
_UNFINISHED = frozenset({"unfinished", "recovery_needed"})


def add_to(commands: Commands) -> None:
    """Add the command."""
    about = "read a whole gallery again and check it"
    parser = command(commands, "verify", about, _run)
    add_path(parser)
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.add_argument("--quiet", action="store_true", help="print the verdict alone")
    add_progress(parser)


def _run(options: argparse.Namespace) -> int:
    try:
        with Progress(wanted=options.progress) as progress:
            found = verify_at(
                options.path,
                category_of,
                lambda _, done, total: progress.say(f"verifying, {100 * done // (total or 1)}%"),
            )
    except PrumError as error:
        if error.code in _NO_VERDICT:
            print(f"prum-match: no verdict: {error}", file=sys.stderr)
            return 3
        damage = Damage(error.code, error.field or "gallery", str(error.args[0]))
        found = VerificationReport((damage,), 0, 0, 0, 0)
    if options.json:
        record = asdict(found)
        damages = record.pop("damages")
        print(json.dumps({"passed": found.passed, "problems": damages, **record}))
    elif options.quiet:
        print("in order" if found.passed else f"{len(found.damages)} problems")
    else:
        print(found)
        for line in _advice(found):
            print(line)
    return 0 if found.passed else 1


def _advice(found: VerificationReport) -> list[str]:
    codes = {damage.code for damage in found.damages}
    advice = []
    if codes & _UNFINISHED:
        advice.append("prum-match recover completes or undoes the change of the last writer")
    if codes - _UNFINISHED:
        advice.append(
            "damage is not repaired: restore a copy, or fill a new gallery from its source"
        )
    return advice
