"""``python -m tools.proof``: run what runs long, or go on with it, and write the table."""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from pathlib import Path

from tools.proof import table, trees
from tools.proof.journal import Identity, Journal, last_run, last_seed
from tools.proof.mutation.campaign import Campaign
from tools.proof.parts import PARTS, SHARES, units
from tools.proof.running import STOP
from tools.proof.schedule import FAILED, run_units

# What has begun may take so many seconds more than its part has.
GRACE = 900
ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    work = given.work.resolve()
    state = work / "state.jsonl"
    if given.table:
        return _table_of_the_last(state, given.page)
    began = time.monotonic()
    code = trees.code_of(ROOT)
    seed = given.seed
    if seed is None:
        last = last_seed(state, code)
        seed = random.SystemRandom().randrange(1 << 32) if last is None else last
    journal = Journal(state, Identity(code, seed, trees.commit_of(ROOT), _scope(given)))
    if given.again:
        journal.done = {k: done for k, done in journal.done.items() if done.result != FAILED}
    _say(f"seed {seed}, code {code}, {len(journal.done)} units are finished")
    journal.begin(given.hours)
    campaign = Campaign(
        root=ROOT,
        work=work,
        journal=journal,
        jobs=given.jobs,
        wanted={"python": given.python, "native": given.native},
        rooms=given.rooms,
        tests=tuple(given.tests),
        quick=given.quick,
        say=_say,
    )
    parts = [part for part in PARTS if part in given.parts]
    whole = sum(SHARES[part] for part in parts)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: STOP.set())
    try:
        tree = campaign.plain_tree()
        # Building comes first, and is nobody's share.
        until = time.monotonic()
        end = began + given.hours * 3600
        left = end - until
        for part in parts:
            # What a part leaves is the next one's.
            until += SHARES[part] / whole * left
            if part == "mutation":
                campaign.until = until
                campaign.run()
                continue
            if STOP.is_set():
                break
            planned = [*units(part, tree, seed, given.tests)]
            journal.plan(part, len(planned))
            failures = work / "failures"
            run_units(
                planned,
                tree,
                journal,
                jobs=given.jobs,
                until=until,
                end=min(end, until + GRACE),
                failures=failures,
                say=_say,
            )
    finally:
        table.write(given.page, journal)
    _say(f"{given.page} holds the table; {time.monotonic() - began:.0f} seconds")
    failed = [done for done in journal.done.values() if done.result == FAILED]
    for done in failed:
        _say(f"failed: {done.part}, {done.unit}: {done.detail}")
    return 1 if failed else 0


def _scope(given: argparse.Namespace) -> str:
    """Say what a run is limited to: its results are none of a whole run."""
    out = [f"mutants of {', '.join(given.rooms)}"] if given.rooms else []
    out += [f"tests of {', '.join(given.tests)}"] if given.tests != ["tests"] else []
    out += ["native parts without optimisation"] if given.quick else []
    return "; ".join(out)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.proof", description=__doc__)
    parser.add_argument("--hours", type=float, default=3.0, help="stop after so many (3)")
    parser.add_argument("--seed", type=int, help="draw anew as this number says")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--table", action="store_true", help="write the table, run nothing")
    parser.add_argument("--again", action="store_true", help="run again what failed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--python", type=int, default=60, help="mutants of Python (60)")
    parser.add_argument("--native", type=int, default=60, help="mutants of C++ (60)")
    parser.add_argument("--rooms", nargs="+", help="draw mutants from these alone")
    parser.add_argument("--tests", nargs="+", default=["tests"], help="run these alone")
    parser.add_argument(
        "--quick", action="store_true", help="one build without optimisation for all: a sample"
    )
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "proof")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "proof" / "README.md")
    return parser


def _table_of_the_last(state: Path, page: Path) -> int:
    last = last_run(state)
    if last is None:
        _say("nothing was run yet")
        return 1
    table.write(page, Journal(state, last))
    return 0


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
