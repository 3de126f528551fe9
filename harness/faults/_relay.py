"""A TCP relay on a thread of its own: what passes it, both ways, can be delayed, held, dropped, slowed and cut.

It knows no protocol: WebSocket frames and polling requests are bytes alike.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

PIECE = 1 << 16
WAITING = 256
"""Pieces that may wait in one direction of one connection before the sender is held up, as by a full network."""


class Way(Enum):
    """The direction of a piece."""

    UP = "to the server"
    DOWN = "from the server"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a line does to its bytes; as it is made it does nothing.

    `refuses`: new connections are closed at once. `holds`: pieces of these ways wait. `drops`: pieces are thrown away,
    and no side is told. `tears`: the next piece from the server is handed on by half, and its connection reset.
    `rejects`: connections on which an HTTP request comes whose head holds that (in lower case) are reset, `unless` it
    holds this, too; those are counted as `let_through`.
    `bytes_per_s`: how fast a way is; 0 for as fast as it goes.
    """

    refuses: bool = False
    holds: frozenset[Way] = frozenset()
    drops: bool = False
    tears: bool = False
    bytes_per_s: float = 0.0
    rejects: bytes = b""
    unless: bytes = b""

    def turns_away(self, piece: bytes, way: Way) -> bool | None:
        """Whether a piece begins a request that does not get through; False for one that does all the same."""
        head = piece.partition(b"\r\n\r\n")[0].lower() if self.rejects and way is Way.UP else b""
        if self.rejects not in head or not head.startswith((b"get ", b"post ", b"options ")):
            return None
        return not self.unless or self.unless not in head


HEALTHY = Condition()


class Relay:
    """Listens on a port of its own choice; `delay_s` is asked for each piece. `count` and `seconds` say what it did.

    An end of either side ends the connection, once what that side sent is through.
    """

    def __init__(self, upstream: str, delay_s: Callable[[], float] = lambda: 0.0) -> None:
        parts = urlsplit(upstream)
        self._upstream, self._delay_s = (parts.hostname, parts.port), delay_s
        self.count, self.seconds = 0, 0.0
        self.opened = 0
        """Connections that came through so far."""
        self.let_through = 0
        """Requests that a condition would have turned away, had they not held what it excepts."""
        self._condition, self._changed = HEALTHY, asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        ready: Future[int] = Future()
        self._thread = threading.Thread(target=self._run, args=(ready,), name=f"relay to {upstream}", daemon=True)
        self._thread.start()
        self.url = f"{parts.scheme}://127.0.0.1:{ready.result(10)}"

    @property
    def open(self) -> int:
        """Connections that are open now."""
        return len(self._writers) // 2

    def put(self, condition: Condition) -> None:
        """Let the line be so from now on: what is held by the former condition goes on under this one."""

        def put() -> None:
            self._condition = condition
            self._changed.set()
            self._changed = asyncio.Event()

        self._do(put)

    def cut(self) -> int:
        """Reset every connection at once; what is under way is lost. Returns how many there were."""

        def cut() -> int:
            count = self.open
            for writer in list(self._writers):
                writer.transport.abort()
            return count

        return self._do(cut)

    def close(self) -> None:
        """Close every connection and end the thread."""
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    def _do(self, work: Callable[[], T]) -> T:
        """Do something in the relay's thread, and wait until it is done."""
        done: Future[T] = Future()
        self._loop.call_soon_threadsafe(lambda: done.set_result(work()))
        return done.result(10)

    def _run(self, ready: Future[int]) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve(ready))

    async def _serve(self, ready: Future[int]) -> None:
        connections: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            connections.add(task)
            try:
                await self._connect(reader, writer)
            except asyncio.CancelledError:
                pass  # the relay ends; a server's callback task that ends as cancelled is told of as an error
            finally:
                connections.discard(task)

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        ready.set_result(server.sockets[0].getsockname()[1])
        await self._end.wait()
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with contextlib.AsyncExitStack() as closing:
            closing.callback(writer.close)
            if self._condition.refuses:
                self.count += 1
                writer.transport.abort()
                return
            try:
                above, below = await asyncio.open_connection(*self._upstream)
            except OSError:
                return  # the server is away, as it is without a relay
            closing.callback(below.close)
            self.opened += 1
            self._writers |= {writer, below}
            up = asyncio.create_task(self._carry(reader, below, Way.UP))
            down = asyncio.create_task(self._carry(above, writer, Way.DOWN))
            try:
                await asyncio.wait([up, down], return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._writers -= {writer, below}
                for way in (up, down):
                    way.cancel()
                await asyncio.gather(up, down, return_exceptions=True)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: Way) -> None:
        """One direction of one connection, until its sender ends and all that it sent is through."""
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(WAITING)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hand_on(waiting, sink, way))
            while piece := await self._read(source):
                await waiting.put((self._loop.time() + self._delay_s(), piece))
            await waiting.put((0.0, b""))

    async def _read(self, source: asyncio.StreamReader) -> bytes:
        try:
            return await source.read(PIECE)
        except OSError:
            return b""  # reset by its sender: an end like any other

    async def _hand_on(self, waiting: asyncio.Queue[tuple[float, bytes]], sink: asyncio.StreamWriter, way: Way) -> None:
        while True:
            due_s, piece = await waiting.get()
            if not piece:
                return
            left_s = due_s - self._loop.time()
            if left_s > 0:
                self.count += 1
                self.seconds += left_s
                await asyncio.sleep(left_s)
            if self._condition is not HEALTHY and not await self._pass(piece, sink, way):
                continue
            sink.write(piece)
            await sink.drain()

    async def _pass(self, piece: bytes, sink: asyncio.StreamWriter, way: Way) -> bool:
        """What the line's condition does to a piece; whether it is to be handed on."""
        began, condition = self._loop.time(), self._condition
        if (is_turned_away := condition.turns_away(piece, way)) is not None:
            if is_turned_away:
                self.count += 1
                sink.transport.abort()
                return False
            self.let_through += 1
        if way in condition.holds or condition.drops or condition.bytes_per_s:
            self.count += 1
        while way in self._condition.holds:
            await self._changed.wait()
        condition = self._condition
        if condition.bytes_per_s:
            await asyncio.sleep(len(piece) / condition.bytes_per_s)
        self.seconds += self._loop.time() - began
        if condition.tears and way is Way.DOWN and len(piece) > 1:
            self._condition = Condition(refuses=condition.refuses)
            self.count += 1
            sink.write(piece[: len(piece) // 2])
            await asyncio.sleep(0)  # the half is on its way
            for writer in list(self._writers):
                writer.transport.abort()
            return False
        return not condition.drops
