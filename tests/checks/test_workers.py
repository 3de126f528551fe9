"""Tests of one file stay in one worker, and a run in which they don't is ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.inner import ALONE
from tests.support.workers import LONGEST

ROOT = Path(__file__).resolve().parents[2]

MANY = """
import pytest

@pytest.mark.parametrize("n", range(8))
def test_n(n):
    pass
"""

CONFTEST = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.support import workers
from tests.support.workers import pytest_collection_modifyitems, pytest_configure
workers.LONGEST = ("test_last.py",)
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_first=MANY, test_last=MANY)
    return pytester


def run(project: pytest.Pytester, *how: str) -> pytest.RunResult:
    options = (*ALONE, "-p", "no:harness", "-v", "-n", "2", *how)
    return project.runpytest_subprocess(*options)


def test_files_that_are_kept_together_pass(project: pytest.Pytester) -> None:
    assert run(project, "--dist", "loadfile", "--no-loadscope-reorder").ret == 0


def test_the_long_files_come_first(project: pytest.Pytester) -> None:
    """Seen with one worker: of two, each prints when it likes."""
    found = run(project, "--dist", "loadfile", "--no-loadscope-reorder", "-n", "1")
    first = next(line for line in found.outlines if "::test_n" in line)
    assert "test_last.py::" in first


def test_a_run_that_tears_a_file_apart_is_ended(project: pytest.Pytester) -> None:
    found = run(project, "--dist", "load")
    assert found.ret == 4
    assert "run in gw" in "\n".join(found.outlines)


def test_the_longest_files_are_there() -> None:
    assert [file for file in LONGEST if not (ROOT / file).is_file()] == []
