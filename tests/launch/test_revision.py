"""Which commit of a system ran, as git says it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from harness.launch.revision import revision


def git(folder: Path, *arguments: str) -> str:
    argv = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", str(folder), *arguments]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()


def repository(folder: Path) -> Path:
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "server.py").write_text("one\n")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=one")
    return folder


def test_the_commit_is_told_and_whether_files_were_changed_since(tmp_path: Path) -> None:
    clean, changed = repository(tmp_path / "clean"), repository(tmp_path / "changed")
    git(clean, "tag", "v1")  # its name is not a commit
    (changed / "server.py").write_text("two\n")
    assert revision([clean]) == (git(clean, "rev-parse", "--short=10", "HEAD"), False)
    assert revision([changed]) == (git(changed, "rev-parse", "--short=10", "HEAD"), True)


def test_a_system_outside_of_repositories_has_no_commit(tmp_path: Path) -> None:
    assert revision([]) == revision([tmp_path]) == revision([tmp_path / "gone"]) == ("", False)


def test_the_first_folder_in_a_repository_counts_whatever_a_hook_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, other = repository(tmp_path / "system"), repository(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    (tmp_path / "plain").mkdir()
    found = revision([tmp_path / "plain", system])
    monkeypatch.delenv("GIT_DIR")
    assert found == (git(system, "rev-parse", "--short=10", "HEAD"), False)


def test_a_machine_without_git_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = repository(tmp_path / "system")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert revision([system]) == ("", False)
