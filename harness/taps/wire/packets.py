"""Engine.IO and Socket.IO packets, by the library's own classes: what a person would call messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any

from harness.taps.wire.errors import Undecodable
from harness.taps.wire.msgpack import unpacked


class Engine(IntEnum):
    """Packet types of Engine.IO, protocol 4."""

    OPEN = 0
    CLOSE = 1
    PING = 2
    PONG = 3
    MESSAGE = 4
    UPGRADE = 5
    NOOP = 6


class Socket(IntEnum):
    """Packet types of Socket.IO, protocol 5."""

    CONNECT = 0
    DISCONNECT = 1
    EVENT = 2
    ACK = 3
    CONNECT_ERROR = 4
    BINARY_EVENT = 5
    BINARY_ACK = 6


MAX_DIGITS = 100
"""Of a whole number, as in the library."""


@dataclass(frozen=True, slots=True)
class Library:
    """The library's classes, which read a packet when they are made. It ships no types."""

    engine_packet: Any
    payload: Any
    socket_packet: Any


def _integer(digits: str) -> int:
    """As the library reads it: what is longer takes quadratic time. Raises ValueError."""
    if len(digits) > MAX_DIGITS:
        raise ValueError("a number that is too large")
    return int(digits)


class _Json:
    """What the library's packets ask of a JSON module."""

    loads = json.JSONDecoder(parse_int=_integer).decode
    dumps = staticmethod(json.dumps)


@cache
def loaded() -> Library:
    """Imported when there is a proxy: it takes as long as the rest of the harness."""
    from engineio.packet import Packet as EnginePacket
    from engineio.payload import Payload
    from socketio.packet import Packet as SocketPacket

    class Unlimited(Payload):  # type: ignore[misc]  # it ships no types
        """A payload of any length: how many packets the server takes at once is its own business."""

        max_decode_packets = 1 << 30

    class ReadOnce(SocketPacket):  # type: ignore[misc]  # it ships no types
        """Reads JSON with one decoder: the library makes one for each packet, a tenth of the proxy's time."""

        json = _Json

    return Library(EnginePacket, Unlimited, ReadOnce)


def in_payload(body: bytes) -> list[Any]:
    """The Engine.IO packets in the body of a polling request or of its answer."""
    if not body:
        return []
    try:
        return list(loaded().payload(encoded_payload=body.decode("utf-8", "replace")).packets)
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise Undecodable(f"no Engine.IO payload ({error})") from None


def in_frame(frame: str | bytes) -> Any:
    """The Engine.IO packet in a WebSocket message."""
    try:
        return loaded().engine_packet(encoded_packet=frame)
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise Undecodable(f"no Engine.IO packet ({error})") from None


@dataclass(frozen=True, slots=True)
class Packed:
    """A packet of socket.io-msgpack-parser: all of it in one binary message."""

    packet_type: int
    namespace: str
    id: int | None
    data: Any


def _packed(message: bytes) -> Packed:
    try:
        found = unpacked(message)
    except Undecodable:
        found = None
    kind, namespace, number = (found.get(key) if isinstance(found, dict) else None for key in ("type", "nsp", "id"))
    if type(kind) is not int or not isinstance(namespace, str) or not (number is None or type(number) is int):
        raise Undecodable(
            "binary data that no packet announced, by another parser than Socket.IO's own and MessagePack's"
        )
    return Packed(kind, namespace, number, found["data"] if isinstance(found, dict) and "data" in found else None)


class Assembly:
    """The Socket.IO packets of one direction, put together with the attachments that follow them."""

    def __init__(self) -> None:
        self._incomplete: Any = None

    def take(self, message: str | bytes) -> Iterator[Any]:
        """The packet that a message of Engine.IO is, or that it completes."""
        if isinstance(message, bytes):
            if self._incomplete is None:
                yield _packed(message)
                return
            if self._incomplete.add_attachment(message):
                packet, self._incomplete = self._incomplete, None
                yield packet
            return
        if self._incomplete is not None:
            raise Undecodable("a packet whose attachments did not come")
        try:
            packet = loaded().socket_packet(encoded_packet=message)
        except (ValueError, IndexError, KeyError, TypeError, RecursionError) as error:
            raise Undecodable(f"no Socket.IO packet ({error})") from None
        if packet.attachment_count:
            self._incomplete = packet
        else:
            yield packet
