"""What a browser's emulation of being offline does to a connection that is open."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from harness.launch.browser import find_browser
from tests.libraries.systems import MODULES, PATIENCE_S, POLL_S, python_server, until

CLIENT = MODULES / "socket.io-client" / "dist" / "socket.io.js"
WATCH = """(address) => new Promise((connected) => {
  window.got = [];
  window.ends = [];
  window.socket = io(address, {transports: ['websocket']});
  socket.on('news', (number) => got.push(number));
  socket.on('disconnect', (reason) => ends.push(reason));
  socket.on('connect', () => connected(null));
})"""
PLAIN = """(address) => new Promise((opened) => {
  window.got = [];
  window.line = new WebSocket(address);
  line.onmessage = (message) => got.push(message.data);
  line.onopen = () => opened(null);
})"""


@asynccontextmanager
async def _contexts(count: int) -> AsyncIterator[list[BrowserContext]]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser().executable)
        yield [await browser.new_context() for _ in range(count)]
        await browser.close()


async def _watching(context: BrowserContext, url: str) -> Page:
    page = await context.new_page()
    await page.goto(url)
    await page.add_script_tag(path=CLIENT)
    await page.evaluate(WATCH, url)
    return page


def test_socket_io_s_client_hangs_up_when_offline_and_misses_what_is_sent_meanwhile() -> None:
    async def play() -> None:
        async with python_server() as (server, url), _contexts(2) as (first, second):
            beats: list[Any] = []
            server.on("beat", lambda _sid, number: beats.append(number))
            away, here = await _watching(first, url), await _watching(second, url)
            await first.set_offline(True)
            await away.wait_for_function("ends.length === 1")
            for number in (1, 2, 3):
                await server.emit("news", number)
                await away.evaluate("(number) => void socket.emit('beat', number)", number)
            await here.wait_for_function("got.length === 3")
            await first.set_offline(False)
            await until(lambda: len(beats) == 3)
            assert await away.evaluate("[got, ends]") == [[], ["transport close"]]
            assert beats == [1, 2, 3], "what the page emitted meanwhile was kept"

    asyncio.run(play())


def test_a_plain_websocket_stays_open_and_gets_everything_in_order_afterwards() -> None:
    async def play() -> None:
        lines: list[web.WebSocketResponse] = []
        told: list[str] = []

        async def accept(request: web.Request) -> web.WebSocketResponse:
            line = web.WebSocketResponse()
            await line.prepare(request)
            lines.append(line)
            async for message in line:
                told.append(message.data)  # noqa: PERF401  # one at a time: the test looks while they come
            return line

        async def empty(_request: web.Request) -> web.Response:
            return web.Response(content_type="text/html")

        app = web.Application()
        app.router.add_get("/line", accept)
        app.router.add_get("/", empty)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"127.0.0.1:{runner.addresses[0][1]}"
        async with _contexts(2) as (first, second):
            pages = [await context.new_page() for context in (first, second)]
            for page in pages:
                await page.goto(f"http://{address}/")
                await page.evaluate(PLAIN, f"ws://{address}/line")
            away, here = pages
            await first.set_offline(True)
            for number in "123":
                for line in lines:
                    await line.send_str(number)
                await away.evaluate("(number) => line.send(number)", number)
            await here.wait_for_function("got.length === 3")
            await here.evaluate("line.send('fence')")
            await until(lambda: "fence" in told)
            assert (await away.evaluate("got.length"), told) == (0, ["fence"]), "held both ways"
            await first.set_offline(False)
            await away.wait_for_function("got.length === 3")
            await until(lambda: len(told) == 4)
            assert (await away.evaluate("got"), told) == (["1", "2", "3"], ["fence", "1", "2", "3"])
        await runner.cleanup()

    asyncio.run(play())


def test_a_page_whose_state_is_frozen_takes_everything_at_once() -> None:
    async def play() -> None:
        async with python_server() as (server, url), _contexts(1) as [context]:
            page = await _watching(context, url)
            tools = await context.new_cdp_session(page)
            await tools.send("Page.setWebLifecycleState", {"state": "frozen"})
            for number in (1, 2, 3):
                await server.emit("news", number)
            await until_async(page, "got.length === 3")
            await tools.send("Page.setWebLifecycleState", {"state": "active"})
            assert await page.evaluate("ends") == []

    asyncio.run(play())


async def until_async(page: Page, condition: str) -> None:
    """As `wait_for_function`, which waits for frames; a page that is frozen may have none."""
    async with asyncio.timeout(PATIENCE_S):
        while not await page.evaluate(condition):
            await asyncio.sleep(POLL_S)


def test_an_expectation_looks_every_half_second_and_may_miss_what_is_shorter() -> None:
    """With a time-out of 2.5 s or more, the usual 5 s among them; below that it looks more often."""

    async def play() -> None:
        async with _contexts(1) as [context]:
            page = await context.new_page()
            await page.set_content("<p>waiting</p>")
            with pytest.raises(AssertionError) as failed:
                await expect(page.locator("p")).to_have_text("done", timeout=2600)
            [looks] = {int(count) for count in re.findall(r"(\d+) × ", str(failed.value))}
            assert looks <= 10, "at 0, 20, 70, 170, 270 ms, and then every 500 ms"

    asyncio.run(play())
