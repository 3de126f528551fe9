"""Which code is the system's own: not what is installed, unless the process works in that folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.taps.agent import launch

SITE = Path(launch.__file__).parent / "site"
PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from _harness_agent.where import of_caller
print(of_caller())
"""


@pytest.mark.parametrize(
    ("folder", "cwd", "told"),
    [
        ("app", "app", "main.py:5 <module>"),
        ("venv/site-packages/app", "app", "None"),
        ("venv/site-packages/app", "venv/site-packages/app", "main.py:5 <module>"),
        ("app/venv/site-packages/library", "app", "None"),
    ],
)
def test_installed_code_is_the_systems_own_where_the_process_works_in_its_folder(
    tmp_path: Path, folder: str, cwd: str, told: str
) -> None:
    for each in (folder, cwd):
        (tmp_path / each).mkdir(parents=True, exist_ok=True)
    program = tmp_path / folder / "main.py"
    program.write_text(PROGRAM)
    argv = [sys.executable, str(program), str(SITE)]
    done = subprocess.run(argv, cwd=tmp_path / cwd, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == told
