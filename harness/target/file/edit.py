"""Writes one key into the text of a target file, and leaves all else of it, comments too, as it is. Pure.

Several ways are tried; one counts when the text then says what it said before, with this key, and nothing else.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from harness.target.file.places import TABLE, places

BARE = re.compile(r"[A-Za-z0-9_-]+")


def with_key(text: str, key: Sequence[str], value: Any) -> str | None:
    """The text with a key set to a value; None where that can't be done without touching more."""
    return _that_says(_set(tomllib.loads(text), key, value), _ways(text, tuple(key), to_toml(value)))


def without_key(text: str, key: Sequence[str]) -> str | None:
    """The text without a key or a table; None where that can't be done without touching more."""
    return _that_says(_left(tomllib.loads(text), key), _ways_out(text, tuple(key)))


def _that_says(wanted: Any, texts: Iterable[str]) -> str | None:
    """The first text that says what is wanted, and nothing else."""
    for tried in texts:
        try:
            if tomllib.loads(tried) == wanted:
                return tried
        except tomllib.TOMLDecodeError:
            continue
    return None


def to_toml(value: Any) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, str):
        is_literal = "'" not in value and "\n" not in value and ("\\" in value or '"' in value)
        return f"'{value}'" if is_literal else json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(name)} = {to_toml(inner)}" for name, inner in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(to_toml, value))}]"
    return json.dumps(value)


def dotted(key: Sequence[str]) -> str:
    """A path of keys as TOML writes it."""
    return ".".join(map(_key, key))


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _set(document: Mapping[str, Any], key: Sequence[str], value: Any) -> dict[str, Any]:
    inner = document.get(key[0])
    if len(key) > 1:
        value = _set(inner if isinstance(inner, Mapping) else {}, key[1:], value)
    return {**document, key[0]: value}


def _left(document: Mapping[str, Any], key: Sequence[str]) -> dict[str, Any]:
    inner = document.get(key[0])
    if len(key) > 1 and isinstance(inner, Mapping):
        return {**document, key[0]: _left(inner, key[1:])}
    return {name: value for name, value in document.items() if name != key[0] or len(key) > 1}


def _ways_out(text: str, key: tuple[str, ...]) -> Iterator[str]:
    """The text without the key: its line, its table with those in it, or its part of an inline table."""
    lines, found = text.splitlines(), places(text)
    if (at := found.get(key)) is None:
        return
    kept, is_out = list[str](), False
    for line in lines:
        header = TABLE.match(line)
        is_out = is_out if header is None else f"{header[2].replace(' ', '')}.".startswith(f"{dotted(key)}.")
        kept += [] if is_out else [line]
    yield "\n".join([*kept, ""])
    yield "\n".join([*lines[: at - 1], *lines[at:], ""])
    said = rf"\b{re.escape(_key(key[-1]))}\s*=\s*(?:{VALUE})"
    for with_comma in (rf"{said}\s*,\s*", rf"\s*,\s*{said}", said):
        yield _replaced(lines, at, re.sub(with_comma, "", lines[at - 1], count=1))


VALUE = r"'[^']*'|\"[^\"]*\"|\[[^\[\]]*\]|\{[^{}]*\}|[\w.+-]+"
"""A value of an inline table that holds no other of its kind."""


def _ways(text: str, key: tuple[str, ...], value: str) -> Iterator[str]:
    """The text with the key in every place where it might stand, the best one first."""
    lines, found = text.splitlines(), places(text)
    if (at := found.get(key)) is not None:
        line = lines[at - 1]
        for name in range(len(key)):
            start = re.match(rf"(\s*{re.escape(dotted(key[name:]))}\s*=\s*)", line)
            if start is not None:
                yield _replaced(lines, at, start[1] + value)
        said = re.search(
            rf"\b{re.escape(_key(key[-1]))}\s*=\s*(?:'[^']*'|\"[^\"]*\"|\[[^\[\]]*\]|\{{[^{{}}]*\}})", line
        )
        if said is not None:  # inside an inline table
            yield _replaced(lines, at, f"{line[: said.start()]}{_key(key[-1])} = {value}{line[said.end() :]}")
    for length in range(len(key) - 1, 0, -1):
        table, rest = key[:length], dotted(key[length:])
        for at in (place for place, line in enumerate(lines, 1) if _heads(line, table)):
            yield _inserted(lines, at, f"{rest} = {value}")
        line = lines[found[table] - 1].rstrip() if table in found else ""
        if line.endswith("}"):
            yield _replaced(lines, found[table], f"{line[:-1].rstrip()}, {rest} = {value} }}")
    table = key[:-1]
    yield "\n".join([*lines, "", f"[{dotted(table)}]", f"{_key(key[-1])} = {value}", ""])
    yield _inserted(lines, 0, f"{dotted(key)} = {value}")


def _heads(line: str, table: Sequence[str]) -> bool:
    """Whether a line is the header of a table."""
    header = TABLE.match(line)
    return header is not None and not header[1] and header[2].replace(" ", "") == dotted(table)


def _replaced(lines: Sequence[str], at: int, line: str) -> str:
    return "\n".join([*lines[: at - 1], line, *lines[at:], ""])


def _inserted(lines: Sequence[str], after: int, line: str) -> str:
    return "\n".join([*lines[:after], line, *lines[after:], ""])
