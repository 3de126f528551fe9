"""The page tap on the wire: what it sees of connections, events and requests, across reloads, by one clock."""

from __future__ import annotations

import time
from hashlib import sha1
from typing import Any

import pytest
import socketio
from playwright.sync_api import Browser

from harness.model import PAGE_SIDE, Hop, Sighting
from harness.model.facts import (
    Answered,
    Notice,
    PageClosed,
    PageConnected,
    PageError,
    PageLoaded,
    PageRefused,
    Requested,
    StatusShown,
    TapTried,
)
from harness.record.digests import digest
from harness.taps.page import PageTapError
from harness.taps.page import tap as tap_module
from tests.support.board import Board, event, open_board
from tests.support.node_programs import wait_until
from tests.support.page_server import PageServer

TRANSPORTS = ("websocket", "polling&upgrade=no", "polling,websocket")
KEYS = [f"s1/{seq}" for seq in range(1, 6)]


@pytest.mark.parametrize("transports", TRANSPORTS)
def test_every_event_is_seen_once_at_every_hop_in_order(browser: Browser, server: PageServer, transports: str) -> None:
    with open_board(browser, f"{server.url}/dashboard.html?transports={transports}") as board:
        board.wait_connected()
        server.emit(*(event(seq, text="ü") for seq in range(1, 6)))
        board.wait(lambda: len(board.keys(Hop.RENDERED)) == 5, "five rendered events")
        assert [board.keys(hop) for hop in PAGE_SIDE] == [KEYS, KEYS, KEYS]
        seen = [r for r in board.records if isinstance(r, Sighting)]
        assert {r.event.digest for r in seen if r.hop is not Hop.RENDERED} == {digest({"text": "ü"})}
        assert [r.n for r in board.records] == list(range(1, len(board.records) + 1))
        connected = board.data(PageConnected)
        assert [each["sid"] for each in connected] == [server.sids[-1]]
        payload: dict[str, Any] = {"session": None, "seq": None, "data": {}}
        assert {"name": "connection:established", "payload": payload, "called": None} in board.data(Notice)
        assert not board.facts(TapTried)
        assert not board.facts(PageError)


@pytest.mark.parametrize(
    "about", ["setTimeout(() => client().emit('step'), 300)", "io(location.origin, { forceNew: true }).emit('step')"]
)
def test_what_a_page_is_about_to_send_is_waited_for(browser: Browser, server: PageServer, about: str) -> None:
    """Of a producer's page: its browser is closed after that, and takes along what the server has not read."""
    taken = list[str]()
    server.sio.on("step", lambda sid: taken.append(sid))
    with open_board(browser, f"{server.url}/dashboard.html?transports=websocket") as board:
        board.wait_connected()
        board.page.evaluate(f"void {about}")
        tap_module.asked(board.page, 10, "sent", 5000)
        wait_until(lambda: len(taken) == 1)  # it has left the page, and a busy server may still have to read it


def test_an_upgrade_in_mid_stream_doubles_and_loses_nothing(browser: Browser, server: PageServer) -> None:
    async def blast(sid: str) -> None:
        for seq in range(1, 201):
            await server.sio.emit(*event(seq), to=sid)
            await server.sio.sleep(0)

    async def start(sid: str) -> None:
        server.sio.start_background_task(blast, sid)

    server.on_connect = start
    try:
        with open_board(browser, f"{server.url}/dashboard.html?transports=polling,websocket") as board:
            board.wait(lambda: len(board.keys(Hop.RENDERED)) == 200, "200 rendered events")
            board.page.wait_for_function("client().io.engine.transport.name === 'websocket'")
            for hop in PAGE_SIDE:
                assert board.keys(hop) == [f"s1/{seq}" for seq in range(1, 201)]
    finally:
        server.on_connect = None


def test_a_failed_upgrade_leaves_the_polling_connection_open(browser: Browser) -> None:
    with PageServer() as server:
        server.takes_websockets = False
        with open_board(browser, f"{server.url}/dashboard.html?transports=polling,websocket") as board:
            board.wait_connected()
            board.wait(lambda: any("WebSocket" in e["text"] for e in board.data(PageError)), "a failed upgrade")
            server.emit(event(1))
            board.wait(lambda: board.keys(Hop.RENDERED) == ["s1/1"], "the event")
            assert board.tap.alive()["wire"] is True
            assert not board.facts(PageClosed)
            assert not board.facts(PageRefused)


@pytest.mark.parametrize("transports", TRANSPORTS)
def test_requests_and_answers_are_facts_without_their_secrets(
    browser: Browser, server: PageServer, transports: str
) -> None:
    with open_board(browser, f"{server.url}/dashboard.html?token=s3cret&transports={transports}") as board:
        board.wait_connected()
        board.page.evaluate("subscribe('s9')")
        board.wait(lambda: bool(board.facts(Answered)), "an answer")
        (request,), (answer,) = board.data(Requested), board.data(Answered)
        assert request["name"] == answer["name"] == "subscribe"
        assert request["args"] == [{"session": "s9", "token": "(redacted)"}]
        assert answer["args"] == [{"ok": True, "session": "s9", "token": "(redacted)"}]
        assert request["id"] == answer["id"]
        assert request["sid"] == answer["sid"] == server.sids[-1]
        assert "s3cret" not in repr(board.records)


