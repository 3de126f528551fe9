"""Whether any installed package says a word of us, found out without `importlib.metadata`, which takes 0.1 s."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.machinery import PathFinder
from pathlib import Path

_METADATA = (".dist-info", ".egg-info")


def may_have_entry_points(prefix: str) -> bool:
    """Whether an installed package may have entry points in a group whose name begins so.

    No is certain. Of packages that don't lie in a folder, as in an archive, it is not looked up, and the answer is yes.
    """
    if any(hasattr(each, "find_distributions") and each is not PathFinder for each in sys.meta_path):
        return True
    section = re.compile(rf"^\s*\[\s*{re.escape(prefix)}".encode(), re.MULTILINE)
    return any(text is None or section.search(text) for each in sys.path for text in _entry_points(Path(each)))


def _entry_points(folder: Path) -> Iterator[bytes | None]:
    """What each package in a folder of `sys.path` says; None where that has to be looked up in another way."""
    if folder.is_file():
        yield None
        return
    with suppress(OSError):
        for name in os.listdir(folder):  # as a Path each costs ten times as much
            if name.lower().endswith(".egg"):
                yield None
            elif name.lower().endswith(_METADATA):
                with suppress(OSError):
                    yield (folder / name / "entry_points.txt").read_bytes()
