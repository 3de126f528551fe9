"""The report's screenshots: before beside after, how much of it changed, and a third picture that marks where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.model.facts import Screenshot
from harness.reporting.changed import changed
from harness.reporting.escape import cell, code
from harness.reporting.figures import Figures
from harness.reporting.markup import image, table

SAME = "No visible difference between `before` and `after`."


@dataclass(frozen=True, slots=True)
class Change:
    """What differs between before and after at a dashboard: the share for people, and the path of its picture."""

    percent: str
    path: str


def by_dashboard(figures: Figures) -> dict[str, list[Screenshot]]:
    """The screenshots of each dashboard, in the order in which they were taken."""
    found: dict[str, list[Screenshot]] = {}
    for fact in figures.shots():
        found.setdefault(fact.body.dashboard, []).append(fact.body)
    return found


def kept(run_dir: Path, path: str) -> Path | None:
    """The file of a run's folder that a path on record names; None where it would lead out of it, or isn't there."""
    folder = run_dir.resolve()
    try:
        file = (folder / path).resolve()
        return file if file.is_relative_to(folder) and file.is_file() else None
    except (OSError, ValueError):  # a path that no system takes
        return None


def pair(shots: list[Screenshot], run_dir: Path) -> tuple[Path, Path] | None:
    """The files of the first `before` and the last `after` of a dashboard, where both are there."""
    before = next((kept(run_dir, shot.path) for shot in shots if shot.caption == "before"), None)
    after = next((kept(run_dir, shot.path) for shot in reversed(shots) if shot.caption == "after"), None)
    return (before, after) if before is not None and after is not None else None


def marked(figures: Figures, run_dir: Path) -> dict[str, Change | None]:
    """What changed, by dashboard, None where that is nothing; the marked pictures are written beside the later ones."""
    found: dict[str, Change | None] = {}
    for label, shots in by_dashboard(figures).items():
        files = pair(shots, run_dir)
        change = None if files is None else changed(*files)
        if files is None or change is None:
            continue
        found[label] = None
        if change.share:
            file = files[1].with_name(f"{files[1].stem}-changed.png")
            change.marked.save(file, compress_level=1)  # a third of the time, for a third more bytes
            found[label] = Change(change.percent, file.relative_to(run_dir.resolve()).as_posix())
    return found


def section(figures: Figures, run_dir: Path, changes: Mapping[str, Change | None]) -> str:
    """Every screenshot, before beside after."""
    parts = [_board(label, shots, run_dir, changes) for label, shots in by_dashboard(figures).items()]
    return "\n\n".join(parts) or "None were taken."


def _board(label: str, shots: list[Screenshot], run_dir: Path, changes: Mapping[str, Change | None]) -> str:
    heads = [cell(shot.caption, 40) for shot in shots]
    shown = [_shot(shot, run_dir) for shot in shots]
    change = changes.get(label)
    if change is not None:
        heads.append(f"changed: {change.percent} of the picture")
        shown.append(_image(change.path, f"Dashboard {label}, what changed"))
    same = f"\n\n{SAME}" if label in changes and change is None else ""
    return f"**Dashboard {code(label)}**\n\n{table(heads, [shown])}{same}"


def _shot(shot: Screenshot, run_dir: Path) -> str:
    if not (run_dir / shot.path).is_file():
        return f"{cell(shot.path)} (the file is gone)"
    return _image(shot.path, f"Dashboard {shot.dashboard}, {shot.caption}")


def _image(path: str, alternative: str) -> str:
    return image(path, alternative).replace("\\|", "¦")
