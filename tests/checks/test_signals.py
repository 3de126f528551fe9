"""What tests start hears an interrupt, also where pytest runs in the background of a shell."""

from __future__ import annotations

import signal
import subprocess
import sys

from tests.support.signals import interruptible

HEARS = "import signal, sys; sys.exit(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"


def ignores_interrupts() -> int:
    return subprocess.run([sys.executable, "-S", "-c", HEARS], check=False).returncode


def test_these_tests_are_started_so() -> None:
    assert ignores_interrupts() == 0


def test_a_child_of_a_process_that_ignores_them_hears_them() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert ignores_interrupts() == 1, "what is ignored stays ignored over fork and exec"
        with interruptible():
            assert ignores_interrupts() == 0
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
