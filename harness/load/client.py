"""One client: a WebSocket connection that speaks Engine.IO 4 and Socket.IO 5, and notes each packet that passes.

Lean, for a thousand of them share a processor: frames are read by `websockets`' protocol without input and output of
its own, and what is alike for all clients is looked at once.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import ssl
import time
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.exceptions import InvalidURI
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from harness.load.behaviour import Behaviour, filled
from harness.load.log import Log, Way
from harness.load.packet import CONNECT, CONNECT_ERROR, DISCONNECT, FENCE, Packet, parted

OPEN, CLOSE, PING, PONG, MESSAGE = "01234"
"""Packets of Engine.IO."""


class NotOpened(Exception):
    """A client's connection did not come about; the message says why."""


@dataclass(slots=True)
class Shared:
    """What the clients of a process share: what they are to do, their log, and what each text in it asks of them."""

    behaviour: Behaviour
    log: Log = field(default_factory=Log)
    _known: dict[int, tuple[Packet | None, list[str]]] = field(default_factory=dict)

    def look(self, place: int, text: str) -> tuple[Packet | None, list[str]]:
        """A packet that a client must look at itself, None for a message; and what is said because it came."""
        found = self._known.get(place)
        if found is None:
            packet = parted(text.partition("\n")[0])
            is_message = packet is None or packet.type not in (CONNECT, DISCONNECT, CONNECT_ERROR)
            says = self.behaviour.answers_to(packet) if packet is not None and is_message else []
            found = self._known[place] = (None if is_message else packet, says)
        return found


