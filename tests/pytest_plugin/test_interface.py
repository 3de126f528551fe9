"""The fixtures that are an interface: all that the plugin has, but for what is marked as its own, is documented."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.inner import ALONE

PAGE = Path(__file__).parents[2] / "docs" / "in-pytest.md"


@pytest.mark.slow
def test_the_scenario_that_the_page_shows_passes(tmp_path: Path) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (tmp_path / "test_shown.py").write_text(code)
    argv = [sys.executable, "-m", "pytest", "-q", *ALONE, "-c", "/dev/null"]
    argv += [f"--basetemp={tmp_path / 'runs'}", f"--rootdir={tmp_path}", str(tmp_path / "test_shown.py")]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert "1 passed" in done.stdout, done.stdout


def test_the_page_names_each_public_fixture_with_its_scope(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "pytest", "--fixtures", "-p", "no:cacheprovider", "-c", "/dev/null", str(tmp_path)]
    shown = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60).stdout
    found = re.findall(r"^(\w+)(?: \[(\w+) scope\])? -- \S*harness/pytest_plugin/", shown, re.MULTILINE)
    there = {name: scope or "test" for name, scope in found}
    told = dict(re.findall(r"^\| `(\w+)` \| (test|session) \|", PAGE.read_text("utf-8"), re.MULTILINE))
    own = {name for name in there if name.startswith("harness_")} - set(told)
    assert told == {name: scope for name, scope in there.items() if name not in own}
    assert own == {"harness_engine", "harness_resources", "harness_stacks", "harness_strategy"}
