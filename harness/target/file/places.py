"""Where in a TOML file a key stands: its line, for messages. The text is known to be TOML when this reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Keys and, in lists of tables, numbers from the document's top: `("page", "panels", 0, "selector")`."""

KEY = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
KEYS = rf"{KEY}(?:\s*\.\s*{KEY})*"
TABLE = re.compile(rf"\s*\[(\[?)\s*({KEYS})\s*\]")
ASSIGNMENT = re.compile(rf"\s*({KEYS})\s*=")
INLINE = re.compile(rf"[{{,]\s*({KEYS})\s*=")


def places(text: str) -> dict[Path, int]:
    """The line, from 1 on, of each table and key. A key of an inline table stands where its table does, or below."""
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    table_of_inline: Path = ()
    for number, line in _statements(text):
        if (header := TABLE.match(line)) is not None:
            table = _table(_split(header[2]), bool(header[1]), counts)
            _note(found, table, number)
        elif (assigned := ASSIGNMENT.match(line)) is not None:
            path = (*table, *_split(assigned[1]))
            _note(found, path, number)
            table_of_inline = path
        if header is None:
            for inner in INLINE.finditer(line):
                _note(found, (*table_of_inline, *_split(inner[1])), number)
    return found


def line_of(path: Sequence[str | int], found: Mapping[Path, int]) -> int:
    """The line of a key, or of the nearest table around it."""
    for length in range(len(path), 0, -1):
        if (line := found.get(tuple(path[:length]))) is not None:
            return line
    return 1


def _note(found: dict[Path, int], path: Path, number: int) -> None:
    for length in range(1, len(path) + 1):
        found.setdefault(path[:length], number)


def _table(keys: list[str], is_list: bool, counts: dict[Path, int]) -> Path:
    """The path of a table's header; lists of tables that it goes through stand at their last member."""
    path: Path = ()
    for place, key in enumerate(keys):
        path = (*path, key)
        is_last = place == len(keys) - 1
        if is_list and is_last:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def path_of(key: str) -> Path | None:
    """The path that a key is, as TOML writes it; None for what is not a key."""
    return tuple(_split(key)) if re.fullmatch(KEYS, key) else None


def _split(keys: str) -> list[str]:
    return [each.strip("\"'") for each in re.findall(KEY, keys)]


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """The lines that may begin a statement or go on with one; not those inside a text of several lines."""
    inside: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        was_inside = inside is not None
        for quote in re.findall(r'"""|' + r"'''", line):
            inside = quote if inside is None else (None if quote == inside else inside)
        if not was_inside and line.strip() and not line.lstrip().startswith("#"):
            yield number, line
