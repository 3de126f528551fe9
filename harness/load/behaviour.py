"""What a client says, as data: how it opens its connection, and what it asks for when it is told of a session.

Made for the processes of the clients: nothing here imports more than the standard library.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from harness.load.packet import EVENT, Packet, parted

SLOT = "{{session}}"
"""What stands for a session in what a client says."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """When a message called `name` comes whose arguments have a session at `path`, this is said, of that session."""

    name: str
    path: tuple[str | int, ...]
    says: str


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a page was seen to do. `url` is that of its WebSocket; `connects` and `says` are Socket.IO packets.

    Where it was opened for a session, SLOT stands for that.
    """

    url: str
    headers: Mapping[str, str]
    connects: tuple[str, ...]
    says: tuple[str, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    insecure: bool = False
    """Whether an unknown certificate is accepted, as it is for the page."""
    reach: str | None = None
    """The host that is connected to in place of that of `url`, where a client is on another machine than the page."""

    def to_json(self) -> dict[str, Any]:
        """As it is handed to a process of clients."""
        return asdict(self)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Behaviour:
        """As `to_json` made it."""
        reactions = tuple(Reaction(each["name"], tuple(each["path"]), each["says"]) for each in told["reactions"])
        texts = {name: tuple(told[name]) for name in ("connects", "says")}
        insecure, reach = told["insecure"], told["reach"]
        return cls(told["url"], told["headers"], **texts, reactions=reactions, insecure=insecure, reach=reach)

    def answers_to(self, packet: Packet) -> list[str]:
        """What is said when a message has come."""
        if packet.type != EVENT or not self.reactions:
            return []
        name, args = name_and_arguments(packet)
        found = ((each, at(args, each.path)) for each in self.reactions if each.name == name)
        return [filled(each.says, session) for each, session in found if isinstance(session, str)]


def name_and_arguments(packet: Packet) -> tuple[str, list[Any]]:
    """Those of an EVENT; an empty name for another packet."""
    try:
        told = json.loads(packet.json)
    except (ValueError, RecursionError):
        return "", []
    return (told[0], told[1:]) if isinstance(told, list) and told and isinstance(told[0], str) else ("", [])


def filled(text: str, session: str) -> str:
    """A packet that is about a session."""
    return text.replace(SLOT, json.dumps(session)[1:-1])


def at(value: Any, path: Sequence[str | int]) -> Any:
    """What stands at a path, None where nothing does."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def paths_to(value: Any, wanted: str, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where a text stands in JSON data."""
    if value == wanted:
        yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, each in steps:
        yield from paths_to(each, wanted, (*path, step))


def reactions_in(passed: Sequence[tuple[bool, str]], session: str) -> tuple[Reaction, ...]:
    """What a page said of a session because it had been told of it.

    `passed` are the packets of its connection in their order, each with whether the page sent it. The message that came
    last before the page spoke and has the session in it is what it reacted to.
    """
    found: dict[Reaction, None] = {}
    told: tuple[str, tuple[str | int, ...]] | None = None
    for is_sent, text in passed:
        packet = parted(text)
        if packet is None or packet.type != EVENT or session not in text:
            continue
        name, args = name_and_arguments(packet)
        if not is_sent:
            told = next(((name, path) for path in paths_to(args, session)), told)
        elif told is not None:
            found[Reaction(*told, text.replace(session, SLOT))] = None
    return tuple(found)
