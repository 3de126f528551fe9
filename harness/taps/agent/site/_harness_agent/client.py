"""What a python-socketio client does: its connection, the events that it sends, the acknowledgements that it gets."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from time import monotonic_ns
from typing import Any
from weakref import WeakKeyDictionary

from . import where
from .encode import size_of, text, url, value
from .lookup import classes
from .patching import watch
from .serving import Hook, describe
from .wire import Wire

EVENT, BINARY_EVENT = 2, 5
"""Packet types of the Socket.IO protocol, revision 5."""

NO_NAMESPACE = "BadNamespaceError"
"""What python-socketio raises at an emit in a namespace that the client is not connected to."""


def hooks(wire: Wire) -> Iterator[Hook]:
    """Every hook in clients, both kinds."""
    clients = classes("Client", "AsyncClient")
    events, connections = _Events(wire), _Connections(wire)
    yield "emit", clients, "emit", watch(wire, events.emitting, events.emitted)
    yield "send", clients, "_send_packet", watch(wire, events.sending, events.sent)
    yield "ack", clients, "_handle_ack", watch(wire, events.acknowledged)
    yield "client_connected", clients, "_handle_connect", watch(wire, connections.connected)
    yield "client_disconnected", clients, "_handle_disconnect", watch(wire, connections.ended_by_server)
    yield "client_disconnected", clients, "_handle_eio_disconnect", watch(wire, connections.closing, connections.closed)
    yield "client_refused", clients, "_trigger_event", watch(wire, connections.trigger)


class _Events:
    """Events on their way to the server."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._waiting: WeakKeyDictionary[Any, dict[tuple[str, int], str]] = WeakKeyDictionary()

    @staticmethod
    def emitting(_me: Any, event: Any, data: Any = None, namespace: Any = None, *_args: Any, **_options: Any) -> Any:
        """Before an emit, which makes no packet for a namespace that the client is not connected to."""
        return event, data, namespace

    def emitted(self, context: Any, _result: Any, failure: BaseException | None) -> None:
        """What a packet raises is told where it is sent."""
        if type(failure).__name__ != NO_NAMESPACE:
            return
        event, data, namespace = context
        args = value([] if data is None else list(data) if isinstance(data, tuple) else [data])
        self._wire.put(
            "send_failed",
            f'"event":{text(event)},"args":{args},"ns":{text(namespace or "/")},"where":{text(where.of_caller())},'
            f'"error":{text(describe(failure) if failure is not None else "")}',
        )

    def sending(self, me: Any, packet: Any) -> Any:
        """Before a packet is handed to Engine.IO, which drops it without a word when it isn't connected."""
        if packet.packet_type not in (EVENT, BINARY_EVENT):
            return None
        namespace, ack_id = packet.namespace or "/", packet.id
        event, args = packet.data[0], value(packet.data[1:])
        about = f'"event":{text(event)},"args":{args}'
        if ack_id is not None:
            self._waiting.setdefault(me, {})[namespace, ack_id] = about
        state = getattr(me.eio, "state", "connected")
        place = f'"bytes":{size_of(args)},"where":{text(where.of_caller())}'
        return f'{about},"ns":{text(namespace)},"id":{value(ack_id)},{place}', state, monotonic_ns()

    def sent(self, context: Any, _result: Any, failure: BaseException | None) -> None:
        body, state, at_ns = context
        if failure is None and state == "connected":
            self._wire.put("send", body, at_ns)
            return
        error = describe(failure) if failure is not None else f"dropped: the connection was {state}"
        self._wire.put("send_failed", f'{body},"error":{text(error)}', at_ns)

    def acknowledged(self, me: Any, namespace: Any, ack_id: Any, data: Any) -> None:
        """Before the callback runs, which may end the process."""
        about = self._waiting.get(me, {}).pop((namespace or "/", ack_id), '"event":null,"args":null')
        self._wire.put("ack", f'{about},"id":{value(ack_id)},"ns":{text(namespace or "/")},"result":{value(data)}')


class _Connections:
    """The client's connection."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def connected(self, me: Any, namespace: Any, _data: Any = None) -> None:
        if (namespace or "/") in me.namespaces:
            return
        self._wire.put(
            "client_connected",
            f'{self._address(me)},"transport":{text(me.transport())},"ns":{text(namespace or "/")}',
        )

    @staticmethod
    def _address(me: Any) -> str:
        return f'"url":{url(me.connection_url if isinstance(me.connection_url, str) else "(chosen by a function)")}'

    def ended_by_server(self, me: Any, namespace: Any) -> None:
        """The server ends the connection to a namespace."""
        if me.connected:
            self._gone("server disconnect", namespace or "/")

    def closing(self, me: Any, *args: Any) -> Any:
        """Engine.IO calls again, without the reason, where python-socketio doesn't know about it: say it afterwards.

        Then its state tells whether the client ended the connection itself (python-socketio before 5.12).
        """
        own = "client disconnect" if getattr(me.eio, "state", "connected") != "connected" else None
        return (list(me.namespaces), args[0] if args else own) if me.connected else None

    def closed(self, context: Any, _result: Any, failure: BaseException | None) -> None:
        if failure is None:
            namespaces, reason = context
            for namespace in namespaces:
                self._gone(reason, namespace)

    def trigger(self, me: Any, event: str, namespace: Any = None, *args: Any) -> None:
        if event == "connect_error":
            told = _why(args[0] if args else None)
            self._wire.put("client_refused", f'"ns":{text(namespace)},"error":{value(told)},{self._address(me)}')

    def _gone(self, reason: Any, namespace: str) -> None:
        self._wire.put("client_disconnected", f'"ns":{text(namespace)},"reason":{text(reason)}')


def _why(told: Any) -> Any:
    """Why it could not connect. Of an answer over HTTP python-socketio hands on what it says, and not its status."""
    error = sys.exc_info()[1]
    status = error.args[0] if error is not None and len(error.args) > 1 and error.args[1] is told else None
    if not isinstance(status, str) or isinstance(told, str):
        return told
    return f"{status}: {told}" if told else status
