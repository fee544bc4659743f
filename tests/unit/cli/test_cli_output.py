"""Progress, interrupts, and errors that stay on one line."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from prum_match import cli
from prum_match.cli import info
from prum_match.cli.output import Progress, undisturbed
from prum_match.errors import InvalidInput
from support.cli import Run


class Terminal:
    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_one_line_that_is_gone_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Progress(wanted=False) as progress:
        progress.say("half")
    assert terminal.text == "\rhalf\x1b[K\r\r\x1b[K\r"


@pytest.mark.parametrize(("wanted", "shown"), [(False, False), (True, True)])
def test_without_a_terminal_it_is_asked_for(
    capsys: pytest.CaptureFixture[str], wanted: bool, shown: bool
) -> None:
    with Progress(wanted=wanted) as progress:
        progress.say("half")
    assert ("half" in capsys.readouterr().err) == shown


def test_an_interrupt_waits_for_the_change() -> None:
    done: list[str] = []

    def change() -> None:
        with undisturbed():
            os.kill(os.getpid(), signal.SIGINT)
            done.append("all of it")

    # A shell that runs the tests in the background has interrupts ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            change()
        assert done
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_ignored_interrupt_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with undisturbed():
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_error_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: object) -> None:
        raise InvalidInput("off", code="bad_header", field="a\nb\x1b[2J", value="secret")

    monkeypatch.setattr(info, "describe", fail)
    done = run("info", "gallery")
    assert (done.code, done.out) == (1, "")
    assert done.err == "prum-match: off [bad_header; field a\\nb\\x1b[2J]\n"


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (KeyboardInterrupt(), 130, ""),
        (OSError(28, "No space left on device"), 1, "prum-match: No space left on device [ENOSPC]"),
    ],
)
def test_other_ends(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, text: str
) -> None:
    def fail(path: object) -> None:
        raise error

    monkeypatch.setattr(info, "describe", fail)
    done = run("info", "gallery")
    assert (done.code, done.err.strip()) == (code, text)


def test_words_that_are_off(run: Run, tmp_path: Path) -> None:
    for arguments in ([], ["unheard"], ["info"], ["info", tmp_path, "--js"]):
        assert run(*arguments).code == 2


def test_the_parser_is_whole() -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
