"""What is said on one connection between a client and the server: HTTP, and after an upgrade a WebSocket."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.taps.wire.errors import Undecodable
from harness.taps.wire.http import HttpReader, Message
from harness.taps.wire.packets import Engine, in_frame, in_payload
from harness.taps.wire.session import TRANSPORT_CLOSE, Hear, Session
from harness.taps.wire.websocket import FrameReader, agreed_inflation


class HearAll(Hear, Protocol):
    """Also told what passes other than Socket.IO."""

    def posted(self, door: str, path: str, bodies: list[Any], at_ns: int) -> Any: ...
    def responded(self, token: Any, status: int, body: Any, at_ns: int) -> None: ...
    def turned_away(self, origin: str | None, status: int, at_ns: int) -> None: ...
    def canary(self, path: str) -> None: ...
    def trouble(self, why: str) -> None: ...


PROTOCOL = "4"
"""Of Engine.IO, as socket.io 3 and later speak it."""

CANARY = "/__harness_canary/"
"""Requests below this path are the proxy's own trial of itself."""


@dataclass(slots=True)
class _Exchange:
    """A request that was passed on, until it is answered. `token` is what `posted` returned for it."""

    request: Message
    token: Any = None


@dataclass(slots=True)
class Sessions:
    """The Engine.IO sessions of all connections, by their ids; `hear` is told what they say."""

    hear: HearAll
    open: dict[str, Session] = field(default_factory=dict)
    path: str = "/socket.io/"
    """Where Engine.IO was last asked."""


