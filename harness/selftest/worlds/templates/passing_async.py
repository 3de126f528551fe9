"""How an asynchronous server passes events on: in the handler, or after it by queue, task, timer or thread."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

from desk import Desk, Send
from frames import spoil_async
from settings import WORLD, hits

HANDSHAKE = "page"


class Passing:
    """A Socket.IO server's handlers around a desk."""

    def __init__(self, sio: Any, name: str) -> None:
        self.sio, self.desk = sio, Desk(name)
        self._pending: deque[tuple[str, list[Any]]] = deque()
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()
        self._tasks: set[Any] = set()
        sio.on("connect", self._connect)
        sio.on("disconnect", self._disconnect)
        sio.on("join", self._join)
        sio.on("begin", self._begin)
        sio.on("bye", self._bye)
        for wire in WORLD["wire"]:
            if self.desk.knows(wire):
                sio.on(wire, self._handler(wire))
        spoil_async(sio, self.desk)

    async def start(self) -> None:
        """Start what works beside the handlers; inside the loop."""
        self._loop = asyncio.get_running_loop()
        if WORLD["when"] == "queue":
            self._keep(asyncio.create_task(self._work()))
        if WORLD["producer"] == "file":
            self._keep(asyncio.create_task(self._tail()))
        if WORLD["noise"] == "heartbeat":
            self._keep(asyncio.create_task(self._beat()))

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(0.1)
            await self.sio.emit("tick", {"house": WORLD["house"]})

    def _keep(self, task: Any) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, sid: str, _environ: Any, auth: Any = None) -> None:
        if isinstance(auth, dict) and HANDSHAKE in auth:
            async with self._lock:
                for room in self.desk.page_came(sid, str(auth[HANDSHAKE])):
                    await self.sio.enter_room(sid, room)
                await self.sio.emit("welcome", {"house": WORLD["house"]}, to=sid)

    async def _disconnect(self, sid: str, *_reason: Any) -> None:
        self.desk.gone(sid)

    async def _join(self, sid: str, shift: str) -> dict[str, str]:
        async with self._lock:
            if WORLD["replay"]:
                for name, arguments in self.desk.journal:
                    await self._emit(Send(name, arguments, sid=sid))
            await self.sio.enter_room(sid, self.desk.page_asks(sid, shift))
        return {"joined": shift}

    async def _begin(self, _sid: str, shift: str) -> str:
        if WORLD["contract"] == "auto-discovery":
            await self.sio.emit("shift-begun", {"shift": shift})
        return "ok"

    async def _bye(self, _sid: str) -> str:
        return "ok"

    def _handler(self, wire: str) -> Any:
        async def take(sid: str, *arguments: Any) -> str:
            self.desk.producer = sid
            await self.take(wire, [*arguments])
            return "ok"

        return take

    def publish(self, name: str, arguments: list[Any]) -> bool:
        """Take an event that came by HTTP."""
        if not self.desk.knows(name):
            return False
        self._keep(asyncio.ensure_future(self.take(name, arguments)))
        return True

    async def take(self, name: str, arguments: list[Any]) -> None:
        """Take an event, and pass it on as this world does."""
        if hits("blocks", arguments):
            time.sleep(WORLD["delay_s"])  # the bug
        self.desk.took(name, arguments)
        when = WORLD["when"]
        if when == "handler":
            async with self._lock:
                await self._pass(name, arguments)
            return
        self._pending.append((name, arguments))
        if when == "queue":
            self._wake.set()
        elif when == "task":
            self._keep(self.sio.start_background_task(self._next))
        elif when == "timer":
            self._loop.call_later(0.02, lambda: self._keep(asyncio.ensure_future(self._next())))
        else:
            threading.Thread(target=self._from_thread, daemon=True).start()

    def _from_thread(self) -> None:
        asyncio.run_coroutine_threadsafe(self._next(), self._loop).result(30)

    async def _next(self) -> None:
        async with self._lock:
            if self._pending:
                await self._pass(*self._pending.popleft())

    async def _work(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._pending:
                await self._next()

    async def _pass(self, name: str, arguments: list[Any]) -> None:
        leaver = self.desk.leaver(arguments)
        if leaver is not None:
            await self.sio.leave_room(*leaver)
        kicked = self.desk.kicked(arguments)
        if kicked is not None:
            await self.sio.disconnect(kicked)
        for send in self.desk.sends(name, arguments):
            if send.wait_s:
                await asyncio.sleep(send.wait_s)
            await self._emit(send)

    async def _emit(self, send: Send) -> None:
        self.desk.gave(send)
        data = send.arguments[0] if len(send.arguments) == 1 else tuple(send.arguments)
        to = send.room if send.sid is None else send.sid
        await self.sio.emit(send.name, data, to=to, skip_sid=send.skip, namespace=send.namespace)

    async def _tail(self) -> None:
        """Read what the producer appends to the file, line by line."""
        path, at = Path(os.environ["EVENTS"]), 0
        while True:
            await asyncio.sleep(0.02)
            text = path.read_text("utf-8") if path.exists() else ""
            whole = text.rfind("\n") + 1
            for line in text[at:whole].splitlines():
                message = json.loads(line)
                if self.desk.knows(message["name"]):
                    await self.take(message["name"], message["arguments"])
            at = whole
