"""What a python-socketio server does for its clients: connections, requests, answers, failures."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from . import where
from .encode import text, value
from .lookup import classes, lacks_method
from .loops import THREADS, home
from .patching import Make, hide_frame, is_coroutine_function, watch
from .running import Run
from .state import REQUEST, Seen, ThreadWork
from .wire import Wire

Hook = tuple[str, list[Any], str, Make]
"""Name of the hook, the classes, the method, and how to make the watched one."""

CONNECT, DISCONNECT, ACK, CONNECT_ERROR, BINARY_ACK = 0, 1, 3, 4, 6
"""Packet types of the Socket.IO protocol, revision 5."""

OWN_EVENTS = ("connect", "disconnect")
FENCE = "/__fence_"
"""How the namespaces of the harness's fences begin (taps/page/js/socketio.js)."""

BAD_ORIGIN = " is not an accepted origin."

_CONNECTING: ContextVar[dict[str, Any] | None] = ContextVar("harness_connecting", default=None)


def hooks(wire: Wire, seen: Seen) -> Iterator[Hook]:
    """Every hook in servers, both kinds."""
    servers = classes("Server", "AsyncServer")
    requests = _Requests(wire, seen)
    connections = _Connections(wire, seen)
    yield "receive", servers, "_handle_event_internal", watch(wire, requests.begin, requests.end)
    yield "trigger", servers, "_trigger_event", requests.triggering
    yield "in_flight", servers, "start_background_task", requests.background
    yield "connect", servers, "_handle_connect", watch(wire, connections.begin, connections.end)
    yield "fence", servers, "_handle_connect", answering_fences
    yield "answer", servers, "_send_packet", watch(wire, connections.sending, connections.sent)
    yield "served", servers, "_handle_eio_connect", watch(wire, connections.serve)
    yield "served", servers, "handle_request", watch(wire, connections.serve)
    posts = classes("EngineIOSocket", "EngineIOAsyncSocket")
    yield "post", posts, "handle_post_request", watch(wire, connections.posting, connections.posted)
    yield "bad_origin", classes("EngineIOServer"), "_log_error_once", watch(wire, connections.log_error)


