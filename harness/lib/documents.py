"""JSON documents that others wrote: read with the place of what is wrong, which is told as `FILE: at PLACE: WHAT`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.lib.ansi import printable

MISSING: Any = object()
MOST_STREAMED = 64_000_000
"""Bytes that are read of a document that is not a regular file."""

LONGEST = 80
"""Characters of a wrong value in a message."""


def lines(value: Any, levels: int = 5, indent: str = "") -> str:
    """JSON with a line for each member of the upper levels; whatever is below stands in the line of what it is in.

    Python indents JSON in Python: of thousands of members that is most of the time it takes to write them.
    """
    if levels == 0 or not value or not isinstance(value, dict | list | tuple):
        return json.dumps(value)
    deeper = indent + "  "
    if isinstance(value, dict):
        told = (f"{json.dumps(str(key))}: {lines(each, levels - 1, deeper)}" for key, each in value.items())
        return f"{{\n{deeper}" + f",\n{deeper}".join(told) + f"\n{indent}}}"
    return f"[\n{deeper}" + f",\n{deeper}".join(lines(each, levels - 1, deeper) for each in value) + f"\n{indent}]"


class Misshapen(ValueError):
    """A document, or a part of it, is not what was expected; the message is one line with file and place."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a document, and where it is."""

    value: Any
    file: str
    place: str = ""

    def wrong(self, expected: str) -> Misshapen:
        """The error that something else was expected here."""
        where = f"{self.file}: at {self.place}" if self.place else self.file
        if self.value is MISSING:
            return Misshapen(printable(f"{where}: {expected} is missing here"))
        shown = json.dumps(self.value, ensure_ascii=False, default=str)
        shown = shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
        return Misshapen(printable(f"{where}: {expected} is expected here, and it is {shown}"))

    def at(self, key: str | int, otherwise: Any = MISSING) -> Node:
        """A field of an object, or an item of a list. `otherwise` stands for one that is missing or null."""
        if isinstance(key, int):
            return Node(self.value[key], self.file, f"{self.place}[{key}]")
        found = self.table().get(key, MISSING)
        if found in (MISSING, None) and otherwise is not MISSING:
            found = otherwise
        return Node(found, self.file, f"{self.place}.{key}".lstrip("."))

    def table(self) -> dict[str, Any]:
        """It as an object."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        return self.value

    def items(self) -> Iterator[tuple[str, Node]]:
        """The fields of an object."""
        return ((name, self.at(name)) for name in self.table())

    def listed(self) -> list[Node]:
        """The items of a list."""
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        return [self.at(place) for place in range(len(self.value))]

    def text(self) -> str:
        """It as a text."""
        if not isinstance(self.value, str):
            raise self.wrong("a text")
        return self.value

    def whole(self) -> int:
        """It as a whole number."""
        if type(self.value) is not int:
            raise self.wrong("a whole number")
        return self.value

    def number(self) -> float:
        """It as a number."""
        if type(self.value) not in (int, float) or not math.isfinite(self.value) or abs(self.value) > 1e300:
            raise self.wrong("a number")
        return float(self.value)


def read(path: Path) -> Node:
    """The document in a file. Raises Misshapen, and OSError where there is no readable file."""
    return parsed(content(path), str(path))


def content(path: Path) -> bytes:
    """What a file holds; of a pipe or a device only so much. Raises Misshapen and OSError."""
    if path.is_file() or path.is_dir():
        return path.read_bytes()
    with path.open("rb") as stream:
        found = stream.read(MOST_STREAMED + 1)
    if len(found) > MOST_STREAMED:
        raise Misshapen(printable(f"{path}: it is not a file, and has no end in {MOST_STREAMED:,} bytes"))
    return found


def parsed(raw: bytes | str, file: str) -> Node:
    """The document in a text. Raises Misshapen."""
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8")
        return Node(json.loads(text), printable(file))
    except UnicodeDecodeError as error:
        raise Misshapen(f"{printable(file)}: at byte {error.start}: it is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise Misshapen(f"{printable(file)}:{error.lineno}: it is not JSON: {error.msg}") from None
    except ValueError:  # more digits than Python reads
        raise Misshapen(f"{printable(file)}: it can't be read as JSON: a number in it is too long") from None
    except RecursionError:
        raise Misshapen(f"{printable(file)}: it can't be read as JSON: it is nested too deeply") from None
