"""A plugin of pytest: runs chosen tests in a chosen order and writes down what each came to.

With ``--proof-cover`` it records too which tests reach which lines of Python.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import coverage

_COUNTS = re.compile(r"(\d+) passing, (\d+) failing, and")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("proof")
    group.addoption("--proof-report", help="write what each test came to, one JSON a line")
    group.addoption("--proof-select", help="run the tests of this JSON list, in its order")
    group.addoption("--proof-skip", help="leave the tests of this JSON list out")
    group.addoption("--proof-cover", help="record the lines that each test reaches into this file")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    report = config.getoption("--proof-report")
    if report:
        config.pluginmanager.register(_Report(config, Path(report)), "proof-report")


class _Report:
    def __init__(self, config: pytest.Config, path: Path) -> None:
        self._config = config
        self._file = path.open("a", encoding="utf-8")
        self._cover = _Cover(config) if config.getoption("--proof-cover") else None
        self._texts: dict[str, str] = {}
        self._begun = 0.0
        self._outcome = ""

    def _tell(self, **told: Any) -> None:
        self._file.write(json.dumps(told) + "\n")
        self._file.flush()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        dropped: list[pytest.Item] = []
        for option in ("--proof-select", "--proof-skip"):
            chosen = self._config.getoption(option)
            if not chosen:
                continue
            order = {name: i for i, name in enumerate(json.loads(Path(chosen).read_text()))}
            wanted = option == "--proof-select"
            dropped += [item for item in items if (item.nodeid in order) != wanted]
            items[:] = [item for item in items if (item.nodeid in order) == wanted]
            if wanted:
                items.sort(key=lambda item: order[item.nodeid])
        if dropped:
            self._config.hook.pytest_deselected(items=dropped)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        if self._cover:
            self._cover.begin(item.nodeid)
        self._tell(test=item.nodeid)
        self._begun, self._outcome = time.monotonic(), "passed"
        done = yield
        statistics = getattr(item, "hypothesis_statistics", "")
        tried = sum(int(a) + int(b) for a, b in _COUNTS.findall(statistics))
        seeds = sum(int(value) for name, value in item.user_properties if name == "seeds")
        self._tell(
            test=item.nodeid,
            outcome=self._outcome,
            seconds=round(time.monotonic() - self._begun, 4),
            cases=tried or int(self._outcome != "skipped"),
            seeds=seeds,
        )
        if self._cover:
            self._cover.begin("")
        return done

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._outcome = "failed"
        elif report.skipped and self._outcome != "failed":
            self._outcome = "skipped"

    def pytest_unconfigure(self) -> None:
        if self._cover:
            self._cover.end()
        self._file.close()


class _Cover:
    """Lines by test, of the package that lies in the tree."""

    def __init__(self, config: pytest.Config) -> None:
        import coverage as library

        self._path = Path(config.getoption("--proof-cover"))
        self._root = config.rootpath
        self._coverage: coverage.Coverage = library.Coverage(
            data_file=None, config_file=False, source=[str(self._root / "src")], messages=False
        )
        self._coverage.set_option("run:disable_warnings", [*_QUIET])
        self._coverage.start()

    def begin(self, name: str) -> None:
        self._coverage.switch_context(name)

    def end(self) -> None:
        self._coverage.stop()
        data = self._coverage.get_data()
        lines = {}
        for file in sorted(data.measured_files()):
            by_line = data.contexts_by_lineno(file)
            name = Path(file).relative_to(self._root).as_posix()
            lines[name] = {line: sorted(names) for line, names in by_line.items() if names}
        self._path.write_text(json.dumps(lines))


_QUIET = ("module-not-measured", "no-data-collected", "module-not-imported", "couldnt-parse")
