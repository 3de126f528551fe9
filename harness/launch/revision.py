"""The state of a system's files, as git knows it. Nothing is written: not even the index is refreshed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

PATIENCE_S = 5
_DIRTY = "-dirty"
_ABOUT_HERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
"""What a hook of git's is told of the repository that it works for, which need not be the system's."""


def revision(folders: Sequence[Path]) -> tuple[str, bool]:
    """The commit of the first folder that is in a repository, and whether its files were changed since.

    Asked once of each folder: what a process runs was read when it started. Empty without git or repository.
    """
    found = (_revision(folder) for folder in folders)
    return next((each for each in found if each[0]), ("", False))


@cache
def _revision(folder: Path) -> tuple[str, bool]:
    argv = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=10", "--exclude=*"]
    env = {name: value for name, value in os.environ.items() if name not in _ABOUT_HERE}
    env["GIT_OPTIONAL_LOCKS"] = "0"
    try:
        done = subprocess.run(
            argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return "", False
    said = done.stdout.strip()
    return (said.removesuffix(_DIRTY), said.endswith(_DIRTY)) if done.returncode == 0 else ("", False)