class Client(asyncio.Protocol):
    """A connection. `opened` is done when the server has let it in and it has said what it says at first."""

    def __init__(self, member: int, session: str, shared: Shared) -> None:
        self._member, self._session, self._shared = member, session, shared
        behaviour = self._behaviour = shared.behaviour
        self._transport: asyncio.Transport | None = None
        headers = Headers(behaviour.headers)
        self._socket = ClientProtocol(parse_uri(behaviour.url), max_size=None)
        self._request = self._socket.connect()
        for name, value in headers.raw_items():
            self._request.headers[name] = value
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self._awaited = {_space(text) for text in behaviour.connects}
        self._fences: dict[str, asyncio.Future[bool]] = {}
        self._pieces: list[bytes] = []
        self._attached: tuple[Packet, str, list[dict[str, object]]] | None = None
        self._ids = 0
        self._fence = 0
        self.is_open = False

    # What a dashboard does

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._socket.send_request(self._request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        at_ns = time.monotonic_ns()
        self._socket.receive_data(data)
        for event in self._socket.events_received():
            if isinstance(event, Frame):
                self._frame(event, at_ns)
            elif isinstance(event, Response) and event.status_code != 101:
                body = bytes(event.body or b"").decode("utf-8", "replace")[:200]
                self._fail(f"the server answered {event.status_code} {event.reason_phrase} {body}".strip())
        if self._socket.handshake_exc is not None:
            self._fail(str(self._socket.handshake_exc))
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        why = (
            str(exc) if exc is not None else f"code {self._socket.close_code}" if self._socket.close_code else "closed"
        )
        if not self.opened.done():
            self._fail(f"the connection ended: {why}")
        elif self.is_open:
            self._note(Way.LOST, why)
        self.is_open = False
        for fence in self._fences.values():
            if not fence.done():
                fence.set_result(False)

    async def fence(self) -> bool:
        """Whether a packet after all that the server has queued comes back: what has not come by then never will."""
        if not self.is_open:
            return False
        self._fence += 1
        space = f"{FENCE}{self._fence}__"
        self._fences[space] = asyncio.get_running_loop().create_future()
        self._send(f"{MESSAGE}{CONNECT}{space},")
        self._flush()
        try:
            return await self._fences[space]
        finally:
            del self._fences[space]

    def close(self) -> None:
        """End the connection, as a page does that is closed."""
        self.is_open = False
        if self._transport is not None:
            self._transport.close()

    # Inside

    def _frame(self, frame: Frame, at_ns: int) -> None:
        if frame.opcode in (Opcode.PING, Opcode.PONG, Opcode.CLOSE):
            return  # answered by the protocol itself
        data = bytes(frame.data)
        if not frame.fin or self._pieces:
            self._pieces.append(data)
            if not frame.fin:
                return
            data, self._pieces = b"".join(self._pieces), []
        if self._attached is not None:
            self._attach(data, at_ns)
            return
        text = data.decode("utf-8", "replace")
        kind = text[:1]
        if kind == MESSAGE:
            self._message(text[1:], at_ns)
        elif kind == PING:
            self._send(PONG + text[1:])
        elif kind == OPEN:
            for each in self._behaviour.connects:
                self._send(MESSAGE + filled(each, self._session))
        elif kind == CLOSE and self._transport is not None:
            self._transport.close()

    def _message(self, text: str, at_ns: int) -> None:
        if text[:1] in "56" and (packet := parted(text)) is not None and packet.attachments:
            self._attached = packet, text, []
            return
        self._take(text, at_ns)

    def _attach(self, data: bytes, at_ns: int) -> None:
        assert self._attached is not None
        packet, text, known = self._attached
        known.append({"size": len(data), "sha1": hashlib.sha1(data, usedforsecurity=False).hexdigest()})
        if len(known) == packet.attachments:
            self._attached = None
            self._take(f"{text}\n{json.dumps(known)}", at_ns)

    def _take(self, text: str, at_ns: int) -> None:
        if FENCE in text[:20] and (packet := parted(text)) is not None and packet.namespace in self._fences:
            if packet.type == CONNECT:  # this server lets every namespace in: it was asked to hang up again
                self._send(f"{MESSAGE}{DISCONNECT}{packet.namespace},")
            if not (back := self._fences[packet.namespace]).done():
                back.set_result(True)
            return
        place = self._shared.log.note(self._member, Way.GOT, text, at_ns)
        control, says = self._shared.look(place, text)
        if control is not None:
            self._control(control)
        for each in says:
            self._say(each)

    def _control(self, packet: Packet) -> None:
        if packet.type == CONNECT_ERROR:
            self._fail(packet.json[:500])
        elif packet.type == CONNECT and packet.namespace in self._awaited:
            self._awaited.discard(packet.namespace)
            if not self._awaited and not self.opened.done():
                self.is_open = True
                for each in self._behaviour.says:
                    self._say(filled(each, self._session))
                self.opened.set_result(None)

    def _say(self, text: str) -> None:
        """Send a packet; one that wants an answer gets a number of this connection's own."""
        packet = parted(text)
        if packet is not None and packet.id is not None:
            text, self._ids = replace(packet, id=self._ids).text, self._ids + 1
        self._note(Way.SENT, text)
        self._send(MESSAGE + text)

    def _note(self, way: Way, text: str) -> None:
        self._shared.log.note(self._member, way, text, time.monotonic_ns())

    def _send(self, text: str) -> None:
        self._socket.send_text(text.encode())

    def _flush(self) -> None:
        if self._transport is None:
            return
        for data in self._socket.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()

    def _fail(self, why: str) -> None:
        if not self.opened.done():
            self._note(Way.REFUSED, why)
            self.opened.set_exception(NotOpened(why))


def _space(text: str) -> str:
    packet = parted(text)
    return "/" if packet is None else packet.namespace


async def opened(member: int, session: str, shared: Shared, timeout_s: float) -> Client | None:
    """A client with its connection; None where it did not come about, which is in the log then."""
    client, behaviour = Client(member, session, shared), shared.behaviour
    try:
        parts = urlsplit(behaviour.url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "wss" else 80)
        secure = None
        if parts.scheme == "wss":
            secure = ssl.create_default_context()
            if behaviour.insecure:
                secure.check_hostname, secure.verify_mode = False, ssl.CERT_NONE
        loop = asyncio.get_running_loop()
        name = host if secure else None
        connecting = loop.create_connection(
            lambda: client, behaviour.reach or host, port, ssl=secure, server_hostname=name
        )
        await asyncio.wait_for(connecting, timeout_s)
        await asyncio.wait_for(client.opened, timeout_s)
    except NotOpened:
        return None
    except (OSError, TimeoutError, InvalidURI) as error:
        shared.log.note(member, Way.REFUSED, str(error) or "timed out", time.monotonic_ns())
        client.close()
        return None
    return client
