"""Whom a server's emit goes to, taken from the iteration that sends, and who is in which room."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import ContextVar, Token
from time import monotonic_ns
from typing import Any

from . import where
from .encode import room as name_of
from .encode import sids, text, value
from .lookup import classes, definer
from .loops import foreigner
from .patching import Begin, End, hide_frame, watch
from .queues import publishes, queue
from .serving import Hook
from .state import REQUEST, ROUTE, Seen, members
from .wire import Wire

HANDING: ContextVar[list[str] | None] = ContextVar("HANDING", default=None)
"""The emit that is being passed on to other processes: what is told of it, and after that whether it was given up."""


ALONE: ContextVar[bool] = ContextVar("ALONE", default=False)
"""Whether the emit that is resolved was told to leave the message queue out."""


class _Route:
    """One emit of a manager, open while its recipients are iterated.

    `at_ns` is when it began: a threaded server sends to each recipient before it resolves the next one.
    """

    __slots__ = (
        "args",
        "at_ns",
        "event",
        "foreign",
        "manager",
        "namespace",
        "recipients",
        "recorded",
        "room",
        "skipped",
        "token",
    )

    def __init__(self, manager: Any, event: str, args: str, namespace: str, room: Any, skipped: list[Any]) -> None:
        self.manager, self.event, self.args = manager, event, args
        self.namespace, self.room, self.skipped = namespace, room, skipped
        self.at_ns = monotonic_ns()
        self.recipients: list[str] = []
        self.recorded = False
        self.token: Any = None
        self.foreign: str | None = None


def hooks(wire: Wire, seen: Seen) -> Iterator[Hook]:
    """Every hook in managers, both kinds."""
    managers = classes("Manager", "AsyncManager")
    routes, rooms = _Routes(wire, seen), _Rooms(wire)
    yield "route", managers, "emit", watch(wire, routes.begin, routes.end)
    yield "recipients", classes("BaseManager"), "get_participants", routes.participants
    published = watch(wire, routes.publish, routes.published)
    yield "publish", classes("PubSubManager", "AsyncPubSubManager"), "emit", published
    given_up = watch(wire, routes.handing, routes.handed)
    yield "publish", classes("RedisManager", "AsyncRedisManager"), "_publish", given_up
    moves: list[tuple[str, Begin, End]] = [
        ("enter_room", rooms.entering, rooms.entered),
        ("leave_room", rooms.leaving, rooms.left),
    ]
    if any(hasattr(manager, "basic_close_room") for manager in managers):  # before 5.9 it went through leave_room
        moves.append(("close_room", rooms.closing, rooms.left))
    for method, begin, end in moves:
        owners = list({definer(manager, method) for manager in managers})
        yield "rooms", owners, method, watch(wire, begin, end)


class _Routes:
    """Recipient resolution."""

    def __init__(self, wire: Wire, seen: Seen) -> None:
        self._wire, self._seen = wire, seen

    def begin(
        self, me: Any, event: str, data: Any, namespace: str, room: Any = None, skip_sid: Any = None,
        callback: Any = None, to: Any = None, **_more: Any,
    ) -> _Route:  # fmt: skip
        skipped = skip_sid if isinstance(skip_sid, list) else [skip_sid]
        route = _Route(me, event, value(arguments(data)), namespace, to or room, skipped)
        route.token = ROUTE.set(route)
        route.foreign = foreigner(self._seen, me.server)
        if REQUEST.get() is None:  # a handler's own counts as in flight by itself
            self._seen.emits.add(route)
        return route

    def end(self, route: _Route, _result: Any, failure: BaseException | None) -> None:
        ROUTE.reset(route.token)
        self._seen.emits.discard(route)
        if not route.recorded and (failure is None or route.recipients):
            self._record(route)

    def participants(self, original: Any) -> Any:
        """Wraps `get_participants`, a generator: what it yields to an emit is what that emit sends to."""

        def get_participants(*args: Any, **kwargs: Any) -> Any:
            route: _Route | None = ROUTE.get()
            if route is None or route.recorded or self._wire.silent:
                return original(*args, **kwargs)
            return self._followed(route, original(*args, **kwargs))

        return get_participants

    def _followed(self, route: _Route, pairs: Any) -> Iterator[Any]:
        skipped, recipients = route.skipped, route.recipients
        try:
            for pair in pairs:
                if pair[0] not in skipped:
                    recipients.append(pair[0])
                yield pair
        except BaseException as error:
            hide_frame(error)
            raise
        try:
            self._record(route)
        except Exception as error:  # the target must never suffer from its observer
            self._wire.trouble("get_participants", error)

    def _record(self, route: _Route) -> None:
        route.recorded = True
        manager, namespace, request = route.manager, route.namespace, REQUEST.get()
        is_passed_on = publishes(manager) and not ALONE.get()
        body = (
            f'"event":{text(route.event)},"args":{route.args},"ns":{text(namespace)},"room":{name_of(route.room)},'
            f'"recipients":{sids(route.recipients)},"where":{text(where.of_caller())},'
            f'"served":{_json(self._seen.served(manager.server))},"publishes":{_json(is_passed_on)},'
            f'"request":{"null" if request is None else request[2]}'
        )
        if route.foreign is not None:
            body += f',"foreign":{text(route.foreign)}'
        if not route.recipients:
            inside = members(manager, namespace)
            body += f",{inside[1:-1]}"
            if namespace not in manager.rooms:
                body += ',"namespace":"unknown"'
        self._wire.put("route", body, route.at_ns)

    def publish(self, me: Any, event: str, data: Any, namespace: Any = None, room: Any = None, skip_sid: Any = None,
                callback: Any = None, to: Any = None, **more: Any) -> Any:  # fmt: skip
        """Before a manager with a message queue passes an event on, or keeps an emit in its process."""
        if more.get("ignore_queue"):
            return ALONE.set(True)
        body = (
            f'"event":{text(event)},"args":{value(arguments(data))},"ns":{text(namespace or "/")},'
            f'"room":{name_of(to or room)},"where":{text(where.of_caller())},{queue(me)}'
        )
        handing = [body]
        HANDING.set(handing)
        return handing

    def published(self, handing: list[str] | Token[bool], _result: Any, failure: BaseException | None) -> None:
        if isinstance(handing, Token):
            ALONE.reset(handing)
        elif failure is None:
            self._wire.put("publish" if len(handing) == 1 else "not_queued", handing[0])

    @staticmethod
    def handing(_me: Any, message: Any) -> Any:
        """Before a message is handed to Redis; None for one that is not an emit's."""
        return HANDING.get() if isinstance(message, dict) and message.get("method") == "emit" else None

    @staticmethod
    def handed(handing: list[str], result: Any, _failure: BaseException | None) -> None:
        """Redis says to how many it was given; the library, which swallows what Redis raises, returns nothing then."""
        if result is None:
            handing.append("given up")


