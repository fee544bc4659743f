"""Every example runs with the stated output: README.md, pages, docstrings and scripts."""

from __future__ import annotations

import doctest
import importlib
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.document import Document
from sybil.parsers.myst import PythonCodeBlockParser

import prum_match

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FLAGS = doctest.ELLIPSIS
MARKDOWN = Sybil(parsers=[PythonCodeBlockParser(doctest_optionflags=FLAGS)])


# What a page shows besides this library and its extras; without it the page is not run.
NEEDS = {"docs/howto/import_tables.md": "pyarrow", "docs/howto/search_vehicles.md": "polars"}


def parse_pages() -> dict[str, Document]:
    paths = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    built = DOCS / "_build", DOCS / "reference" / "generated"
    paths = [path for path in paths if not any(map(path.is_relative_to, built))]
    return {path.relative_to(ROOT).as_posix(): MARKDOWN.parse(path) for path in sorted(paths)}


def docstrings(module: str) -> dict[str, doctest.DocTest]:
    """Return the examples of a module by the name of what they belong to."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = finder.find(importlib.import_module(module), module)
    return {test.name: test for test in found if test.examples}


PAGES = parse_pages()
# Of the package that is installed, or on the path: what a user would import.
MODULES = [m.name for m in pkgutil.walk_packages(prum_match.__path__, "prum_match.")]
# A locus stays registered as long as the process; galleries that it writes ask for it elsewhere.
LASTING = "prum_match.dna.profiles.loci.register_locus"
SCRIPTS = {path.name: path for path in sorted((DOCS / "examples").glob("*.py"))}


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if any(page.examples())])
def test_page(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(DOCS / "examples"))
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    for example in PAGES[name].examples():
        example.evaluate()


@pytest.mark.parametrize("name", PAGES)
def test_no_block_of_a_page_is_left_out(name: str) -> None:
    page = PAGES[name]
    starts = [example.start for example in page.examples()]
    for fence in re.finditer(r"^ *```(py\w*)\n.*?^ *```$", page.text, re.MULTILINE | re.DOTALL):
        assert fence[1] == "python", "only blocks marked python are run"
        assert any(fence.start() <= start < fence.end() for start in starts)


@pytest.mark.parametrize("name", [name for name in PAGES if "/" not in name])
def test_links_of_the_front_pages(name: str) -> None:
    # Sphinx checks the links of its own pages; these are read on their own as well.
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", PAGES[name].text)
    assert not [link for link in links if not (ROOT / link).exists()]


@pytest.mark.parametrize("module", ["prum_match", *MODULES])
def test_docstrings(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report: list[str] = []
    for name, test in docstrings(module).items():
        if name != LASTING:
            doctest.DocTestRunner(optionflags=FLAGS).run(test, out=report.append)
    assert not report, "".join(report)


def test_docstring_with_a_lasting_effect(tmp_path: Path) -> None:
    module, _, function = LASTING.rpartition(".")
    script = (
        "import doctest\n"
        f"from {module} import *\n"
        f"doctest.run_docstring_examples({function}, globals(), verbose=True)"
    )
    report = run_python(tmp_path, "-c", script)
    assert report.count("\nok\n") == len(docstrings(module)[LASTING].examples), report


def run_script(name: str, folder: Path) -> str:
    return run_python(folder, str(SCRIPTS[name]))


def run_python(folder: Path, *arguments: str) -> str:
    # The child finds the package where this process found it.
    home = str(Path(prum_match.__file__).parents[1])
    path = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout


# The others have tests of their own; one of them wants a server.
@pytest.mark.parametrize(
    "name", sorted(SCRIPTS.keys() - {"the_hague.py", "two_states.py", "postgresql.py"})
)
def test_script(name: str, tmp_path: Path) -> None:
    assert run_script(name, tmp_path)


def test_the_hague(tmp_path: Path) -> None:
    output = run_script("the_hague.py", tmp_path)
    answers = dict(re.findall(r"^  ([A-Z]{2}): ([a-z-]+)$", output, re.MULTILINE))
    assert answers == {**dict.fromkeys(("AT", "BE", "DE", "ES", "LU", "SI"), "no-hit"), "FR": "hit"}
    assert "candidate 1: reference FR-" in output
    assert "candidate 2:" not in output
    assert "A candidate is not a match" in output


def test_two_states(tmp_path: Path) -> None:
    for package in ("cryptography", "httpcore", "uvicorn"):
        pytest.importorskip(package)
    output = run_script("two_states.py", tmp_path)
    assert not list(tmp_path.iterdir())
    story, hague, paris = re.split(r"^Audit log of .* proved:$", output, flags=re.MULTILINE)
    hours = re.split(r"^[MW]\w+day, ", story, flags=re.MULTILINE)[1:]
    assert [re.findall(r"^  NL-\w+.*?: (.*)$", hour, re.MULTILINE) for hour in hours] == [
        ["SearchOutcome(FR: hit)"] * 2,
        ["awaiting_release"] * 2,
        ["core_data_returned", "awaiting_release"],
        ["core_data_returned", "overdue"],
    ]
    assert acts_of(hague) == {
        "FR-0417": ["confirmed", "facts_sent", "core_data_received"],
        "FR-0892": ["confirmed", "facts_sent", "overdue"],
    }
    assert acts_of(paris) == {
        "FR-0417": ["confirmed", "facts_received", "core_data_sent"],
        "FR-0892": ["confirmed", "facts_received", "overdue"],
    }
    assert output.count("confirmed_with_core_data 1, confirmed_without_core_data 1") == 2


def acts_of(log: str) -> dict[str, list[str]]:
    acts: dict[str, list[str]] = {}
    for act, reference in re.findall(r"^  \w{3} [\d:]+ .* (\w+) +(FR-\d+)", log, re.MULTILINE):
        acts.setdefault(reference, []).append(act)
    return acts