def test_a_reload_hands_on_what_was_not_drained(board: Board, server: PageServer) -> None:
    server.emit(*(event(seq) for seq in range(1, 6)))
    board.page.wait_for_function("board.getState().events.length === 6")
    board.page.reload()
    board.wait_connected(times=2)
    server.emit(event(6))
    board.wait(lambda: board.keys(Hop.RENDERED, load=2) == ["s1/6"], "the second load's event")
    assert board.keys(Hop.DELIVERED, load=1) == board.keys(Hop.APPLIED, load=1) == KEYS
    assert [each.observer for each in board.facts(PageLoaded)] == ["dashboard:A.1", "dashboard:A.2"]
    assert board.page.evaluate("sessionStorage.length") == 0


def test_three_loads_without_a_drain_keep_their_numbers_and_their_order_in_time(
    board: Board, server: PageServer
) -> None:
    for seq in (1, 2):
        server.emit(event(seq))
        board.page.wait_for_function("board.getState().events.length === 2")
        board.page.reload()
        board.page.wait_for_function("board.getState().events.length === 1")
    board.wait_connected(times=3)
    assert [board.keys(Hop.DELIVERED, load) for load in (1, 2, 3)] == [["s1/1"], ["s1/2"], []]
    loaded = [fact.at_ns for fact in board.facts(PageLoaded)]
    assert loaded == sorted(loaded)
    assert loaded[-1] < time.monotonic_ns()


def test_a_reload_with_too_much_to_keep_says_how_much_was_lost(board: Board, server: PageServer) -> None:
    server.emit(*(event(seq, text="x" * 200_000) for seq in range(1, 21)))
    board.page.wait_for_function("board.getState().events.length === 21")
    board.page.reload()
    board.wait_connected(times=2)
    (trouble,) = board.data(TapTried)
    assert trouble["alive"] is False
    assert "records of load 1" in trouble["why"]
    assert 0 < len(board.keys(Hop.DELIVERED, load=1)) < 20


PARTS = [b"12345", *(bytes(range(size)) for size in (55, 56, 63, 64, 119, 120)), bytes(range(256)) * 300]
"""Around the ends of the blocks of 64 bytes that a digest is made from, and many of them."""


def bytes_(data: bytes) -> dict[str, Any]:
    return {"_bytes": len(data), "sha1": sha1(data, usedforsecurity=False).hexdigest()}


def test_binary_payloads_are_told_by_size_and_digest(board: Board, server: PageServer) -> None:
    server.emit(("picture", {"name": "a", "parts": PARTS}))
    board.wait(lambda: len(board.data(Notice)) == 2, "the picture")
    assert board.data(Notice)[1]["payload"] == {"name": "a", "parts": [bytes_(each) for each in PARTS]}


def test_binary_payloads_by_polling_are_the_same(browser: Browser, server: PageServer) -> None:
    with open_board(browser, f"{server.url}/dashboard.html?transports=polling&upgrade=no") as board:
        board.wait_connected()
        server.emit(("picture", {"parts": [b"12345", b"\0\xff\x80", b""]}))
        board.wait(lambda: len(board.data(Notice)) == 2, "the picture")
        assert board.data(Notice)[1]["payload"] == {"parts": [bytes_(b"12345"), bytes_(b"\0\xff\x80"), bytes_(b"")]}


def test_a_lost_connection_is_a_fact_with_its_reason(board: Board, server: PageServer) -> None:
    server.run(server.sio.disconnect(server.sids[-1]))
    board.wait(lambda: bool(board.facts(PageClosed)), "the end of the connection")
    (closed,) = board.data(PageClosed)
    assert (closed["reason"], closed["sid"]) == ("io server disconnect", server.sids[-1])
    board.wait(lambda: board.data(StatusShown)[-1]["connected"] is False, "the page's word for it")


def test_a_connection_that_the_page_ends_is_not_a_refusal(board: Board) -> None:
    board.page.evaluate("client().disconnect(); client().connect(); client().disconnect()")
    board.wait(lambda: bool(board.facts(PageClosed)), "the end of the connection")
    assert not board.facts(PageRefused)


@pytest.mark.parametrize("transports", TRANSPORTS)
def test_a_refusal_is_a_fact_with_the_servers_words(browser: Browser, server: PageServer, transports: str) -> None:
    async def refuse(sid: str) -> None:
        raise socketio.exceptions.ConnectionRefusedError("bad-role")

    server.on_connect = refuse
    try:
        with open_board(browser, f"{server.url}/dashboard.html?transports={transports}") as board:
            board.wait(lambda: bool(board.facts(PageRefused)), "a refusal")
            assert "bad-role" in board.data(PageRefused)[0]["text"]
            assert not board.facts(PageConnected)
    finally:
        server.on_connect = None


