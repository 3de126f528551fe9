"""Pages whose connection lives elsewhere: in a dedicated worker or a frame it is seen, in another place it is not."""

from __future__ import annotations

import dataclasses
import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from harness.model import Hop
from harness.model.facts import PageClosed, PageConnected, PageError, PageListens, PageRefused, TapTried
from harness.run.quiescence import prove_absence
from tests.support.board import PATIENCE_S, SPEC, Board, event, open_board
from tests.support.page_server import PageServer

ROWS = dataclasses.replace(SPEC, store=None, panel=None, window=None, windowed=False)
KEYS = [f"s1/{seq}" for seq in range(1, 6)]
NO_BLOBS = "&policy=" + quote("worker-src 'self'")


def connected(page: Page) -> None:
    page.wait_for_selector("[data-connection=connected]", state="attached", timeout=PATIENCE_S * 1000)


@pytest.mark.parametrize("where", ["classic", "module", "blob", "frame"])
def test_what_passes_a_connection_elsewhere_is_the_pages(browser: Browser, server: PageServer, where: str) -> None:
    with open_board(browser, f"{server.url}/elsewhere.html?where={where}", ROWS) as board:
        connected(board.page)
        assert board.tap.alive()["wire"] is True and board.tap.unseen == ()
        server.emit(*(event(seq, text="ü") for seq in range(1, 6)), event(6, "skill:unheard"))
        [proof] = prove_absence([board.tap], PATIENCE_S)
        assert proof.holds, proof
        assert board.keys(Hop.RENDERED) == KEYS
        assert board.keys(Hop.DELIVERED) == [*KEYS, "s1/6"]
        assert [each["sid"] for each in board.data(PageConnected)] == [server.sids[-1]]
        assert not [each for each in board.data(TapTried) if not each["alive"]]
        heard = {each["name"]: each["count"] for each in board.data(PageListens)}
        assert heard["skill:started"] == 1 and heard["skill:unheard"] == 0
        assert [r.n for r in board.records] == list(range(1, len(board.records) + 1))
        end(board, where)
        board.wait(lambda: bool(board.facts(PageClosed)), "the end of the connection")


def end(board: Board, where: str) -> None:
    """The page lets go of whatever holds its connection."""
    board.page.evaluate("document.querySelector('iframe').remove()" if where == "frame" else "worker.terminate()")


@pytest.mark.parametrize(
    "asked",
    ["classic", "module", "blob-module", "missing", f"classic{NO_BLOBS}", f"module{NO_BLOBS}"],
)
def test_a_worker_is_as_it_is_without_the_tap(browser: Browser, server: PageServer, asked: str) -> None:
    """Its address, name and strictness, what it is sent at once, and its errors."""
    url = f"{server.url}/elsewhere.html?where={asked}"
    with open_board(browser, url, ROWS) as board:
        observed = what_is_told(board.page, is_running=asked != "missing")
        board.tap.drain()
        assert board.data(PageError) == [] or asked == "missing", board.data(PageError)
        hidden = NO_BLOBS in asked
        board.page.evaluate("0")
        assert bool(board.tap.call("canary", 100)["unseen"]) is hidden
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(url)
        assert observed == what_is_told(page, is_running=asked != "missing")
    finally:
        context.close()


def what_is_told(page: Page, is_running: bool) -> str:
    if is_running:
        connected(page)
        page.wait_for_function("told.length === 4")
        page.evaluate("worker.postMessage('fail')")
        page.wait_for_function("told.length === 5")
    else:
        page.wait_for_function("told.length === 4")
    told = page.evaluate("told")
    assert told[0] == 0, "the bytes were not transferred"
    return re.sub(r"blob:[^']*", "blob:", str(told))  # an address of each page's own


def test_a_shared_worker_is_not_seen_and_the_page_says_so(browser: Browser, server: PageServer) -> None:
    with open_board(browser, f"{server.url}/elsewhere.html?where=shared", ROWS) as board:
        connected(board.page)
        server.emit(event(1))
        assert board.tap.alive(0.1)["wire"] is False
        assert board.tap.unseen == ("a SharedWorker",)


OLD = 'const asked = new XMLHttpRequest(); asked.open("GET", "/socket.io/?EIO=3&transport=polling"); asked.send();'
OPENED = '96:0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":5000}2:40'


@pytest.mark.parametrize(
    ("status", "answer"), [(200, OPENED), (400, '{"code":5,"message":"Unsupported protocol version"}')]
)
def test_an_older_protocol_is_refused_or_not_seen(
    browser: Browser, server: PageServer, status: int, answer: str
) -> None:
    with open_board(browser, f"{server.url}/blank.html", ROWS) as board:
        board.page.route("**/socket.io/**", lambda route: route.fulfill(status=status, body=answer))
        board.page.evaluate(OLD)
        board.page.wait_for_function(
            "performance.getEntriesByType('resource').some((each) => each.name.includes('EIO=3'))"
        )
        is_refused = status == 400
        assert board.tap.alive(0.5)["wire"] is is_refused, "a page that is refused was seen trying"
        assert bool(board.tap.unseen) is not is_refused
        board.tap.drain()
        assert bool(board.facts(PageRefused)) is is_refused and not board.facts(PageConnected)
        assert is_refused or "protocol 3 of Engine.IO" in board.tap.unseen[0]
