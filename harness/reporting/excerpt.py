"""The lines of a log that matter, with a bound on what is read and shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.reporting.escape import clip

LINE = 240
READ_BYTES = 512 * 1024
LOUD = ("error", "warning", "traceback", "exception", "critical", "refused")


def excerpt(path: Path, words: Iterable[str] = (), limit: int = 40) -> str:
    """The log whole where it is short, else its first lines, and those that hold one of the words or that complain.

    Lines are cut at 240 characters. What is left out is counted in its place. An absent or empty log says so.
    """
    lines, unread = _read(path)
    if not lines:
        return "(empty)" if path.exists() else "(no such log)"
    kept = sorted(_choose(lines, tuple(words), limit))
    shown, last = [], -1
    for index in kept:
        shown += _left_out(index - last - 1)
        shown.append(clip(lines[index], LINE))
        last = index
    shown += _left_out(len(lines) - 1 - last)
    if unread:
        shown.append(f"… {unread} more bytes in the file")
    return "\n".join(shown)


def chosen_lines(path: Path, limit: int) -> Iterator[tuple[str, bool]]:
    """Every line of the log's first half megabyte, each with whether it is among those that an excerpt would show."""
    lines, _ = _read(path)
    chosen = _choose(lines, (), limit)
    return ((text, index in chosen) for index, text in enumerate(lines))


def _read(path: Path) -> tuple[list[str], int]:
    """The lines within the first half megabyte, and how many bytes come after it."""
    try:
        with path.open("rb") as file:
            data = file.read(READ_BYTES)
            unread = path.stat().st_size - len(data)
    except OSError:
        return [], 0
    return data.decode("utf-8", "replace").removesuffix("\n").split("\n") if data else [], unread


def _choose(lines: list[str], words: tuple[str, ...], limit: int) -> set[int]:
    """Half of the places for the beginning and the end, the other half for what matters in between."""
    if len(lines) <= limit:
        return set(range(len(lines)))
    quarter = limit // 4
    edges = {*range(quarter), *range(len(lines) - quarter, len(lines))}
    matter = [i for i, text in enumerate(lines) if i not in edges and _matters(text, words)]
    matter.sort(key=lambda i: not complains(lines[i]))  # stable: complaints first, then the order of the log
    return {*edges, *matter[: limit - len(edges)]}


def _matters(text: str, words: tuple[str, ...]) -> bool:
    return complains(text) or any(word in text for word in words)


def complains(text: str) -> bool:
    """Whether a line speaks of trouble."""
    low = text.lower()
    return any(word in low for word in LOUD)


def _left_out(count: int) -> list[str]:
    return [f"… {count} lines left out"] if count else []