class _Requests:
    """A client's event, from its arrival to the end of its handler."""

    def __init__(self, wire: Wire, seen: Seen) -> None:
        self._wire, self._seen = wire, seen
        self._numbers = itertools.count(1)

    def begin(
        self, me: Any, _server: Any, sid: str, _eio_sid: str, data: list[Any], namespace: str, ack_id: Any
    ) -> Any:
        self._seen.handlers[id(data)] = Run(me, sid, data[0])
        self._seen.began = (sid, data[0])
        number = next(self._numbers)
        self._wire.put(
            "receive",
            f'"sid":{text(sid)},"ns":{text(namespace)},"event":{text(data[0])},'
            f'"args":{value(data[1:])},"id":{value(ack_id)},"request":{number}',
        )
        return me, namespace, data, sid, REQUEST.set((sid, data[0], number))

    def end(self, context: Any, _result: Any, failure: BaseException | None) -> None:
        me, namespace, data, sid, token = context
        REQUEST.reset(token)
        self._seen.began = (sid, data[0])
        self._seen.handlers.pop(id(data), None)
        if isinstance(failure, Exception):
            self._failed(sid, data[0], failure, where.of_answer(me, namespace, sid, data, failure))

    def triggering(self, original: Any) -> Any:
        """Wraps `_trigger_event`, which looks a handler up and calls it. The events of clients take the short way."""
        own = watch(self._wire, self._own, self._own_done)(original)
        silent = self._no_handler

        async def trigger_coroutine(me: Any, event: str, *args: Any, **kwargs: Any) -> Any:
            if event in OWN_EVENTS:
                return await own(me, event, *args, **kwargs)
            try:
                result = await original(me, event, *args, **kwargs)
            except BaseException as error:
                hide_frame(error)
                raise
            if result is me.not_handled or (result is None and lacks_method(me, event, *args[:1])):
                silent(event, *args)
            return result

        def trigger(me: Any, event: str, *args: Any, **kwargs: Any) -> Any:
            if event in OWN_EVENTS:
                return own(me, event, *args, **kwargs)
            try:
                result = original(me, event, *args, **kwargs)
            except BaseException as error:
                hide_frame(error)
                raise
            if result is me.not_handled or (result is None and lacks_method(me, event, *args[:1])):
                silent(event, *args)
            return result

        return trigger_coroutine if is_coroutine_function(original) else trigger

    def _own(self, _me: Any, event: str, namespace: str, *args: Any) -> Any:
        """Before the handler of `connect`, with the client's id and its request, or `disconnect`, with the reason."""
        sid = args[0] if args else None
        connecting = _CONNECTING.get()
        if event == "connect" and connecting is not None:
            connecting["sid"] = sid
        elif event == "disconnect" and (REQUEST.get() or ())[:2] != (sid, event):
            reason = args[1] if len(args) > 1 else None
            self._wire.put("disconnect", f'"sid":{text(sid)},"ns":{text(namespace)},"reason":{text(reason)}')
        return event, sid

    def _own_done(self, context: Any, _result: Any, failure: BaseException | None) -> None:
        event, sid = context
        if event == "disconnect" and isinstance(failure, Exception) and REQUEST.get() is None:
            self._failed(sid, event, failure)

    def _no_handler(self, event: str, _namespace: str, sid: Any = None, *_args: Any) -> None:
        try:
            self._wire.put("no_handler", f'"sid":{text(sid)},"event":{text(event)}')
        except Exception as error:  # the target must never suffer from its observer
            self._wire.trouble("_trigger_event", error)

    def background(self, original: Any) -> Any:
        """Wraps `start_background_task`: handlers run in such tasks, and may start more of them."""
        seen = self._seen

        def start_background_task(me: Any, target: Any, *args: Any, **kwargs: Any) -> Any:
            if getattr(target, "__name__", "") == "_handle_event_internal" and len(args) > 3:
                seen.handlers.setdefault(id(args[3]))
            elif REQUEST.get() is not None:
                if not is_asyncio(me):
                    return original(me, counted(seen, target), *args, **kwargs)
                task = original(me, target, *args, **kwargs)
                seen.started(task)
                return task
            return original(me, target, *args, **kwargs)

        return start_background_task

    def _failed(self, sid: str, event: str, failure: BaseException, place: str | None = None) -> None:
        told = f'"error":{text(describe(failure))},"where":{text(place or where.of_error(failure))}'
        self._wire.put("handler_error", f'"sid":{text(sid)},"event":{text(event)},{told}')


