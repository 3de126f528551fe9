"""Whether installed packages have entry points for us is found out quickly, and never answered no by mistake."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from harness.lib.installed import may_have_entry_points

TEXT = "[harness.causes]\nx = some_module\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which packages are looked for."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    return tmp_path


def told(folder: Path, name: str, text: str) -> None:
    (folder / name).mkdir()
    (folder / name / "entry_points.txt").write_text(text)


@pytest.mark.parametrize("name", ["a-1.dist-info", "a-1.egg-info", "A-1.DIST-INFO"])
@pytest.mark.parametrize("text", [TEXT, f"[console_scripts]\nx = y\n\n{TEXT}", TEXT.replace("[", "  [ ", 1)])
def test_what_an_installed_package_says_is_found(folder: Path, name: str, text: str) -> None:
    assert not may_have_entry_points("harness.")
    told(folder, name, text)
    assert may_have_entry_points("harness.")


@pytest.mark.parametrize("text", ["[console_scripts]\nharness = harness.x:main\n", "[harness_other]\nx = y\n", ""])
def test_other_entry_points_are_none_of_ours(folder: Path, text: str) -> None:
    told(folder, "a-1.dist-info", text)
    (folder / "b-1.dist-info").mkdir()
    assert not may_have_entry_points("harness.")


def test_what_does_not_lie_in_a_folder_may_have_some(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ZipFile(folder / "packages.zip", "w") as file:
        file.writestr("a-1.dist-info/entry_points.txt", TEXT)
    monkeypatch.setattr(sys, "path", [str(folder / "packages.zip")])
    assert may_have_entry_points("harness.")
    monkeypatch.setattr(sys, "path", [str(folder)])
    (folder / "b.egg").touch()
    assert may_have_entry_points("harness.")


def test_another_finder_of_packages_may_have_some(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Finder(importlib.metadata.DistributionFinder):
        def find_distributions(self, context: object = None) -> list[importlib.metadata.Distribution]:
            return []

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])
    assert may_have_entry_points("harness.")


def test_no_is_said_of_no_group_that_importlib_finds() -> None:
    for group in importlib.metadata.entry_points().groups:
        assert may_have_entry_points(group)
