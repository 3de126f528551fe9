"""How a threaded server passes events on: in the handler, or after it by queue, task, timer or thread."""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

from desk import Desk, Send
from frames import spoil_threads
from settings import WORLD, hits

HANDSHAKE = "page"


class Passing:
    """A Socket.IO server's handlers around a desk. `background` starts a task of the server's kind."""

    def __init__(self, sio: Any, name: str) -> None:
        self.sio, self.desk = sio, Desk(name)
        self._pending: deque[tuple[str, list[Any]]] = deque()
        self._queue: queue.Queue[None] = queue.Queue()
        self._lock = threading.RLock()
        sio.on("connect", self._connect)
        sio.on("disconnect", self._disconnect)
        sio.on("join", self._join)
        sio.on("begin", self._begin)
        sio.on("bye", self._bye)
        for wire in WORLD["wire"]:
            if self.desk.knows(wire):
                sio.on(wire, self._handler(wire))
        spoil_threads(sio, self.desk)

    def start(self) -> None:
        """Start what works beside the handlers."""
        if WORLD["when"] == "queue":
            threading.Thread(target=self._work, daemon=True).start()
        if WORLD["producer"] == "file":
            threading.Thread(target=self._tail, daemon=True).start()
        if WORLD["noise"] == "heartbeat":
            threading.Thread(target=self._beat, daemon=True).start()

    def _beat(self) -> None:
        while True:
            time.sleep(0.1)
            self.sio.emit("tick", {"house": WORLD["house"]})

    def _connect(self, sid: str, _environ: Any, auth: Any = None) -> None:
        if isinstance(auth, dict) and HANDSHAKE in auth:
            with self._lock:
                for room in self.desk.page_came(sid, str(auth[HANDSHAKE])):
                    self.sio.enter_room(sid, room)
                self.sio.emit("welcome", {"house": WORLD["house"]}, to=sid)

    def _disconnect(self, sid: str, *_reason: Any) -> None:
        with self._lock:
            self.desk.gone(sid)

    def _join(self, sid: str, shift: str) -> dict[str, str]:
        with self._lock:
            if WORLD["replay"]:
                for name, arguments in self.desk.journal:
                    self._emit(Send(name, arguments, sid=sid))
            self.sio.enter_room(sid, self.desk.page_asks(sid, shift))
        return {"joined": shift}

    def _begin(self, _sid: str, shift: str) -> str:
        if WORLD["contract"] == "auto-discovery":
            self.sio.emit("shift-begun", {"shift": shift})
        return "ok"

    def _bye(self, _sid: str) -> str:
        return "ok"

    def _handler(self, wire: str) -> Any:
        def take(sid: str, *arguments: Any) -> str:
            self.desk.producer = sid
            self.take(wire, [*arguments])
            return "ok"

        return take

    def publish(self, name: str, arguments: list[Any]) -> bool:
        """Take an event that came by HTTP."""
        if not self.desk.knows(name):
            return False
        self.take(name, arguments)
        return True

    def take(self, name: str, arguments: list[Any]) -> None:
        """Take an event, and pass it on as this world does."""
        if hits("blocks", arguments):
            time.sleep(WORLD["delay_s"])
        with self._lock:
            self.desk.took(name, arguments)
            when = WORLD["when"]
            if when == "handler":
                self._pass(name, arguments)
                return
            self._pending.append((name, arguments))
        if when == "queue":
            self._queue.put(None)
        elif when == "task":
            self.sio.start_background_task(self._next)
        elif when == "timer":
            threading.Timer(0.02, self._next).start()
        else:
            threading.Thread(target=self._next, daemon=True).start()

    def _next(self) -> None:
        with self._lock:
            if self._pending:
                self._pass(*self._pending.popleft())

    def _work(self) -> None:
        while True:
            self._queue.get()
            self._next()

    def _pass(self, name: str, arguments: list[Any]) -> None:
        leaver = self.desk.leaver(arguments)
        if leaver is not None:
            self.sio.leave_room(*leaver)
        kicked = self.desk.kicked(arguments)
        if kicked is not None:
            self.sio.disconnect(kicked)
        for send in self.desk.sends(name, arguments):
            if send.wait_s:
                time.sleep(send.wait_s)
            self._emit(send)

    def _emit(self, send: Send) -> None:
        self.desk.gave(send)
        data = send.arguments[0] if len(send.arguments) == 1 else tuple(send.arguments)
        to = send.room if send.sid is None else send.sid
        self.sio.emit(send.name, data, to=to, skip_sid=send.skip, namespace=send.namespace)

    def _tail(self) -> None:
        """Read what the producer appends to the file, line by line."""
        path, at = Path(os.environ["EVENTS"]), 0
        while True:
            time.sleep(0.02)
            text = path.read_text("utf-8") if path.exists() else ""
            whole = text.rfind("\n") + 1
            for line in text[at:whole].splitlines():
                message = json.loads(line)
                if self.desk.knows(message["name"]):
                    self.take(message["name"], message["arguments"])
            at = whole
