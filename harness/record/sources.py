"""The lines of the system's own code that a record names, kept beside it: a report shows what stood there at the time.

Only files below the folders that the system's processes work in are read, and nothing is read when a run is judged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.lib.documents import Misshapen, Node, read
from harness.lib.secrets import MASKED, SECRET
from harness.model import Record, Sighting

FILE = "sources.json"
AROUND = 3
"""Lines before and after the one that is named."""

MOST_PLACES, MOST_BYTES, LONGEST_LINE = 100, 2_000_000, 240
_LITERAL = re.compile(r"""(["'`]).+?\1""")
_PLACE = re.compile(r"(?P<file>.+?):(?P<line>[0-9]{1,7})(?::[0-9]+)?(?: .*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of a file, the first of which has the number `first`; `line` is the one that the place names."""

    first: int
    line: int
    lines: tuple[str, ...]

    def numbered(self) -> str:
        """The lines with their numbers, an arrow at the one that is meant."""
        width = len(str(self.first + len(self.lines)))
        return "\n".join(
            f"{'→' if number == self.line else ' '} {number:>{width}}  {text}".rstrip()
            for number, text in enumerate(self.lines, start=self.first)
        )


class Sources:
    """The places that the records of one run name. May be told of records from any thread."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(dict.fromkeys(folder.resolve() for folder in folders))
        self._places: dict[str, None] = {}

    def note(self, record: Record) -> None:
        """Remember the place that a record names."""
        told = record.detail.get("where") if isinstance(record, Sighting) else None
        place = told or getattr(getattr(record, "body", None), "where", None)
        if isinstance(place, str) and place not in self._places and len(self._places) < MOST_PLACES:
            self._places[place] = None

    def keep(self, folder: Path, hide: Callable[[str], str]) -> None:
        """Write what stands at the places into a run's folder; `hide` takes secrets out of a line."""
        found = {place: excerpt for place in self._places if (excerpt := self._excerpt(place, hide)) is not None}
        if found:
            kept = {place: asdict(excerpt) for place, excerpt in found.items()}
            (folder / FILE).write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")

    def _excerpt(self, place: str, hide: Callable[[str], str]) -> Excerpt | None:
        """None for what is not a place, and for a file that isn't one of the system's own or can't be read."""
        told = _PLACE.fullmatch(place)
        file = None if told is None else self._file(told["file"])
        if told is None or file is None:
            return None
        line = int(told["line"])
        try:
            if file.stat().st_size > MOST_BYTES:
                return None
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return None
        first = max(line - AROUND, 1)
        shown = tuple(_discreet(hide(text))[:LONGEST_LINE] for text in lines[first - 1 : line + AROUND])
        return Excerpt(first, line, shown) if 1 <= line <= len(lines) else None

    def _file(self, name: str) -> Path | None:
        for folder in self._folders:
            try:
                file = (folder / name).resolve()
                if file.is_relative_to(folder) and file.is_file():
                    return file
            except (OSError, ValueError):  # no name of a file
                continue
        return None


def _discreet(text: str) -> str:
    """A line that speaks of a secret, without the literals in it."""
    return _LITERAL.sub(rf"\1{MASKED}\1", text) if SECRET.search(text) else text


def kept(folder: Path) -> Mapping[str, Excerpt]:
    """Place to what stood there; nothing where a run kept none, or where the file is not of this kind."""
    file = folder / FILE
    if not file.is_file():
        return {}
    try:
        return {place: _read(node) for place, node in read(file).items()}
    except Misshapen:
        return {}


def _read(node: Node) -> Excerpt:
    lines = tuple(each.text() for each in node.at("lines").listed())
    return Excerpt(node.at("first").whole(), node.at("line").whole(), lines)