class _Connections:
    """A client's connection to a namespace, and the packets that answer clients."""

    def __init__(self, wire: Wire, seen: Seen) -> None:
        self._wire, self._seen = wire, seen

    def serve(self, me: Any, *_args: Any) -> None:
        self._seen.serves(me, home(me))

    def begin(self, me: Any, eio_sid: str, namespace: str, auth: Any) -> Any:
        role = auth.get("role") if isinstance(auth, dict) else None
        environ = me.environ.get(eio_sid, {})
        try:
            transport = me.eio.transport(eio_sid)
        except KeyError:  # gone already
            transport = None
        about = {
            "sid": None,
            "role": role if isinstance(role, str) else None,
            "origin": environ.get("HTTP_ORIGIN"),
            "transport": transport,
        }
        return about, _CONNECTING.set(about)

    def end(self, context: Any, _result: Any, failure: BaseException | None) -> None:
        about, token = context
        _CONNECTING.reset(token)
        if isinstance(failure, Exception):
            self._wire.put(
                "handler_error",
                f'"sid":{text(about["sid"])},"event":"connect","error":{text(describe(failure))},'
                f'"where":{text(where.of_error(failure))}',
            )

    def sending(self, _me: Any, _eio_sid: str, packet: Any) -> Any:
        return packet if packet.packet_type in (CONNECT, DISCONNECT, ACK, CONNECT_ERROR, BINARY_ACK) else None

    def sent(self, packet: Any, _result: Any, failure: BaseException | None) -> None:
        if failure is not None:
            return
        connecting, request = _CONNECTING.get(), REQUEST.get()
        if packet.packet_type in (ACK, BINARY_ACK):
            sid, event = (None, None) if request is None else request[:2]
            self._wire.put(
                "answer",
                f'"sid":{text(sid)},"ns":{text(packet.namespace or "/")},"event":{text(event)},'
                f'"id":{value(packet.id)},"args":{value(packet.data)}',
            )
        elif packet.packet_type == CONNECT:
            self._member(packet, connecting or {})
        elif connecting is not None:
            self._refused(packet, connecting)

    def _member(self, packet: Any, about: dict[str, Any]) -> None:
        sid = packet.data.get("sid") if isinstance(packet.data, dict) else None
        self._wire.put(
            "connect",
            f'"sid":{text(sid)},"ns":{text(packet.namespace or "/")},"origin":{text(about.get("origin"))},'
            f'"transport":{text(about.get("transport"))},"role":{text(about.get("role"))}',
        )

    def _refused(self, packet: Any, about: dict[str, Any]) -> None:
        """The answer to a refused connection is a text, or an object with `message` and perhaps `data`."""
        told = packet.data if isinstance(packet.data, dict) else {"message": packet.data}
        self._wire.put(
            "refused",
            f'"sid":{text(about["sid"])},"ns":{text(packet.namespace or "/")},'
            f'"origin":{text(about["origin"])},"role":{text(about["role"])},'
            f'"reason":{text(told.get("message"))},"data":{value(told.get("data"))}',
        )

    def posting(self, me: Any, environ: dict[str, Any]) -> tuple[str, Any]:
        return me.sid, environ.get("CONTENT_LENGTH")

    def posted(self, context: tuple[str, Any], _result: Any, failure: BaseException | None) -> None:
        """Engine.IO (4.15) logs what a POST raised, throws all of its packets away and mostly answers "OK"."""
        if isinstance(failure, Exception):
            sid, size = context
            error = f"{type(failure).__name__}: {failure}"
            self._wire.put("post_dropped", f'"sid":{text(sid)},"error":{text(error)},"bytes":{text(str(size or ""))}')

    def log_error(self, _me: Any, message: str, key: str) -> None:
        """Engine.IO answers a foreign origin with 400 before any of its other code sees the request, and logs it."""
        if key == "bad-origin":
            self._wire.put("bad_origin", f'"origin":{text(message.removesuffix(BAD_ORIGIN))},"status":400')


def answering_fences(original: Any) -> Any:
    """Wraps `_handle_connect`: a fence is refused in order, as an undeclared namespace is, and no handler sees it.

    A server with `namespaces="*"` would run the application's connect handler for it.
    """

    def refusal(me: Any, namespace: str) -> Any:
        return me.packet_class(CONNECT_ERROR, data="Unable to connect", namespace=namespace)

    async def handle_connect_coroutine(me: Any, eio_sid: str, namespace: Any, data: Any) -> Any:
        if isinstance(namespace, str) and namespace.startswith(FENCE):
            return await me._send_packet(eio_sid, refusal(me, namespace))
        try:
            return await original(me, eio_sid, namespace, data)
        except BaseException as error:
            hide_frame(error)
            raise

    def handle_connect(me: Any, eio_sid: str, namespace: Any, data: Any) -> Any:
        if isinstance(namespace, str) and namespace.startswith(FENCE):
            return me._send_packet(eio_sid, refusal(me, namespace))
        try:
            return original(me, eio_sid, namespace, data)
        except BaseException as error:
            hide_frame(error)
            raise

    return handle_connect_coroutine if is_coroutine_function(original) else handle_connect


def counted(seen: Seen, target: Any) -> Any:
    """A thread's function that counts as in flight until it returns."""
    work = ThreadWork()
    seen.tasks.add(work)

    def run(*args: Any, **kwargs: Any) -> Any:
        work.thread = THREADS.get(threading.get_ident())  # `current_thread` would make one where there is none
        try:
            return target(*args, **kwargs)
        except BaseException as error:
            hide_frame(error)
            raise
        finally:
            seen.tasks.discard(work)

    run.__name__ = getattr(target, "__name__", run.__name__)  # threads are named after it
    return run


def is_asyncio(server: Any) -> bool:
    return is_coroutine_function(type(server).handle_request)


def describe(failure: BaseException) -> str:
    """The exception's name and text, shortened."""
    return f"{type(failure).__name__}: {failure}"[:500]
