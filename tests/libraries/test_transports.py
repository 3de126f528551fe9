"""How python-socketio's connections end, and what goes with them."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import pytest
import socketio

from tests.libraries.systems import line, node, python_server, until
from tests.support.page_server import PageServer

CLIENT = """
const socket = require('socket.io-client').io(process.argv[1], {transports: [process.argv[2]], reconnection: false});
socket.on('connect', () => console.log('connect recovered', socket.recovered));
socket.on('disconnect', (reason) => console.log('disconnect', reason));
setInterval(() => socket.connected && socket.emit('beat'), 50);
"""


def test_bytes_to_all_cost_a_polling_client_its_whole_queue() -> None:
    async def play() -> None:
        async with python_server() as (server, url):
            got: dict[str, list[str]] = {"websocket": [], "polling": []}
            ended: list[Any] = []
            clients = [socketio.AsyncClient(reconnection=False) for _ in got]
            for client, transport in zip(clients, got, strict=True):
                client.on("*", lambda name, *_data, into=got[transport]: into.append(name))
                client.on("disconnect", ended.append)
                await client.connect(url, transports=[transport])
            await server.emit("before")
            await until(lambda: all("before" in names for names in got.values()))
            await server.emit("bytes", b"1")
            await server.emit("after")
            await until(lambda: ended and "after" in got["websocket"])
            assert got == {"websocket": ["before", "bytes", "after"], "polling": ["before"]}
            assert ended == ["transport error"]
            for client in clients:
                await client.disconnect()

    asyncio.run(play())


@pytest.mark.parametrize(("transport", "heard"), [("websocket", "ping timeout"), ("polling", "transport close")])
def test_a_connection_that_only_engine_io_ends_is_noticed_late_over_websocket(transport: str, heard: str) -> None:
    async def play() -> None:
        async with python_server(ping_interval=1, ping_timeout=1) as (server, url):
            beats: list[str] = []
            server.on("beat", beats.append)
            async with node(CLIENT, url, transport) as output:
                assert await line(output) == "connect recovered undefined"
                await until(lambda: beats)
                for sid in list(server.eio.sockets):
                    await server.eio.disconnect(sid)
                received, ended = len(beats), time.monotonic()
                assert await line(output) == f"disconnect {heard}"
                assert len(beats) == received, "what the client emits meanwhile is lost"
                if transport == "websocket":
                    assert time.monotonic() - ended > 0.5

    asyncio.run(play())


def test_a_silent_client_is_dropped_after_interval_and_timeout_at_the_earliest() -> None:
    async def play() -> None:
        async with python_server(ping_interval=0.3, ping_timeout=0.3) as (server, url):
            ended: list[str] = []
            server.on("disconnect", lambda _sid, reason: ended.append(reason))
            async with aiohttp.ClientSession() as http:
                address = url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
                async with http.ws_connect(address) as line_:
                    await line_.receive()
                    await line_.send_str("40")
                    await line_.receive()
                    begun = time.monotonic()
                    await until(lambda: ended)
            assert time.monotonic() - begun > 0.55
            assert ended[0] in ("ping timeout", "transport close"), "two timers race for it"

    asyncio.run(play())


def test_recovery_adds_an_argument_to_every_event_of_a_node_server() -> None:
    server = """
    const http = require('http').createServer();
    const io = new (require('socket.io').Server)(http, {connectionStateRecovery: {}});
    io.on('connection', (socket) => socket.emit('news', 'one'));
    http.listen(0, '127.0.0.1', () => console.log(http.address().port));
    """

    async def play() -> None:
        async with node(server) as output:
            port = await line(output)
            got: list[tuple[Any, ...]] = []
            client = socketio.AsyncClient(reconnection=False)
            client.on("news", lambda *data: got.append(data))
            await client.connect(f"http://127.0.0.1:{port}")
            await until(lambda: got)
            assert got[0][0] == "one" and len(got[0]) == 2
            await client.disconnect()

    asyncio.run(play())


@pytest.mark.parametrize(("served_by", "code"), [("asgi", 1000), ("aiohttp", 1009)])
def test_a_frame_over_the_limit_ends_the_connection_without_a_word(
    served_by: str, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    received: list[Any] = []
    ended: list[Any] = []

    async def talk(server: Any, url: str) -> None:
        server.on("beat", lambda _sid, data: received.append(data))
        server.on("disconnect", lambda _sid, reason: ended.append(reason))
        async with aiohttp.ClientSession() as http:
            address = url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
            async with http.ws_connect(address) as line_:
                await line_.send_str("40")
                for data in ("x", "x" * 2000, "y"):
                    await line_.send_str(f'42["beat","{data}"]')
                while not line_.closed:
                    await line_.receive()
                assert line_.close_code == code
                await until(lambda: ended)

    async def on_aiohttp() -> None:
        async with python_server(max_http_buffer_size=1000) as (server, url):
            await talk(server, url)

    if served_by == "asgi":
        with PageServer(max_http_buffer_size=1000) as server:
            asyncio.run(talk(server.sio, server.url))
    else:
        asyncio.run(on_aiohttp())
    assert received == ["x"], "what came after it on that connection is lost as well"
    assert [r.getMessage() for r in caplog.records if r.name.split(".")[0] in ("socketio", "engineio", "aiohttp")] == []
