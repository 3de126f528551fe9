"""Where things lie, and what a person types there."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import locations
from harness.target.reference import imported


def test_runs_are_below_the_working_folder_unless_a_setting_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HARNESS_RUNS", raising=False)
    assert locations.runs() == tmp_path / "reports" / "runs"
    monkeypatch.setenv("HARNESS_RUNS", "elsewhere")
    assert locations.runs() == tmp_path / "elsewhere"


def test_a_program_is_named_as_it_can_be_typed_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "my env" / "python"))
    monkeypatch.chdir(tmp_path)
    assert locations.own_python() == "'my env/python'"
    monkeypatch.chdir("/")
    assert locations.own_python().strip("'").endswith("my env/python")
    assert locations.own_command() == (sys.executable, "-m", "harness"), "there is no script beside it"


def test_make_is_named_only_where_there_is_a_makefile(monkeypatch: pytest.MonkeyPatch) -> None:
    assert locations.set_up("install it") == "run `make setup`"
    monkeypatch.setattr(locations, "IS_CHECKOUT", False)
    assert locations.set_up("install it") == "install it"


@pytest.fixture
def foreign() -> Iterator[None]:
    """Another package `fixtures` is imported already, as the one of PyPI."""

    def mine() -> list[str]:
        return [name for name in sys.modules if name.partition(".")[0] == "fixtures"]

    before = {name: sys.modules.pop(name) for name in mine()}
    sys.modules["fixtures"] = types.ModuleType("fixtures")
    yield
    for name in mine():
        del sys.modules[name]
    sys.modules.update(before)


def test_a_package_of_the_same_name_does_not_take_its_place(foreign: None) -> None:
    found = imported("fixtures.defects.room_mismatch")
    assert Path(found.__file__ or "") == locations.BUNDLE / "fixtures" / "defects" / "room_mismatch.py"
