"""A run resumes where it stopped, and its table lists units that were not run."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from tools.proof import schedule, table
from tools.proof.journal import Done, Identity, Journal, last_run, last_seed
from tools.proof.parts import Unit
from tools.proof.rings import ring
from tools.proof.running import Ran

HERE = Identity("code", 7, "abc123")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.jsonl"


def begun(path: Path, identity: Identity = HERE) -> Journal:
    journal = Journal(path, identity)
    journal.begin(3)
    return journal


def run(journal: Journal, names: list[str], patch: pytest.MonkeyPatch, code: int = 0) -> list[str]:
    """Run units of these names, of which nothing is really run; return which ones were."""
    asked: list[str] = []

    def run_tests(tree: Path, files: list[str], **options: object) -> Ran:
        asked.append(files[0])
        return Ran(code, 1.5, {"t": ("failed" if code else "passed", 1.0)}, cases=3, seeds=2)

    patch.setattr(schedule, "run_tests", run_tests)
    schedule.run_units(
        [Unit("machines", name, [name]) for name in names],
        Path(),
        journal,
        jobs=1,
        until=time.monotonic() + 100,
        end=time.monotonic() + 100,
        failures=journal.path.parent / "failures",
        say=lambda text: None,
    )
    return asked


def test_finished_units_are_skipped(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(begun(path), ["a", "b"], monkeypatch) == ["a", "b"]
    assert run(begun(path), ["a", "b", "c"], monkeypatch) == ["c"]


@pytest.mark.parametrize(
    "other",
    [Identity("code", 8), Identity("other", 7), Identity("code", 7, scope="some tests")],
)
def test_other_code_or_another_seed_begins_anew(
    other: Identity, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(begun(path), ["a"], monkeypatch)
    assert run(begun(path, other), ["a"], monkeypatch) == ["a"]


def test_a_line_that_was_cut_off_is_run_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(begun(path), ["a", "b"], monkeypatch)
    path.write_bytes(path.read_bytes()[:-20])
    assert run(begun(path), ["a", "b"], monkeypatch) == ["b"]
    assert run(begun(path), ["a", "b"], monkeypatch) == []


def test_a_unit_that_ran_out_of_time_is_not_finished(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = begun(path)
    monkeypatch.setattr(schedule, "run_tests", lambda *a, **o: Ran(-9, 1.0, stopped=True))
    schedule.run_units(
        [Unit("machines", "a", ["a"])],
        Path(),
        journal,
        jobs=1,
        until=time.monotonic() + 100,
        end=time.monotonic() + 100,
        failures=path.parent,
        say=lambda text: None,
    )
    assert not journal.done


def test_a_file_with_enough_cases_is_finished(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = [Unit("properties", f"a.py, round {i}", ["a.py"], enough=5) for i in range(9)]
    journal = begun(path)
    monkeypatch.setattr(schedule, "run_tests", lambda *a, **o: Ran(0, 1.0, cases=3))
    schedule.run_units(
        rounds,
        Path(),
        journal,
        jobs=1,
        until=time.monotonic() + 100,
        end=time.monotonic() + 100,
        failures=path.parent,
        say=lambda text: None,
    )
    assert len(journal.done) == 2


def test_the_last_run_is_known_again(path: Path) -> None:
    assert last_run(path) is None
    begun(path, Identity("old", 1, "aaa"))
    begun(path)
    assert last_run(path) == HERE
    assert last_seed(path, "old") == 1
    assert last_seed(path, "new") is None


def page_of(journal: Journal) -> str:
    page = journal.path.parent / "page.md"
    page.write_text(f"before\n\n{table.BEGIN}\nold\n{table.END}\n\nafter\n")
    table.write(page, journal)
    return page.read_text()


def test_the_table_lists_units_that_were_not_run(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = begun(path)
    journal.plan("machines", 5)
    run(journal, ["a", "b"], monkeypatch)
    run(journal, ["c"], monkeypatch, code=1)
    text = page_of(journal)
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "\nold\n" not in text
    row = "| machines | 9 | 6 | 4 | 2 units passed, **1 failed**, 2 not run | abc123 | 7 |"
    assert row in text
    assert "| simulation | - | - | - | not run | abc123 | 7 |" in text
    assert "not known, since not all mutants were run" in text


def judged(journal: Journal, killed: int, later: int, survived: int) -> None:
    """Write down verdicts of so many mutants of each language."""
    for language in ("python", "native"):
        short, long = (f"mutation, {language}, {which}" for which in ("short", "long"))
        journal.plan(short, killed + later + survived)
        for i in range(killed):
            journal.finish(Done(short, f"k{i}", "killed", 1.0))
        for i in range(later + survived):
            journal.finish(Done(short, f"s{i}", "survived", 1.0))
            result = "killed" if i < later else "survived"
            journal.finish(Done(long, f"s{i}", result, 1.0))
        journal.finish(Done(short, "x", "same code", 0.0))


def test_the_share_of_the_short_run(path: Path) -> None:
    journal = begun(path)
    judged(journal, killed=9, later=1, survived=2)
    counts = table.counted("native", journal)
    assert +counts == Counter({"short": 9, "long only": 1, "survived": 2, "same code": 1})
    text = page_of(journal)
    assert "kills 90.0% of what" in text
    assert "as wanted" in text
    assert (
        "9 killed by `make test`, 1 by `make test-all` alone, 2 survived (besides: 1 same" in text
    )


def test_a_share_that_is_too_small_is_reported(path: Path) -> None:
    journal = begun(path)
    judged(journal, killed=8, later=2, survived=0)
    assert "**less than the wanted** 90%" in page_of(journal)


def test_a_survivor_that_the_long_run_did_not_see_leaves_the_share_open(path: Path) -> None:
    journal = begun(path)
    judged(journal, killed=9, later=1, survived=0)
    del journal.done["mutation, python, long", "s0"]
    assert "not known, since not all mutants were run" in page_of(journal)


def test_lines_of_the_state_are_json(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(begun(path), ["a"], monkeypatch)
    first, second = map(json.loads, path.read_text().splitlines())
    assert (first["commit"], first["seed"], first["kind"]) == ("abc123", 7, "run")
    assert (second["unit"], second["result"], second["cases"]) == ("a", "passed", 3)


def test_rings_agree_with_the_makefile(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(
        "test: venv\n\tPRUM_EXAMPLES=25 $(BIN)/python -m pytest -q -n auto --dist loadfile"
        ' -m "not slow" tests\n\ntest-all:\n\t$(BIN)/python -m pytest -q\n'
        "other: test\n\techo pytest\n"
    )
    found = ring(tmp_path, "test")
    assert found is not None
    assert found.options == ("-m", "not slow", "tests")
    assert found.environment == {"PRUM_EXAMPLES": "25"}
    everything = ring(tmp_path, "test-all")
    assert everything is not None
    assert everything.options == ()
    assert ring(tmp_path, "nothing") is None
