"""What the agent knows of the servers in this process, and its answer when the harness asks."""

from __future__ import annotations

import asyncio
import json
import sys
from _json import encode_basestring_ascii as quote
from collections.abc import Mapping
from contextvars import ContextVar
from time import monotonic_ns
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from . import background, running, where
from .encode import room as name_of
from .encode import sids
from .patching import replace
from .queues import publishes, queue
from .wire import Wire

REQUEST: ContextVar[tuple[str, str, int] | None] = ContextVar("harness_request", default=None)
"""(Socket.IO id, event, its number among those received) of the request that the running code is working for."""

ROUTE: ContextVar[Any] = ContextVar("harness_route", default=None)
"""The emit that the running code belongs to, while it is resolved and sent."""


class Seen:
    """Servers that have served a client, and the work that is going on for requests."""

    def __init__(self) -> None:
        self.servers: WeakSet[Any] = WeakSet()
        self.handlers: dict[int, Any] = {}  # those that run or, with None, are scheduled, by their packet's data
        self.tasks: set[Any] = set()  # what handlers have started and not waited for
        self.failed: WeakKeyDictionary[Any, int] = WeakKeyDictionary()  # when: their errors may stay unread
        self.emits: set[Any] = set()  # outside of handlers, begun and not yet returned
        self.loops: WeakSet[Any] = WeakSet()
        self.homes: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()  # the loop or thread that a server runs in
        self.began: tuple[str, str] | None = None  # the request that the running step of a loop took up or ended
        self._last_loop = 0

    def serves(self, server: Any, at_home: Any = None) -> None:
        self.servers.add(server)
        if at_home is not None and server not in self.homes:
            self.homes[server] = at_home

    def served(self, server: Any) -> bool:
        return server is not None and server in self.servers

    def is_handler(self, thread: Any) -> bool:
        """Whether a thread runs what a handler started, which is counted as such."""
        return any(getattr(each, "thread", None) is thread for each in list(self.tasks))

    def runs(self, loop: Any) -> None:
        """Note a loop; called for every task."""
        if id(loop) != self._last_loop:
            self._last_loop = id(loop)
            self.loops.add(loop)

    def started(self, task: Any) -> None:
        """Count a task that a handler started, until it is done."""
        if task not in self.tasks:
            self.tasks.add(task)
            task.add_done_callback(self._done)

    def follows(self, task: Any) -> None:
        """Note how a task of the target's own ends that no handler started, as a worker that is begun with the server.

        What belongs to a library, as a task of each connection, is left alone.
        """
        code = getattr(task.get_coro(), "cr_code", None)
        if code is not None and not where.is_foreign(code):
            task.add_done_callback(self._done)

    def _done(self, task: Any) -> None:
        self.tasks.discard(task)
        if getattr(task, "_exception", None) is not None:  # asking the task itself would count as looking at it
            self.failed[task] = monotonic_ns()


class ThreadWork:
    """A function that a handler has handed to a thread: in flight until it returns."""

    __slots__ = ("thread",)

    def __init__(self) -> None:
        self.thread: Any = None


def _is_idle(work: Any) -> bool:
    """Whether what a handler has started only waits for more work: a worker that was started with the first event."""
    if isinstance(work, ThreadWork):
        return work.thread is not None and not background.is_busy(work.thread)
    return hasattr(work, "get_coro") and not background.is_at_work(work)


class Answering:
    """Answers `{"sync": token}`: its record comes after everything recorded before."""

    def __init__(self, wire: Wire, seen: Seen, hooks: Mapping[str, bool]) -> None:
        self._wire, self._seen, self._hooks = wire, seen, hooks

    def answer(self, line: str) -> None:
        token = json.loads(line)["sync"]
        handlers = len(self._seen.handlers) + len(self._seen.emits)
        started = [task for task in list(self._seen.tasks) if not _is_idle(task)]
        in_flight = handlers + len(started)
        busy = background.working(self._seen.tasks, self._seen.loops, self._seen.is_handler)
        namespaces, queued, listens = [], [], []
        for server in list(self._seen.servers):
            manager = server.manager
            for namespace in list(manager.rooms):
                namespaces.append(f"{quote(namespace)}:{members(manager, namespace)}")
                queued.extend(_queues(server, namespace))
            if publishes(manager):
                listens.append(f'{{{queue(manager)},"connected":{sids(_connected(manager))}}}')
        self._wire.put(
            "sync",
            f'"token":{json.dumps(token)},"in_flight":{in_flight},"handlers":{handlers},"background":{busy},'
            f'"running":{running.told(list(self._seen.handlers.values()))},'
            f'"namespaces":{{{",".join(namespaces)}}},"queued":{{{",".join(queued)}}},'
            f'"listens":[{",".join(listens)}],'
            f'"hooks":{booleans(self._hooks)},"troubles":{self._wire.troubles}',
        )


def members(manager: Any, namespace: str) -> str:
    """JSON: the rooms of a namespace with the ids in them (not each client's own), and the ids of all connected."""
    rooms = _copy(manager.rooms.get(namespace, {}))
    connected = list(_copy(rooms.pop(None, {})))
    known = set(connected)
    shown = [f"{name_of(room)}:{sids(_copy(inside))}" for room, inside in rooms.items() if room not in known]
    return f'{{"rooms":{{{",".join(shown)}}},"connected":{sids(connected)}}}'


def _connected(manager: Any) -> list[str]:
    """The ids of all that are connected, in whatever namespace."""
    return [sid for rooms in _copy(manager.rooms).values() for sid in _copy(_copy(rooms).get(None, {}))]


def booleans(flags: Mapping[str, bool]) -> str:
    return json.dumps(dict(flags), separators=(",", ":"))


def _copy(mapping: Any) -> dict[Any, Any]:
    """A copy taken in one step, for the target's threads go on meanwhile. A room is a bidict around a dict."""
    plain = getattr(mapping, "_fwdm", mapping)
    return dict(plain)


def _queues(server: Any, namespace: str) -> list[str]:
    """How many packets engineio still holds for each client."""
    queues = []
    for sid, eio_sid in _copy(server.manager.rooms.get(namespace, {}).get(None, {})).items():
        connection = server.eio.sockets.get(eio_sid)
        if connection is not None:
            queues.append(f"{quote(sid)}:{_waiting(connection.queue)}")
    return queues


def _waiting(packets: Any) -> int:
    """How many wait in a queue, without its lock: that may be a lock of greenlets, and this is a thread."""
    inside: Any = getattr(packets, "queue", None)
    if inside is None:
        inside = getattr(packets, "_queue", None)
    return len(inside) if hasattr(inside, "__len__") else int(packets.qsize())


def count_tasks(seen: Seen) -> bool:
    """Have the event loops count the tasks that handlers create by themselves, for nothing else does."""

    def make(original: Any) -> Any:
        def create_task(*args: Any, **kwargs: Any) -> Any:
            task = original(*args, **kwargs)
            seen.runs(task.get_loop())
            if REQUEST.get() is None:
                seen.follows(task)
            elif ROUTE.get() is None:  # an emit waits for its own tasks
                seen.started(task)
            return task

        return create_task

    done = replace(asyncio.BaseEventLoop, "create_task", make)
    if "uvloop" in sys.modules:  # its loop is not a Python class
        replace(asyncio, "create_task", make)
    return done
