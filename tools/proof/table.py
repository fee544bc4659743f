"""The table of the last run, as it stands in the documentation: what is not finished is not run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.proof.journal import Done, Journal
from tools.proof.mutation.campaign import LANGUAGES, part_of
from tools.proof.mutation.judging import EXCLUDED, KILLED, SURVIVED
from tools.proof.parts import CASES, PARTS, ROUNDS
from tools.proof.schedule import FAILED, NOTHING, PASSED

BEGIN, END = "<!-- the last run -->", "<!-- end of the last run -->"
# What the short ring has to kill of what the long one kills.
LEAST = 0.9
UNDECIDED = "survived it, not run by `make test-all`"


def write(page: Path, journal: Journal) -> None:
    """Put the table of a run into a page, between two marks that it holds."""
    text = page.read_text("utf-8") if page.exists() else f"# Proof\n\n{BEGIN}\n{END}\n"
    before, mark, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    if not mark or not after:
        raise ValueError(f"{page.name} lacks the marks {BEGIN} and {END}")
    body = "\n".join(_lines(journal))
    page.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}", "utf-8")


def _lines(journal: Journal) -> Iterator[str]:
    seconds = sum(done.seconds for done in journal.done.values())
    if journal.identity.scope:
        yield f"**A sample**, of {journal.identity.scope}."
        yield ""
    yield f"Begun {journal.began}, on {journal.machine}; {seconds:,.0f} seconds of runs in all."
    yield ""
    yield "| part | cases | seeds | seconds | result | commit | seed |"
    yield "|---|---:|---:|---:|---|---|---:|"
    tail = f"{journal.identity.commit} | {journal.identity.seed}"
    for part in PARTS:
        if part != "mutation":
            done = journal.of(part)
            yield f"| {part} | {_numbers(done)} | {_result(part, journal)} | {tail} |"
            continue
        for language in LANGUAGES:
            judged = [
                d for which in ("short", "long") for d in journal.of(part_of(language, which))
            ]
            # Tests of a mutant are no cases: each of them was run until one failed.
            spent = sum(done.seconds for done in judged)
            told = _mutation(language, journal)
            yield f"| mutants, {language} | - | - | {spent:,.0f} | {told} | {tail} |"
    yield ""
    yield _ratio(journal)
    yield from _failures(journal)
    yield from _survivors(journal)


def _numbers(done: Sequence[Done]) -> str:
    if not done:
        return "- | - | -"
    cases, seeds = sum(d.cases for d in done), sum(d.seeds for d in done)
    return f"{cases:,} | {seeds or '-'} | {sum(d.seconds for d in done):,.0f}"


def _result(part: str, journal: Journal) -> str:
    counts = Counter(done.result for done in journal.of(part))
    if not counts:
        return "not run"
    out = [f"{counts[PASSED]:,} units passed"]
    if counts[FAILED]:
        out.append(f"**{counts[FAILED]:,} failed**")
    left = journal.planned.get(part, 0) - sum(counts.values())
    if part == "properties":
        out.append(_files_of_properties(journal))
    elif left > 0:
        out.append(f"{left:,} not run")
    if counts[NOTHING]:
        out.append(f"{counts[NOTHING]:,} with nothing to run")
    return ", ".join(out)


def _files_of_properties(journal: Journal) -> str:
    """Say how many files had all their cases: the rounds of the others are open."""
    cases: Counter[str] = Counter()
    for done in journal.of("properties"):
        cases[done.unit.partition(", ")[0]] += done.cases
    full = sum(tried >= CASES for tried in cases.values())
    files = journal.planned.get("properties", 0) // ROUNDS
    least = min(cases.values()) if len(cases) == files else 0
    return f"{full} of {files} files tried {CASES:,} cases, every file at least {least:,}"


def counted(language: str, journal: Journal) -> Counter[str]:
    """Return how many mutants were killed by which ring, survived, or are not judged."""
    out: Counter[str] = Counter()
    short = journal.of(part_of(language, "short"))
    long = {done.unit: done for done in journal.of(part_of(language, "long"))}
    for done in short:
        if done.result in EXCLUDED:
            out[done.result] += 1
        elif done.result == KILLED:
            out["short"] += 1
        elif done.unit in long:
            out["long only" if long[done.unit].result == KILLED else "survived"] += 1
        else:
            out[UNDECIDED] += 1
    judged = sum(n for name, n in out.items() if name not in EXCLUDED)
    out["not run"] = max(0, journal.planned.get(part_of(language, "short"), 0) - judged)
    return out


def _mutation(language: str, journal: Journal) -> str:
    counts = counted(language, journal)
    if not journal.of(part_of(language, "short")):
        return "not run"
    out = [
        f"{counts['short']} killed by `make test`",
        f"{counts['long only']} by `make test-all` alone",
        f"{counts['survived']} survived",
    ]
    for name in (UNDECIDED, "not run"):
        if counts[name]:
            out.append(f"{counts[name]} {name}")
    excluded = [f"{counts[name]} {name}" for name in EXCLUDED if counts[name]]
    return ", ".join(out) + (f" (besides: {', '.join(excluded)})" if excluded else "")


def _ratio(journal: Journal) -> str:
    counts: Counter[str] = sum((counted(lang, journal) for lang in LANGUAGES), Counter())
    open_ones = counts[UNDECIDED] + counts["not run"]
    killed = counts["short"] + counts["long only"]
    if not killed or open_ones:
        return (
            "What share of the kills is the short run's: not known, since not all mutants were run."
        )
    share = counts["short"] / killed
    word = "as wanted, at least" if share >= LEAST else "**less than the wanted**"
    return f"`make test` kills {share:.1%} of what `make test-all` kills ({word} {LEAST:.0%})."


def _failures(journal: Journal) -> Iterator[str]:
    failed = [done for done in journal.done.values() if done.result == FAILED]
    if failed:
        yield ""
        yield "Failed:"
        yield ""
        for done in failed:
            yield f"- {done.part}, {done.unit}: `{done.detail}`"


def _survivors(journal: Journal) -> Iterator[str]:
    lines = []
    for language in LANGUAGES:
        long = {done.unit: done for done in journal.of(part_of(language, "long"))}
        for done in journal.of(part_of(language, "short")):
            if done.result == SURVIVED:
                later = long.get(done.unit)
                if later is None:
                    told = "survived `make test`"
                elif later.result == KILLED:
                    told = f"killed by `{later.detail}`"
                else:
                    told = "survived both"
                why = f" ({done.detail})" if done.detail else ""
                lines.append(f"- ``{done.unit}``: {told}{why}")
    if lines:
        yield ""
        yield "Mutants that `make test` left alive:"
        yield ""
        yield from sorted(lines)
