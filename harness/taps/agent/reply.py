"""What an agent answers when it is asked how things stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Members:
    """Who is in one namespace of a server: Socket.IO ids by room, and all that are connected."""

    rooms: Mapping[str, tuple[str, ...]]
    connected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listening:
    """A message queue that one process takes events from, for the clients that are connected to that process.

    `queue` is its address without credentials; None where the manager has none.
    """

    queue: str | None
    channel: str | None
    connected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """A handler that runs: for whose message, for how long and since when, and `where` it stands or was registered.

    `sid` is None for what was posted over plain HTTP, whose `event` is the path.
    """

    sid: str | None
    event: str
    ms: float
    began_ns: int
    where: str | None = None


@dataclass(frozen=True, slots=True)
class SyncReply:
    """The state of an observed program after everything that it has recorded.

    `in_flight` counts `handlers` that run or are scheduled (and emits of others that have not returned), and the tasks
    that handlers started and left running, unless they only wait for more work. `background` counts the target's other
    tasks, threads and timers at work.
    `running` are the oldest of the handlers.
    `queued` is the number of packets that the server still holds for each Socket.IO id.
    `troubles` counts failures of the agent itself: with any, its silence proves nothing.
    """

    in_flight: int
    handlers: int
    namespaces: Mapping[str, Members]
    hooks: Mapping[str, bool]
    queued: Mapping[str, int]
    troubles: int
    at_ns: int
    listens: tuple[Listening, ...] = ()
    background: int = 0
    running: tuple[Running, ...] = ()


def merge(replies: Sequence[Mapping[str, Any]]) -> SyncReply:
    """One reply from those of all processes of a name: counts added, rooms joined, a hook there where all have it."""
    namespaces: dict[str, Members] = {}
    queued: dict[str, int] = {}
    hooks: dict[str, bool] = {}
    for reply in replies:
        queued.update(reply["queued"])
        for hook, installed in reply["hooks"].items():
            hooks[hook] = hooks.get(hook, True) and installed
        for namespace, told in reply["namespaces"].items():
            known = namespaces.get(namespace, Members({}, ()))
            rooms = dict(known.rooms)
            for room, sids in told["rooms"].items():
                rooms[room] = (*rooms.get(room, ()), *sids)
            namespaces[namespace] = Members(rooms, (*known.connected, *told["connected"]))
    return SyncReply(
        in_flight=sum(reply["in_flight"] for reply in replies),
        handlers=sum(reply["handlers"] for reply in replies),
        namespaces=namespaces,
        hooks=hooks,
        queued=queued,
        troubles=sum(reply["troubles"] for reply in replies),
        at_ns=max(reply["t"] for reply in replies),
        background=sum(reply.get("background", 0) for reply in replies),
        running=tuple(
            Running(told["sid"], told["event"], told["ms"], reply["t"] - round(told["ms"] * 1e6), told["where"])
            for reply in replies
            for told in reply.get("running", ())
        ),
        listens=tuple(
            Listening(told["queue"], told["channel"], tuple(told["connected"]))
            for reply in replies
            for told in reply["listens"]
        ),
    )
