"""Fresh folders for processes: what a target wants in them, and a Git repository where it wants one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from harness.target.process import TargetError, Work

AUTHOR = ("-c", "user.name=harness", "-c", "user.email=harness@localhost", "-c", "commit.gpgsign=false")


def prepare(folder: Path, work: Work) -> Path:
    """Make the folder with its content. Raises TargetError when something that it needs is not there."""
    if work.copy_from is not None:
        shutil.copytree(work.copy_from, folder, dirs_exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in work.files.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise TargetError(f"the file {name!r} of a work folder lies outside of it: give a path inside.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    if work.git:
        _git(folder, "init", "--quiet")
        _git(folder, "add", "--all")
        _git(folder, *AUTHOR, "commit", "--quiet", "--allow-empty", "--message", "as the target file has it")
    return folder


def _git(folder: Path, *arguments: str) -> None:
    try:
        done = subprocess.run(("git", *arguments), cwd=folder, capture_output=True, text=True, check=False)
    except OSError:
        raise TargetError("a work folder with `git = true` needs git, and it is not installed.") from None
    if done.returncode:
        raise TargetError(f"git {arguments[0]} failed in the work folder {folder}: {done.stderr.strip()}")
