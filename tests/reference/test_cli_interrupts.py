"""The reference CLI is asked to stop at moments that Python makes nothing of: no interrupt is lost."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fixtures.cli.interrupts import Interrupts
from tests.support.reference import PATIENCE_S, ROOT

WHILE_IMPORTING = """
import signal, sys, weakref

class Moment:
    pass

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "socketio":
            moment = Moment()
            kept.append(weakref.ref(moment, lambda _: signal.raise_signal(signal.SIGTERM)))
            del moment

kept = []
sys.meta_path.insert(0, Finder())
from fixtures.cli.__main__ import main
sys.exit(main())
"""


@pytest.fixture
def interrupts() -> Iterator[Interrupts]:
    """What a CLI has, with this process's own handlers put back."""
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    found = Interrupts()
    try:
        yield found
    finally:
        os.close(signal.set_wakeup_fd(-1))
        os.close(found._woken)
        for each, handler in before.items():
            signal.signal(each, handler)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def test_one_that_comes_within_a_finalizer_of_an_import_ends_the_cli(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret")
    options = ["pipe", "--server", "http://127.0.0.1:9", "--token-file", str(tmp_path / "token")]
    done = subprocess.run(
        [sys.executable, "-c", WHILE_IMPORTING, *options],
        cwd=ROOT, input="", capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (130, "shannon: interrupted\n")


def test_one_that_comes_right_before_waiting_for_a_line_ends_the_waiting(
    interrupts: Interrupts, pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(select, "select", sending_first(signal.SIGTERM, select.select))
    with pytest.raises(KeyboardInterrupt):
        next(interrupts.lines(pipe[0]))


def sending_first(signum: signal.Signals, real: Callable[..., tuple[list[int], ...]]) -> Callable[..., object]:
    def waiting(*fds: list[int]) -> object:
        signal.raise_signal(signum)
        found = real(*fds, 5.0)
        assert found[0], "nothing woke it"
        return found

    return waiting


def test_one_that_is_swallowed_where_it_breaks_off_is_raised_afterwards(interrupts: Interrupts) -> None:
    with pytest.raises(KeyboardInterrupt), interrupts.at_once(), contextlib.suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_one_is_noted_and_raises_nothing_elsewhere(interrupts: Interrupts) -> None:
    told: list[bool] = []
    interrupts.on_asked = lambda: told.append(interrupts.asked)
    signal.raise_signal(signal.SIGINT)
    assert told == [True]
    with pytest.raises(KeyboardInterrupt):
        interrupts.check()


def test_lines_come_whole_however_they_are_cut(interrupts: Interrupts, pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    lines = interrupts.lines(reading)
    os.write(writing, b"one\ntw")
    assert next(lines) == b"one"
    os.write(writing, b"o\n\nend")
    assert [next(lines), next(lines)] == [b"two", b""]
    with open(os.devnull, "wb") as elsewhere:
        os.dup2(elsewhere.fileno(), writing)
    assert list(lines) == [b"end"]
