"""docs/verify-your-own-system.md, done as it says: its file, its commands, its pytest project."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path

import pytest

from harness.__main__ import main
from harness.target.file import load
from tests.support.inner import ALONE

ROOT = Path(__file__).resolve().parents[2]
KITCHEN = ROOT / "tests" / "support" / "kitchen"
TEXT = (ROOT / "docs" / "verify-your-own-system.md").read_text("utf-8")


IS_WHOLE = os.environ.get("HARNESS_SYSTEMS") == "all"
"""Else it is tried with the broken system alone: `make test-systems` tries both."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_its_file_is_the_one_that_is_tested_and_short() -> None:
    [file] = blocks("toml")
    assert file == (KITCHEN / "target.toml").read_text("utf-8")
    assert len(file.splitlines()) < 60


def test_its_first_command_writes_a_file_that_is_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(blocks("sh")[0].replace("\\\n", " "))
    assert words[0] == "harness"
    assert main(words[1:]) == 0
    assert load(tmp_path / "target.toml").name == "kitchen"


@pytest.mark.slow
def test_its_pytest_project_passes_and_fails_with_the_system(pytester: pytest.Pytester) -> None:
    shutil.copytree(KITCHEN, pytester.path, dirs_exist_ok=True)
    [ini], [code] = blocks("ini"), blocks("python")
    (pytester.path / "pytest.ini").write_text(ini)
    (pytester.path / "test_kitchen.py").write_text(code)
    if IS_WHOLE:
        pytester.runpytest_subprocess(*ALONE, "-p", "no:xdist", "-q").assert_outcomes(passed=2)

    target = pytester.path / "target.toml"
    target.write_text(target.read_text("utf-8").replace('"{port}"]', '"{port}", "nobody"]'), "utf-8")
    broken = pytester.runpytest_subprocess(*ALONE, "-p", "no:xdist", "-q", "-k", "pass")
    broken.assert_outcomes(failed=1, deselected=1)
    broken.stdout.fnmatch_lines(["*cause: room-mismatch: the server emits to room 'waiters'*"])


def test_a_wrong_target_is_one_message(pytester: pytest.Pytester) -> None:
    wrong = (KITCHEN / "target.toml").read_text("utf-8").replace("[process.server]", "[proces.server]")
    (pytester.path / "wrong.toml").write_text(wrong, "utf-8")
    pytester.makepyfile("def test_it(strategy): pass")
    result = pytester.runpytest_subprocess(*ALONE, "-p", "no:xdist", "--harness-target", "wrong.toml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*wrong.toml:*proces: there is no such key here; did you mean process?*"])
    assert "Traceback" not in result.stderr.str() + result.stdout.str()
