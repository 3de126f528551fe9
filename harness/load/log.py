"""What the clients of one process sent and got, as columns: each text once, and a row for each time it passed.

Made for the processes of the clients: nothing here imports more than the standard library.
"""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path


class Way(IntEnum):
    """What a row of the log says."""

    GOT = 0
    SENT = 1
    LOST = 2  # the connection ended; the text says why
    REFUSED = 3  # it never came about; the text says why


@dataclass(slots=True)
class Log:
    """Rows of member, way, text and monotonic nanoseconds. A text is a Socket.IO packet.

    After the packet and a line break stands what its attachments are, as JSON: sizes and SHA-1 sums.
    """

    texts: list[str] = field(default_factory=list)
    fences: dict[int, float] = field(default_factory=dict)
    """Member to the milliseconds after which its fence was back."""
    member: array[int] = field(default_factory=lambda: array("I"))
    way: array[int] = field(default_factory=lambda: array("B"))
    text: array[int] = field(default_factory=lambda: array("I"))
    at_ns: array[int] = field(default_factory=lambda: array("q"))
    _places: dict[str, int] = field(default_factory=dict)

    def note(self, member: int, way: Way, text: str, at_ns: int) -> int:
        """Add a row. Returns the place of its text."""
        place = self._places.get(text)
        if place is None:
            place = self._places[text] = len(self.texts)
            self.texts.append(text)
        self.member.append(member)
        self.way.append(way)
        self.text.append(place)
        self.at_ns.append(at_ns)
        return place

    def move(self, offset_ns: int) -> None:
        """Add so much to all times: they are then of another clock."""
        if offset_ns:
            self.at_ns = array("q", [at_ns + offset_ns for at_ns in self.at_ns])

    def write(self, path: Path) -> None:
        """Write it into a file that `read` reads."""
        with path.open("wb") as file:
            head = json.dumps(
                {"rows": len(self.member), "texts": self.texts, "fences": [*self.fences.items()]}
            ).encode()
            file.write(len(head).to_bytes(8, "little") + head)
            for column in (self.member, self.way, self.text, self.at_ns):
                column.tofile(file)


def read(path: Path) -> Log:
    """A log as it was written, by a machine of this kind. Raises EOFError or ValueError for one that was cut off."""
    with path.open("rb") as file:
        head = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        log = Log(head["texts"], dict(head["fences"]))
        for column in (log.member, log.way, log.text, log.at_ns):
            column.fromfile(file, head["rows"])
        return log
