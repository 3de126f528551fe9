"""Names of rooms with their types: Socket.IO keeps 7 and "7" apart, and so does the record.

A text stands for itself. Anything else is told as `<number 7>`: the name of its type, and its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_TYPED = re.compile(r"<(\w+) (.*)>", re.DOTALL)
TEXT = "text"
NOTHING = ("undefined", "null")
"""What stands for a type where a room's name has no value."""


def each(room: Any) -> tuple[str, ...]:
    """The rooms of an emit: none for all clients, one, or several."""
    if room is None:
        return ()
    return tuple(map(str, room)) if isinstance(room, list | tuple) else (str(room),)


def kind_and_text(room: str) -> tuple[str, str]:
    """The type of a room's name, and the name as a text."""
    found = _TYPED.fullmatch(room)
    return (TEXT, room) if found is None else (found[1], found[2])


def shown(room: str) -> str:
    """A room for a person: 'kitchen' in quotes, 7 without."""
    kind, text = kind_and_text(room)
    return repr(text) if kind == TEXT else text


def told(room: str) -> str:
    """The same with its type."""
    return f"{shown(room)} ({kind_and_text(room)[0]})"


def named(room: Any) -> str:
    """The rooms of an emit for a person: `room 'kitchen'`, `rooms 'kitchen' and 7`, or else `all clients`."""
    them = [shown(one) for one in each(room)]
    if len(them) < 2:
        return f"room {them[0]}" if them else "all clients"
    return f"rooms {', '.join(them[:-1])} and {them[-1]}"


def other_types(room: str, among: Iterable[str]) -> list[str]:
    """Those rooms that have the same name by another type."""
    kind, text = kind_and_text(room)
    return [other for other in among if kind_and_text(other)[1] == text and kind_and_text(other)[0] != kind]
