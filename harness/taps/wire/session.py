"""One Engine.IO session, over whatever connections it uses, and what its Socket.IO packets say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.taps.wire.errors import Undecodable
from harness.taps.wire.packets import Assembly, Engine, Socket

CLIENT_DISCONNECT, SERVER_DISCONNECT, TRANSPORT_CLOSE = "client disconnect", "server disconnect", "transport close"

NORMAL = 1000
"""The code of a WebSocket that one side closes because it is done (RFC 6455, 7.4.1); a page that is left says 1001."""


@dataclass(slots=True)
class Link:
    """A client's connection to one namespace. `door` is where it came in (see proxy), `sid` None until it is accepted.

    `role` is what the client says of itself in its credentials, where it says something.
    """

    door: str
    namespace: str
    url: str
    origin: str | None
    transport: str
    sid: str | None = None
    role: str | None = None
    is_page: bool = False


class Hear(Protocol):
    """Who is told what passes. Times are monotonic ns, arguments are those of the Socket.IO message."""

    def connected(self, link: Link, at_ns: int) -> None: ...
    def refused(self, link: Link, data: Any, at_ns: int) -> None: ...
    def disconnected(self, link: Link, reason: str, at_ns: int) -> None: ...
    def asked(self, link: Link, name: str, args: list[Any], number: int | None, at_ns: int) -> None: ...
    def answered(self, link: Link, number: int, args: list[Any], at_ns: int) -> None: ...


@dataclass(slots=True)
class Session:
    """The state of one session. `take` is given the Engine.IO packets of both directions in the order they passed."""

    door: str
    url: str
    origin: str | None
    transport: str
    is_page: bool
    hear: Hear
    links: dict[str, Link] = field(default_factory=dict)
    left: dict[str, Link] = field(default_factory=dict)
    """Namespaces that one side has left. What the other had sent before it knew still comes by."""
    patience_ms: float | None = None
    """So long each side waits for a sign of the other before it gives the connection up; None where unknown."""
    said_ns: dict[bool, int] = field(default_factory=dict)
    """When each side last said something: the client (True), the server (False)."""
    upwards: Assembly = field(default_factory=Assembly)
    downwards: Assembly = field(default_factory=Assembly)

    def take(self, packet: Any, is_up: bool, at_ns: int) -> None:
        """One Engine.IO packet; `is_up` from the client to the server."""
        self.said_ns[is_up] = at_ns
        if packet.packet_type == Engine.MESSAGE:
            data = packet.data if isinstance(packet.data, str | bytes) else None
            if data is None:
                raise Undecodable("an Engine.IO message that is not a Socket.IO packet")
            for message in (self.upwards if is_up else self.downwards).take(data):
                self._packet(message, is_up, at_ns)
        elif packet.packet_type == Engine.UPGRADE and is_up:
            self.transport = "websocket"
        elif packet.packet_type == Engine.CLOSE:
            self.ended(CLIENT_DISCONNECT if is_up else SERVER_DISCONNECT, at_ns)

    def ended(self, reason: str, at_ns: int) -> None:
        """The session is over, and with it every namespace that was open."""
        for link in list(self.links.values()):
            self._leave(link)
            if link.sid is not None:
                self.hear.disconnected(link, reason, at_ns)

    def closed(self, is_up: bool, code: int | None, at_ns: int) -> None:
        """One side closed the WebSocket, by this code. Who has waited for the other in vain did not choose to."""
        silent_ms = (at_ns - self.said_ns.get(not is_up, at_ns)) / 1e6
        gave_up = self.patience_ms is not None and silent_ms >= self.patience_ms
        is_meant = code in (None, NORMAL) and not gave_up
        reason = CLIENT_DISCONNECT if is_up else SERVER_DISCONNECT
        self.ended(reason if is_meant else TRANSPORT_CLOSE, at_ns)

    def _leave(self, link: Link) -> None:
        self.left[link.namespace] = self.links.pop(link.namespace)

    def _late(self, namespace: str, packet: Any, is_up: bool, at_ns: int) -> None:
        """What one side sent before it knew that the other had left: an event was sent, and will not be answered."""
        link = self.left.get(namespace)
        if link is None:
            raise Undecodable(f"a packet for namespace {namespace[:60]!r}, which the client did not ask for")
        if is_up and packet.packet_type in (Socket.EVENT, Socket.BINARY_EVENT):
            name, *args = _listed(packet.data)
            self.hear.asked(link, str(name), args, None, at_ns)

    def _packet(self, packet: Any, is_up: bool, at_ns: int) -> None:
        namespace = packet.namespace or "/"
        kind, data = packet.packet_type, packet.data
        if kind == Socket.CONNECT and is_up:
            role = data.get("role") if isinstance(data, Mapping) else None
            link = Link(self.door, namespace, self.url, self.origin, self.transport, is_page=self.is_page)
            link.role = str(role)[:100] if role is not None else None
            self.links[namespace] = link
            return
        known = self.links.get(namespace)
        if known is None:
            self._late(namespace, packet, is_up, at_ns)
            return
        if kind == Socket.CONNECT:
            known.sid = str(data.get("sid")) if isinstance(data, Mapping) else None
            self.hear.connected(known, at_ns)
        elif kind == Socket.CONNECT_ERROR:
            self._leave(known)
            self.hear.refused(known, data, at_ns)
        elif kind == Socket.DISCONNECT:
            self._leave(known)
            self.hear.disconnected(known, CLIENT_DISCONNECT if is_up else SERVER_DISCONNECT, at_ns)
        elif kind in (Socket.EVENT, Socket.BINARY_EVENT):
            if is_up:
                name, *args = _listed(data)
                self.hear.asked(known, str(name), args, packet.id, at_ns)
        elif kind in (Socket.ACK, Socket.BINARY_ACK):
            if not is_up and packet.id is not None:
                self.hear.answered(known, packet.id, _listed(data, may_be_empty=True), at_ns)
        else:
            raise Undecodable(f"a Socket.IO packet of type {kind!r}")


def _listed(data: Any, may_be_empty: bool = False) -> list[Any]:
    if not isinstance(data, list) or not (data or may_be_empty):
        raise Undecodable("a Socket.IO packet without its list of arguments")
    return data
