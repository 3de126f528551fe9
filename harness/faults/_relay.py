"""A TCP relay on a thread of its own that delays what passes, in order, in both directions."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from urllib.parse import urlsplit

PIECE = 1 << 16
WAITING = 256
"""Pieces that may wait in one direction of one connection before the sender is held up, as by a full network."""


class Relay:
    """Listens on a port of its own choice; `delay_s` is asked for each piece. `count` and `seconds` say what it did.

    An end of either side ends the connection, once what that side sent is through.
    """

    def __init__(self, upstream: str, delay_s: Callable[[], float]) -> None:
        parts = urlsplit(upstream)
        self._upstream, self._delay_s = (parts.hostname, parts.port), delay_s
        self.count, self.seconds = 0, 0.0
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        ready: Future[int] = Future()
        self._thread = threading.Thread(target=self._run, args=(ready,), name=f"relay to {upstream}", daemon=True)
        self._thread.start()
        self.url = f"{parts.scheme}://127.0.0.1:{ready.result(10)}"

    def close(self) -> None:
        """Close every connection and end the thread."""
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

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
            try:
                above, below = await asyncio.open_connection(*self._upstream)
            except OSError:
                return  # the server is away, as it is without a relay
            closing.callback(below.close)
            ways = [asyncio.create_task(self._carry(reader, below)), asyncio.create_task(self._carry(above, writer))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """One direction of one connection, until its sender ends and all that it sent is through."""
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(WAITING)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hand_on(waiting, sink))
            while piece := await self._read(source):
                await waiting.put((self._loop.time() + self._delay_s(), piece))
            await waiting.put((0.0, b""))

    async def _read(self, source: asyncio.StreamReader) -> bytes:
        try:
            return await source.read(PIECE)
        except OSError:
            return b""  # reset by its sender: an end like any other

    async def _hand_on(self, waiting: asyncio.Queue[tuple[float, bytes]], sink: asyncio.StreamWriter) -> None:
        while True:
            due_s, piece = await waiting.get()
            if not piece:
                return
            left_s = due_s - self._loop.time()
            if left_s > 0:
                self.count += 1
                self.seconds += left_s
                await asyncio.sleep(left_s)
            sink.write(piece)
            await sink.drain()
