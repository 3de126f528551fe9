"""What the parts of a world wrote into their diaries, read without anything of the harness that judges."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NUMBERED = ("shift", "n", "item", "price", "note")
"""The arguments of a message that has ids among them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One deed: by which part, when (ms), what, with which event."""

    part: str
    at_ms: int
    verb: str
    mark: str
    more: Any


def read(folder: Path) -> list[Entry]:
    """Every line of every diary in a folder, each part's in its own order."""
    return [entry for file in sorted(folder.glob("*.tsv")) for entry in _entries(file)]


def _entries(file: Path) -> Iterator[Entry]:
    lines = [line.split("\t") for line in file.read_text("utf-8").split("\n") if line]
    if file.stem.startswith("page-"):
        lines.sort(key=lambda line: int(line[4]))  # what a page posts may arrive in another order
    for at_ms, verb, mark, more, *_ in lines:
        yield Entry(file.stem, int(at_ms), verb, mark, json.loads(more))


def goods(more: Any) -> str:
    """What of an entry's message has to stay the same on its way: all but names and ids, as text."""
    message = more[1] if isinstance(more, list) and len(more) > 1 and isinstance(more[1], list) else more
    if isinstance(message, list) and len(message) == 1:
        message = message[0]
    if isinstance(message, list) and len(message) == len(NUMBERED):
        message = dict(zip(NUMBERED, message, strict=True))
    if isinstance(message, dict) and "body" in message:
        message = message["body"]
    if isinstance(message, dict):
        message = {key: value for key, value in message.items() if key not in ("shift", "n", "kind", "at")}
    return json.dumps(message, sort_keys=True, ensure_ascii=False)


def ids(more: Any) -> tuple[Any, Any] | None:
    """Session and number of a message, where it has them as fields."""
    arguments = more[1] if isinstance(more, list) and len(more) > 1 and isinstance(more[1], list) else []
    if len(arguments) == len(NUMBERED):
        return arguments[0], arguments[1]
    message = arguments[0] if arguments else None
    return (message.get("shift"), message.get("n")) if isinstance(message, dict) else None
