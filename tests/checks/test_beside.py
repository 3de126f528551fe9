"""What is run beside another command is heard after it, and not at all where that one fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30

SAYS = "print('second', flush=True); raise SystemExit(5)"
WAITS = "import signal, sys; sys.stdin.read(); print('too late')"


def run(first: str, second: str, folder: Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "tests.support.beside", first, sys.executable, "-c", second]
    env = {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        argv, cwd=folder, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        said, errors = process.stdout.read(), process.stderr.read()  # type: ignore[union-attr]  # its input stays open
        return subprocess.CompletedProcess(argv, process.wait(PATIENCE_S), said, errors)


def test_what_is_said_comes_after_what_the_first_one_says_however_early(tmp_path: Path) -> None:
    """The first one ends when the second one has said something, and says more then."""
    done = run("until [ -e said ]; do :; done; echo first", f"open('said', 'w').close(); {SAYS}", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (5, "first\nsecond\n", "")


@pytest.mark.parametrize("second", [SAYS, WAITS, "print('x' * 200_000)"], ids=["ended", "waits", "says much"])
def test_where_the_first_one_fails_the_second_is_ended_and_not_heard(second: str, tmp_path: Path) -> None:
    done = run("echo first; echo wrong >&2; exit 3", second, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (3, "first\n", "wrong\n")