class Conversation:
    """One connection, read in the order in which it passed. What can't be read is told once."""

    def __init__(self, door: str, sessions: Sessions) -> None:
        self._door, self._sessions, self._hear = door, sessions, sessions.hear
        self._waiting: deque[_Exchange] = deque()
        self._requests = HttpReader()
        self._responses = HttpReader(self._is_answer_empty)
        self._frames: dict[bool, FrameReader] = {}
        self._upgrade: Message | None = None
        self._session: Session | None = None
        self._sid: str | None = None
        self._is_lost = False

    def feed(self, data: bytes, is_up: bool, at_ns: int) -> Iterator[None]:
        """Read what has passed; a step for each message, so that a caller in a hurry can pause in between."""
        if self._is_lost:
            return
        try:
            yield from self._read(data, is_up, at_ns)
        except Undecodable as error:
            self._lose(str(error))
        except Exception as error:  # noqa: BLE001  # bytes of others: they may break a decoder, never the proxy
            self._lose(f"something that broke the decoder: {error!r:.200}")

    def ended(self, is_up: bool, at_ns: int) -> None:
        """One side sends nothing more; what the other has on its way still passes."""
        if not is_up and not self._is_lost and not self._frames and (last := self._responses.ended()) is not None:
            self._respond(last, at_ns)
        if self._is_on_websocket:
            self._end(lambda session: session.ended(TRANSPORT_CLOSE, at_ns))

    @property
    def _is_on_websocket(self) -> bool:
        return bool(self._frames) and self._session is not None and self._session.transport == "websocket"

    def _end(self, how: Callable[[Session], None]) -> None:
        if self._session is not None:
            how(self._session)
            self._sessions.open.pop(self._sid or "", None)

    def _lose(self, why: str) -> None:
        self._is_lost = True
        self._hear.trouble(f"a connection of {self._door} carried {why}")

    def _read(self, data: bytes, is_up: bool, at_ns: int) -> Iterator[None]:
        if self._frames:
            yield from self._frame(data, is_up, at_ns)
        elif is_up:
            self._requests.feed(data)
            if self._upgrade is None:
                yield from self._request(at_ns)
        else:
            self._responses.feed(data)
            for response in self._responses.messages():
                yield
                if self._respond(response, at_ns):
                    yield from self._frame(self._responses.take_rest(), is_up, at_ns)
                    return
            yield from self._request(at_ns)  # what waited for the answer to an upgrade that was refused

    def _request(self, at_ns: int) -> Iterator[None]:
        for request in self._requests.messages():
            exchange = _Exchange(request)
            self._waiting.append(exchange)
            if request.is_upgrade:
                self._upgrade = request
                return
            self._requested(exchange, at_ns)
            yield

    def _requested(self, exchange: _Exchange, at_ns: int) -> None:
        request = exchange.request
        if is_engine(request):
            self._sessions.path = request.path
            if request.method == "POST":
                session = self._sessions.open.get(request.query.get("sid", ""))
                if session is not None:
                    for packet in in_payload(request.decoded()):
                        session.take(packet, True, at_ns)
        elif request.method in ("POST", "PUT") and (body := request.json()) is not None:
            bodies = body if isinstance(body, list) else [body]
            exchange.token = self._hear.posted(self._door, request.path, bodies, at_ns)

    def _respond(self, response: Message, at_ns: int) -> bool:
        """Take a response; whether WebSocket frames follow it."""
        if response.status < 200 and response.status != 101:
            return False  # 100 Continue: the answer is still to come
        exchange = self._waiting.popleft() if self._waiting else None
        if exchange is None:
            raise Undecodable("an answer without a request")
        request, self._upgrade = exchange.request, None
        if response.status == 101 and request.is_upgrade:
            self._begin_frames(request, response)
            return True
        if exchange.token is not None:
            self._hear.responded(exchange.token, response.status, response.json(), at_ns)
        elif (token := _canary(request)) is not None:
            self._hear.canary(token)
        elif is_engine(request):
            self._polled(request, response, at_ns)
        return False

    def _polled(self, request: Message, response: Message, at_ns: int) -> None:
        sid = request.query.get("sid")
        if response.status >= 400:
            if sid is None:
                self._hear.turned_away(request.headers.get("origin"), response.status, at_ns)
            else:
                self._forget(sid, at_ns)
        elif request.method == "GET" and response.status == 200:
            _check_protocol(request)
            if "j" in request.query:
                raise Undecodable("JSONP, which is not read here")
            for packet in in_payload(response.decoded()):
                if packet.packet_type == Engine.OPEN:
                    self._open(packet, request, "polling", at_ns)
                elif (session := self._sessions.open.get(sid or "")) is not None:
                    session.take(packet, False, at_ns)

    def _forget(self, sid: str, at_ns: int) -> None:
        """The server doesn't know the session any more."""
        session = self._sessions.open.pop(sid, None)
        if session is not None:
            session.ended(TRANSPORT_CLOSE, at_ns)

    def _open(self, packet: Any, request: Message, transport: str, at_ns: int) -> None:
        about = packet.data
        sid = str(about.get("sid")) if isinstance(about, dict) else None
        if sid is None:
            raise Undecodable("an Engine.IO session without an id")
        headers = request.headers
        url = f"http://{headers.get('host', '')}{request.path}"
        is_page = "mozilla/" in headers.get("user-agent", "").lower()
        session = Session(self._door, url, headers.get("origin"), transport, is_page, self._hear)
        session.patience_ms = _patience_ms(about)
        session.said_ns = {True: at_ns, False: at_ns}
        self._sessions.open[sid] = session
        self._session, self._sid = session, sid

    def _begin_frames(self, request: Message, response: Message) -> None:
        up, down = agreed_inflation(response.headers.get("sec-websocket-extensions", ""))
        self._frames = {True: FrameReader(up), False: FrameReader(down)}
        if not is_engine(request):
            raise Undecodable(f"a WebSocket at {request.path[:60]}, which is not Engine.IO")
        _check_protocol(request)
        self._upgrade = request
        self._sid = request.query.get("sid")
        self._session = self._sessions.open.get(self._sid) if self._sid is not None else None
        if self._sid is not None and self._session is None:
            raise Undecodable("a WebSocket of an Engine.IO session that began elsewhere")

    def _frame(self, data: bytes, is_up: bool, at_ns: int) -> Iterator[None]:
        reader = self._frames[is_up]
        reader.feed(data)
        for message in reader.messages():
            packet = in_frame(message)
            if self._session is None:
                if packet.packet_type != Engine.OPEN or is_up or self._upgrade is None:
                    raise Undecodable("an Engine.IO packet before the session's first one")
                self._open(packet, self._upgrade, "websocket", at_ns)
            else:
                self._session.take(packet, is_up, at_ns)
            yield
        if reader.is_closed and self._is_on_websocket:
            self._end(lambda session: session.closed(is_up, reader.close_code, at_ns))

    def _is_answer_empty(self) -> bool:
        return bool(self._waiting) and self._waiting[0].request.method == "HEAD"


def _patience_ms(opened: Mapping[str, Any]) -> float | None:
    """How long a client waits for the server: for a ping that is due, and on top of that for as long as it may take."""
    parts = [opened.get("pingInterval"), opened.get("pingTimeout")]
    numbers = [float(each) for each in parts if isinstance(each, int | float)]
    return sum(numbers) if len(numbers) == len(parts) else None


def _check_protocol(request: Message) -> None:
    protocol = request.query["EIO"]
    if protocol != PROTOCOL:
        raise Undecodable(f"protocol {protocol[:10]} of Engine.IO, and only {PROTOCOL} is read (socket.io 3 and later)")


def _canary(request: Message) -> str | None:
    """The canary that a request is: by its path, or by the connection that it names."""
    return next((each for each in (request.path, request.query.get("sid", "")) if each.startswith(CANARY)), None)


def is_engine(request: Message) -> bool:
    """Whether a request speaks Engine.IO, whatever path the server has put it at."""
    return "EIO" in request.query and "transport" in request.query
