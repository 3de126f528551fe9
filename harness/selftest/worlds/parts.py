"""The parts that worlds are made of, which of them go together, and what a target file can say of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from harness.model import Hop

OPTIONS: Mapping[str, tuple[Any, ...]] = {
    "server": ("asgi", "aiohttp", "wsgi", "flask", "node"),
    "processes": ("one", "redis", "follower"),
    "when": ("handler", "queue", "task", "timer", "thread"),
    "to": ("everyone", "room", "sid"),
    "replay": (False, True),
    "producer": ("python", "node", "http", "file"),
    "acknowledged": (True, False),
    "shape": ("fields", "carrier", "arguments", "text", "bytes"),
    "ids": (True, False),
    "lines": ("plain", "json"),
    "page": ("plain", "react", "vue", "preact", "lit"),
    "view": ("attributes", "text", "window", "table", "counter"),
    "direction": ("append", "prepend"),
    "state": (False, True),
    "transport": ("polling", "websocket", "upgrade"),
    "noise": ("none", "stamp", "heartbeat", "clock"),
    "takes": ("now", "timer", "fetch", "worker"),
    "seen_by": ("agent", "proxy"),
    "contract": ("broadcast", "subscription", "auto-discovery", "single-session"),
}
"""Each kind of part and its members, the plainest first: a failing world is shrunk towards those."""

TEMPLATE_KINDS = ("server", "when", "producer", "page", "contract")
"""The kinds of which one member is set aside: rules and judge are never tuned on it."""

OWN_ROOMS = ("subscription", "auto-discovery")
"""The contracts in which a session's watchers are in a room of their own."""


@dataclass(frozen=True, slots=True)
class Parts:
    """One member of each kind."""

    server: str
    processes: str
    when: str
    to: str
    replay: bool
    producer: str
    acknowledged: bool
    shape: str
    ids: bool
    lines: str
    page: str
    view: str
    direction: str
    state: bool
    transport: str
    noise: str
    seen_by: str
    contract: str
    takes: str = "now"
    """When the page takes in what came: at once, by a timer, when a request is answered, or by way of a worker."""

    def to_dict(self) -> dict[str, Any]:
        """The parts by kind."""
        return asdict(self)

    @property
    def is_python(self) -> bool:
        """Whether the server is one of python-socketio."""
        return self.server != "node"

    @property
    def speaks_socketio(self) -> bool:
        """Whether the producer is a Socket.IO client."""
        return self.producer in ("python", "node")

    @property
    def has_list(self) -> bool:
        """Whether the page shows each event in a row."""
        return self.view != "counter"


def conflict(parts: Parts) -> str | None:
    """Why these parts can't be put together, or None when they can."""
    wrong = {
        "Redis joins servers of python-socketio": parts.processes == "redis" and not parts.is_python,
        "only the Node server follows another": parts.processes == "follower" and parts.is_python,
        "a second process knows no connection of the first": parts.processes != "one" and parts.to == "sid",
        "what joins by session lives in one process": parts.processes != "one" and parts.contract in OWN_ROOMS,
        "sessions need ids": parts.contract in OWN_ROOMS and not parts.ids,
        "who joins by session is in a room": parts.contract in OWN_ROOMS and parts.to == "everyone",
        "who learns late is replayed": parts.contract == "auto-discovery" and not parts.replay,
        "a session begins over Socket.IO": parts.contract == "auto-discovery" and not parts.speaks_socketio,
        "only Socket.IO acknowledges": parts.acknowledged and not parts.speaks_socketio,
        "a JSON line has named fields": parts.lines == "json" and parts.shape not in ("fields", "carrier"),
        "JSON holds no bytes": parts.shape == "bytes" and not parts.speaks_socketio,
        "bytes say no ids": parts.shape == "bytes" and parts.ids,
        "a stamp is a field": parts.noise == "stamp" and parts.shape not in ("fields", "carrier"),
        "a list has a direction": parts.direction == "prepend" and parts.view == "counter",
        "attributes and windows tell sessions": parts.view in ("attributes", "window") and not parts.ids,
    }
    return next((why for why, holds in wrong.items() if holds), None)


_UNSEEN = {"proxy": {Hop.RECEIVED, Hop.ROUTED}}
"""The proxy sees what comes to a server, and nothing inside of it."""


def seen_hops(parts: Parts) -> tuple[Hop, ...]:
    """The hops that a tap is at, by what the target file says."""
    unseen = set()
    if not parts.speaks_socketio:
        unseen |= {Hop.SENT, Hop.RECEIVED}
    unseen |= _UNSEEN.get(parts.seen_by, set())
    if not parts.state:
        unseen.add(Hop.APPLIED)
    return tuple(hop for hop in Hop if hop not in unseen)
