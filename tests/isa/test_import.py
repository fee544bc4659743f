"""The modules that `import prum_match` loads; a benchmark measures its duration."""

from __future__ import annotations

import json
import subprocess
import sys


def loaded(statement: str) -> set[str]:
    """Return the modules that a fresh interpreter has after a statement, and had not before."""
    script = (
        "import json, sys; before = set(sys.modules)\n"
        f"{statement}\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    # -S and -I: neither a .pth file nor the environment's site hooks may load anything.
    path = [entry for entry in sys.path if entry]
    script = f"import sys; sys.path[:0] = {path!r}\n{script}"
    ended = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(json.loads(ended.stdout))


def outside(modules: set[str]) -> set[str]:
    """Return the packages that are neither ours, nor NumPy, nor the standard library's."""
    roots = {name.partition(".")[0] for name in modules}
    # Cython registers its shared types under a name of its own.
    known = {"prum_match", "numpy", *sys.stdlib_module_names}
    return {name for name in roots - known if not name.startswith(("_cython", "cython_runtime"))}


def test_only_numpy_and_the_standard_library_are_imported() -> None:
    assert outside(loaded("import prum_match")) == set()


def test_no_category_and_no_extra() -> None:
    modules = loaded("import prum_match")
    ours = {name for name in modules if name.startswith("prum_match")}
    assert "prum_match.engine" in ours
    assert not any(name.startswith(("prum_match.dna", "prum_match.testing")) for name in ours)
    assert not any(name.startswith("prum_match.exchange") for name in ours)
    # Neither of what NumPy itself imports nor beyond it.
    added = modules - loaded("import numpy")
    heavy = {"hypothesis", "xml", "asyncio", "email", "http", "ssl", "sqlite3", "multiprocessing"}
    assert not {name.partition(".")[0] for name in added} & heavy


def test_a_category_brings_no_extra_either() -> None:
    modules = loaded("import prum_match.dna")
    assert "prum_match.dna" in modules
    assert outside(modules) == set()
    assert "prum_match.testing" not in modules


def test_the_strategies_are_the_only_ones_to_need_hypothesis() -> None:
    assert "hypothesis" not in loaded("import prum_match.testing")
    assert "hypothesis" in loaded("import prum_match.testing.strategies.dna")


def test_the_version_is_printed_without_importing_a_category() -> None:
    modules = loaded(
        "from contextlib import redirect_stdout, suppress\n"
        "from io import StringIO\n"
        "from prum_match.cli import main\n"
        "with redirect_stdout(StringIO()) as printed, suppress(SystemExit):\n"
        "    main(['--version'])\n"
        "assert printed.getvalue().startswith('prum_match ')"
    )
    ours = {name for name in modules if name.startswith("prum_match.")}
    assert "prum_match.cli" in ours
    assert {name.split(".")[1] for name in ours} <= {"_native", "cli", "engine", "errors", "values"}
