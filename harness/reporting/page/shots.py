"""Screenshots of a run, embedded: pairs of before and after for each dashboard, and whatever else was taken."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from harness.model.facts import Screenshot
from harness.reporting.figures import Figures
from harness.reporting.screenshots import by_dashboard, kept

MOST_BYTES = 2_500_000
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture; `source` is a data URL, or empty with the reason in `note`."""

    caption: str
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """The pictures of one dashboard. `pair` is before and after where both can be shown, and slid over each other."""

    dashboard: str
    pair: tuple[Shot, Shot] | None
    others: tuple[Shot, ...]


Budget: TypeAlias = list[int]
"""The bytes that are left for pictures, as its one member."""


def boards(figures: Figures, run_dir: Path) -> list[Board]:
    """A board for each dashboard, as far as the page's size allows."""
    left: Budget = [MOST_BYTES]
    return [_board(label, taken, run_dir, left) for label, taken in by_dashboard(figures).items()]


def _board(label: str, taken: list[Screenshot], run_dir: Path, left: Budget) -> Board:
    shots = [_shot(each, run_dir, left) for each in taken]
    before = next((shot for shot in shots if shot.caption == "before" and shot.source), None)
    after = next((shot for shot in reversed(shots) if shot.caption == "after" and shot.source), None)
    if before is None or after is None:
        return Board(label, None, tuple(shots))
    return Board(label, (before, after), tuple(shot for shot in shots if shot is not before and shot is not after))


def _shot(taken: Screenshot, run_dir: Path, left: Budget) -> Shot:
    caption, path = taken.caption, taken.path
    file = kept(run_dir, path)
    try:
        data = b"" if file is None else file.read_bytes()
    except OSError:
        data = b""
    if not data.startswith(_PNG):
        return Shot(caption, "", f"{path} is not a picture of this run's folder")
    if len(data) > left[0]:
        return Shot(caption, "", f"{path} is beside this page: with it the page would be too big")
    left[0] -= len(data)
    return Shot(caption, f"data:image/png;base64,{b64encode(data).decode()}")
