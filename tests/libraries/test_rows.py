"""docs/real-behaviour.md: each row has a command that reproduces it, and each test and script a row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.diagnosis import rules
from tests.support.foreign import bugs

ROOT = Path(__file__).parents[2]
ROWS = [line for line in (ROOT / "docs/real-behaviour.md").read_text("utf-8").splitlines() if line.startswith("| ")][2:]
TESTS = {
    name for file in Path(__file__).parent.glob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text())
}
COMMANDS = [re.findall(r"`([^`]+)` \|$", row)[0] for row in ROWS]


def reproduced_by(command: str) -> set[str]:
    """The tests that `-k` chooses, else the file that a command runs where it is there."""
    if command.startswith("-k "):
        return {name for name in TESTS if command.removeprefix("-k ") in name}
    file = command.split()[-1]
    return {file} if (ROOT / file).is_file() else set()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_of_a_row_is_there(command: str) -> None:
    assert len(reproduced_by(command)) == 1, "none, or it is not clear which"


def test_each_test_and_each_script_has_its_row() -> None:
    found = set().union(*map(reproduced_by, COMMANDS))
    mine = set(re.findall(r"def (test_\w+)", Path(__file__).read_text("utf-8")))
    scripts = {f"findings/{file.name}" for file in (ROOT / "findings").glob("*.sh")}
    assert (TESTS - mine | scripts) - found == set()
    listed = re.findall(r"^\| ([a-z][\w-]+) \|", (ROOT / "findings/README.md").read_text("utf-8"), re.MULTILINE)
    assert {f"findings/{name}.sh" for name in listed if name != "script"} == scripts


def test_the_causes_and_foreign_systems_that_rows_name_are_there() -> None:
    causes = set(rules())
    named = {word for row in ROWS for word in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", row)}
    assert named and named <= causes
    shown = {f"{system}-{name}" for row in ROWS for system, name in re.findall(r"foreign system (\w+), ([\w-]+)", row)}
    assert shown and shown <= set(bugs())