class _Rooms:
    """Entering and leaving. A client's own room and that of all (None) come with its connection and are left out."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def entering(self, _me: Any, sid: str, namespace: str, room: Any, eio_sid: Any = None) -> Any:
        return None if room is None or room == sid else (sid, namespace, room)

    def entered(self, context: Any, _result: Any, failure: BaseException | None) -> None:
        if failure is None:
            self._say("join", *context)

    def leaving(self, me: Any, sid: str, namespace: str, room: Any) -> Any:
        if room is None or room == sid or sid not in inside(me, namespace, room):
            return None
        return namespace, room, [sid]

    def closing(self, me: Any, room: Any, namespace: Any = None) -> Any:
        return namespace or "/", room, list(inside(me, namespace or "/", room))

    def left(self, context: Any, _result: Any, failure: BaseException | None) -> None:
        namespace, room, gone = context
        if failure is None:
            for sid in gone:
                self._say("leave", sid, namespace, room, f',"where":{text(where.of_caller())}')

    def _say(self, kind: str, sid: str, namespace: str, room: Any, more: str = "") -> None:
        self._wire.put(kind, f'"sid":{text(sid)},"ns":{text(namespace)},"room":{name_of(room)}{more}')


def arguments(data: Any) -> list[Any]:
    """What python-socketio sends for the `data` of an emit: a tuple is several arguments, None is no argument."""
    if isinstance(data, tuple):
        return list(data)
    return [] if data is None else [data]


def inside(manager: Any, namespace: str, room: Any) -> Any:
    return manager.rooms.get(namespace, {}).get(room, {})


def _json(flag: bool) -> str:
    return "true" if flag else "false"
