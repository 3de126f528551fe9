"""Namespaces that are classes: an event without a method of its name is dropped in silence, and even acknowledged."""

from __future__ import annotations

from typing import Any

import flask_socketio
import pytest
import socketio

from harness.taps.agent.site._harness_agent.lookup import lacks_method


class Ferry(socketio.Namespace):  # type: ignore[misc]  # the package has no types
    def on_cast_off(self, sid: str) -> None:
        """The only one."""


class AsyncFerry(socketio.AsyncNamespace):  # type: ignore[misc]
    async def on_cast_off(self, sid: str) -> None:
        """The only one."""


class FlaskFerry(flask_socketio.Namespace):  # type: ignore[misc]
    def on_cast_off(self) -> None:
        """The only one."""


class Dispatching(Ferry):
    def trigger_event(self, event: str | None, *args: Any) -> Any:
        return super().trigger_event((event or "").replace("-", "_"), *args)


class Answering(Ferry):
    def __getattr__(self, name: str) -> Any:
        return lambda *args: None


def serving(handler: Any) -> Any:
    server = (
        socketio.AsyncServer(async_mode="asgi")
        if handler.is_asyncio_based()
        else socketio.Server(async_mode="threading")
    )
    server.register_namespace(handler)
    return server


@pytest.mark.parametrize("kind", [Ferry, AsyncFerry, FlaskFerry])
def test_a_class_without_a_method_of_an_events_name_does_not_handle_it(kind: Any) -> None:
    server = serving(kind("/ferry"))
    assert lacks_method(server, "cast-off", "/ferry"), "no method can have that name"
    assert not lacks_method(server, "cast_off", "/ferry")
    assert not lacks_method(server, "cast-off", "/"), "the library itself says that no handler is there"


@pytest.mark.parametrize("kind", [Dispatching, Answering])
def test_a_class_that_chooses_its_methods_itself_may_handle_anything(kind: Any) -> None:
    assert not lacks_method(serving(kind("/ferry")), "cast-off", "/ferry")


@pytest.mark.parametrize("name", ["cast-off", "*"])
@pytest.mark.parametrize("namespace", ["/ferry", "*"])
def test_a_function_comes_before_the_class(name: str, namespace: str) -> None:
    server = serving(Ferry("/ferry"))
    server.on(name, lambda *args: None, namespace=namespace)
    assert not lacks_method(server, "cast-off", "/ferry")


def test_a_class_may_serve_every_namespace() -> None:
    assert lacks_method(serving(Ferry("*")), "cast-off", "/any")
    assert not lacks_method(serving(Ferry("*")), "cast_off", "/any")
    assert not lacks_method(object(), "cast-off", "/any"), "a version that keeps them elsewhere"