def test_a_poll_of_an_unknown_connection_is_a_refusal(browser: Browser, server: PageServer) -> None:
    """As a load balancer has it that gives each request to the next server: the first answer opens, the next is no."""
    with open_board(browser, f"{server.url}/blank.html") as board:
        board.page.route(lambda url: "sid=" in url, lambda route: route.fulfill(status=400, body='"Invalid session x"'))
        board.page.add_script_tag(url="/socket.io.min.js")
        board.page.evaluate("void io({ transports: ['polling'], reconnection: false })")
        board.wait(lambda: bool(board.facts(PageRefused)), "a refusal")
        assert 'HTTP 400 "Invalid session x"' in board.data(PageRefused)[0]["text"]
        assert not board.facts(PageConnected)


@pytest.mark.parametrize("transport", ["polling", "websocket"])
def test_a_foreign_origin_is_refused_and_the_page_knows(browser: Browser, server: PageServer, transport: str) -> None:
    with PageServer() as other, open_board(browser, f"{other.url}/blank.html") as board:
        board.page.add_script_tag(url="/socket.io.min.js")
        board.page.evaluate("([url, transport]) => void io(url, {transports: [transport]})", [server.url, transport])
        board.wait(lambda: bool(board.facts(PageRefused)), "a refusal")
        address = server.url.replace("http", "ws") if transport == "websocket" else server.url
        assert f"{transport} connection to {address}/socket.io/: " in board.data(PageRefused)[0]["text"]


def test_the_clocks_agree_within_the_stated_error(board: Board, server: PageServer) -> None:
    clock = board.tap.calibrate()
    assert clock is not None
    assert clock.body.offset_ns == 0
    before = time.monotonic_ns()
    server.emit(event(1))
    board.wait(lambda: board.keys(Hop.RENDERED) == ["s1/1"], "the event")
    after = time.monotonic_ns()
    seen = [r for r in board.records if isinstance(r, Sighting)]
    assert all(before - clock.body.error_ns <= r.at_ns <= after + clock.body.error_ns for r in seen)
    assert [r.hop for r in sorted(seen, key=lambda r: r.at_ns)] == list(PAGE_SIDE)


def test_a_large_record_is_fetched_in_parts(board: Board, server: PageServer) -> None:
    server.emit(*(event(seq) for seq in range(1, 2001)))
    board.page.wait_for_function("board.getState().events.length === 2001")
    assert board.tap.drain() > 4000, "more than one part, without what beats by itself"
    for hop in PAGE_SIDE:
        assert board.keys(hop) == [f"s1/{seq}" for seq in range(1, 2001)]


def test_a_page_without_a_tap_has_nothing_to_say(browser: Browser) -> None:
    page = browser.new_page()
    try:
        board = Board(page)
        assert (board.tap.drain(), board.tap.view(), board.tap.calibrate()) == (0, None, None)
        assert board.tap.alive() == {"wire": False, "store": False, "dom": False}
    finally:
        page.close()


def test_a_page_whose_script_never_ends_is_given_up(
    board: Board, server: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tap_module, "PATIENCE_S", 0.3)
    given_up = r"dashboard A \(http://127.*\) did not answer its tap within 0.3 s"
    with server.holding(board.page), pytest.raises(PageTapError, match=given_up):
        board.tap.drain()


def test_taps_are_alive_where_their_canaries_come_back(board: Board) -> None:
    assert board.tap.alive() == {"wire": True, "store": True, "dom": True}


def test_a_page_that_begins_its_connection_late_is_waited_for(browser: Browser, server: PageServer) -> None:
    with open_board(browser, f"{server.url}/blank.html") as board:
        board.page.add_script_tag(url=f"{server.url}/socket.io.min.js")
        board.page.evaluate("void setTimeout(() => io(), 300)")
        assert board.tap.alive()["wire"] is True


def test_a_page_that_never_begins_one_has_a_dead_tap(browser: Browser, server: PageServer) -> None:
    with open_board(browser, f"{server.url}/blank.html") as board:
        assert board.tap.alive(timeout_s=0.2)["wire"] is False


def test_what_comes_for_a_poll_of_a_client_that_has_closed_is_not_delivered(
    browser: Browser, server: PageServer
) -> None:
    """Seen with a browser that went offline: the server knew nothing of it, and answered the poll that was open."""
    with open_board(browser, f"{server.url}/dashboard.html?transports=polling&upgrade=no") as board:
        board.wait_connected()
        server.emit(event(1))
        board.wait(lambda: board.keys(Hop.DELIVERED) == ["s1/1"], "the first event")
        answered = list[str]()
        board.page.on("response", lambda found: answered.append(found.request.method))
        board.page.route(
            "**/socket.io/**", lambda each: each.abort() if each.request.method == "POST" else each.continue_()
        )
        board.page.evaluate("dispatchEvent(new Event('offline'))")
        server.emit(event(2))
        board.wait(lambda: "GET" in answered, "the answer to the poll that was open")
        board.page.unroute_all(behavior="ignoreErrors")
        board.wait(lambda: len(board.data(PageConnected)) == 2, "another connection")
        server.emit(event(3))
        board.wait(lambda: "s1/3" in board.keys(Hop.DELIVERED), "the third event")
        assert board.keys(Hop.DELIVERED) == board.keys(Hop.RENDERED) == ["s1/1", "s1/3"]
