"""Tells when the files of a system change: what a person edits, and not what runs write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from watchfiles import Change, DefaultFilter, watch


class Sources(DefaultFilter):
    """What a person edits: nothing hidden, no caches, no packages, nothing that is built."""

    ignore_dirs = (*DefaultFilter.ignore_dirs, ".venv", "dist", "build", "reports")

    def __call__(self, change: Change, path: str) -> bool:
        """Whether a change is told."""
        return not Path(path).name.startswith(".") and super().__call__(change, path)


def follow(folders: Sequence[Path], runs: Path, changed: Callable[[Iterable[str]], None]) -> None:
    """Tell of every change in these folders, for ever; what changes in `runs` does not count."""
    if folders:
        for changes in watch(*folders, watch_filter=Sources(ignore_paths=[runs]), raise_interrupt=False):
            changed([path for _, path in changes])
