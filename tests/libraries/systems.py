"""Servers and clients of the real libraries on free ports, for as long as a test needs them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import socketio
from aiohttp import web

MODULES = Path(__file__).parents[2] / "fixtures" / "targets" / "node_modules"
"""Where socket.io and its client for Node.js are."""
PATIENCE_S = 30.0
POLL_S = 0.01


@contextlib.asynccontextmanager
async def python_server(**options: Any) -> AsyncIterator[tuple[socketio.AsyncServer, str]]:
    """A python-socketio server on aiohttp, and its address."""
    server = socketio.AsyncServer(async_mode="aiohttp", **options)
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield server, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def node(script: str, *arguments: str) -> AsyncIterator[asyncio.StreamReader]:
    """A program on Node.js, and what it prints."""
    process = await asyncio.create_subprocess_exec(
        *("node", "-e", script, *arguments), stdout=subprocess.PIPE, env={**os.environ, "NODE_PATH": str(MODULES)}
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself
            process.kill()
        await process.wait()


async def line(output: asyncio.StreamReader) -> str:
    """The next line that a program prints."""
    return (await asyncio.wait_for(output.readline(), PATIENCE_S)).decode().strip()


async def until(condition: Callable[[], Any]) -> None:
    """Wait for what a library's callbacks bring about."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # libraries call back into lists: there is no event to wait for
            await asyncio.sleep(POLL_S)
