"""The command line: ``python -m benchmarks`` from the root of the repository."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import machine, runner, table
from benchmarks.task import Options, TaskResult
from benchmarks.tasks import TASKS, chosen

SMALLEST = 50


def main(arguments: list[str] | None = None) -> int:
    """Run the chosen tasks; 1 if answers differ or a library failed, 2 for a wrong command."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        tasks = chosen(given.task)
    except ValueError as error:
        parser.error(str(error))
    if given.json is not None and not given.json.parent.is_dir():
        parser.error(f"no such folder: {given.json.parent}")
    passes = given.passes or (2 if given.quick else 5)
    options = Options(given.size, passes, given.quick, given.full, given.profile)
    facts = machine.describe(quick=given.quick)
    print(*facts.lines(), sep="\n")
    print(runner.RULE.format(passes=passes))
    file = given.json or runner.default_file()
    results: list[TaskResult] = []
    for task in tasks:
        result = runner.run(task, options, facts)
        results.append(result)
        print("", *table.lines(result), sep="\n", flush=True)
        # After every task: a long run that is interrupted leaves what it has.
        contents = runner.report(results, facts, options)
        runner.write(contents, file)
    print(f"\nwritten: {file}")
    for result in results:
        if not result.agreed:
            print(f"{result.task}: answers differ or a library failed", file=sys.stderr)
    return 0 if all(result.agreed for result in results) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = ", ".join(task.name for task in TASKS)
    parser.add_argument("task", nargs="*", help=f"some of: {names}; or beginnings of names")
    parser.add_argument("--size", type=_size, help="references (all_pairs: profiles) of each task")
    parser.add_argument(
        "--passes", type=_passes, help="passes of each library; 5, or 2 with --quick"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes: a few seconds in all")
    parser.add_argument("--full", action="store_true", help="nothing measured on a sample")
    parser.add_argument("--profile", action="store_true", help="say where our time goes")
    parser.add_argument("--json", type=Path, help="file to write; default: benchmarks/results/")
    return parser


def _passes(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _size(text: str) -> int:
    """Read 2000000, 2_000_000, 2M or 50k."""
    scale = {"k": 1_000, "m": 1_000_000}.get(text[-1:].lower(), 1)
    number = int(text[:-1] if scale > 1 else text) * scale
    if number < SMALLEST:
        raise argparse.ArgumentTypeError(f"at least {SMALLEST}")
    return number


if __name__ == "__main__":
    sys.exit(main())
