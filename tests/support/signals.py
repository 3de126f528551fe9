"""Signals as the programs under test are to find them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def interruptible() -> Iterator[None]:
    """Within, what is started hears SIGINT, also where this process does not.

    A shell starts what is to run in its background with SIGINT ignored (POSIX, Shell Command Language, 2.11), and a
    program keeps that over fork and exec: `make test &` would start command lines that no Ctrl-C can reach.
    """
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.fixture(scope="session", autouse=True)
def interrupts_are_heard(nothing_is_left: None) -> Iterator[None]:
    """What the tests start can be interrupted, however the tests themselves were started."""
    with interruptible():
        yield
