"""``prum-match hits``: the hits in the store of an exchange, for a supervisor."""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from prum_match.cli.options import Commands, command
from prum_match.cli.output import emit

if TYPE_CHECKING:
    from prum_match.exchange.hits.hit import Hit

_TIMES = ("since", "confirmed_at", "facts_at", "due", "delayed_at", "ended_at")
_TEXTS = (
    *("side", "state", "probe_reference", "probe_type", "reference_type"),
    *("confirmed_by", "refuted_by"),
)


def add_to(commands: Commands) -> None:
    """Add the command."""
    about = "list the hits in the store of an exchange: numbers, states and times, no content"
    parser = command(commands, "hits", about, _run)
    parser.set_defaults(usage_error=parser.error)
    parser.add_argument("store", metavar="STORE", help="the file of the store; only read")
    parser.add_argument(
        "--state", action="append", metavar="STATE", help="those in this state; may be repeated"
    )
    parser.add_argument("--party", metavar="PARTY", help="those with this party")
    parser.add_argument("--category", metavar="CATEGORY", help="those of this category")


def _run(options: argparse.Namespace) -> int:
    from prum_match.exchange.hits.hit import HitState
    from prum_match.exchange.hits.listing import hits_in

    states = [state.value for state in HitState]
    if not set(options.state or ()) <= set(states):
        options.usage_error(f"--state is one of {', '.join(states)}")
    counts: Counter[str] = Counter()
    for hit in hits_in(options.store):
        if _wanted(hit, options):
            counts[hit.state.value] += 1
            emit(**_line(hit))
    emit(type="total", hits=counts.total(), states=dict(sorted(counts.items())))
    return 0


def _wanted(hit: Hit, options: argparse.Namespace) -> bool:
    return (
        hit.state in (options.state or (hit.state,))
        and hit.party == (options.party or hit.party)
        and hit.key.category == (options.category or hit.key.category)
    )


def _line(hit: Hit) -> dict[str, Any]:
    key = hit.key
    named = ("category", "requesting", "requested", "request", "reference")
    line: dict[str, Any] = {"type": "hit"} | {name: getattr(key, name) for name in named}
    line |= {name: getattr(hit, name) for name in _TEXTS}
    return line | {name: _iso(getattr(hit, name)) for name in _TIMES}


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
