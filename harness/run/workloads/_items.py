"""Events for sessions that the harness itself plays through the CLI's pipe: a plausible run, in two halves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    """One event to publish: its name and its payload."""

    name: str
    data: Mapping[str, Any]


def first_half() -> list[Item]:
    """A session begins: the start, and one skill at work."""
    return [
        Item("execution:started", {"task": "tidy the notes", "project": "notes", "skills": 1}),
        Item("skill:started", {"skill": "tidy", "index": 1, "of": 1, "title": "Tidy the notes"}),
    ]


NOTED = 12
"""Checkpoints of a session that dashboards join late.

With them its numbers have two digits: what is replayed shows a journal that sorts numbers as texts, or keeps only the
newest ten.
"""


def well_begun() -> list[Item]:
    """A session that has gone on for a while. Its end is `second_half(noted=NOTED)`."""
    return [*first_half(), *checkpoints(1, NOTED)]


def checkpoints(first: int, count: int) -> list[Item]:
    """So many events in the middle of the session."""
    return [
        Item("checkpoint:created", {"id": f"c{number}", "label": f"Note {number}", "files": 1})
        for number in range(first, first + count)
    ]


def second_half(skills: int = 1, noted: int = 0) -> list[Item]:
    """The same session ends well, after so many skills and checkpoints."""
    return [
        Item("skill:completed", {"skill": "tidy", "index": 1, "of": 1, "title": "Tidy the notes", "duration_ms": 3}),
        Item(
            "execution:completed",
            {"task": "tidy the notes", "skills": skills, "checkpoints": noted, "duration_ms": 2 + 3 * skills},
        ),
    ]
