"""Proof of absence against real servers and pages: after a fence everything is there, and a still page shows it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser

from harness.model import PAGE_SIDE, Fact, Hop, Sighting
from harness.model.facts import Fence, PageClosed, PageConnected, View
from harness.record.digests import digest
from harness.run.quiescence import fence, prove_absence, still
from harness.taps.page import tap as tap_module
from tests.support.board import Board, event, open_board
from tests.support.browsers import browser, server
from tests.support.page_server import PATIENCE_S, PageServer

__all__ = ["browser", "server"]

TRANSPORTS = {"websocket": "websocket", "polling&upgrade=no": "polling", "polling,websocket": "websocket"}
LISTEN = """() => {
  window.heard = [];
  client().io.on("packet", (packet) => heard.push(packet.nsp));
  window.drops = 0;
  client().on("disconnect", () => drops++);
}"""

ASK_FORTY_TIMES = """() => {
  window.answers = 0;
  const ask = (left) => left && subscribe("s").then(() => (answers++, ask(left - 1)));
  ask(40);
}"""


@contextmanager
def dashboard(browser: Browser, server: PageServer, query: str = "transports=websocket") -> Iterator[Board]:
    with open_board(browser, f"{server.url}/dashboard.html?{query}") as board:
        board.wait_connected()
        yield board


@contextmanager
def held(server: PageServer) -> Iterator[None]:
    """The server's loop stands still, and with it all of its answers."""
    go_on = threading.Event()
    server.call_soon(lambda: go_on.wait(PATIENCE_S))
    try:
        yield
    finally:
        go_on.set()


@pytest.mark.parametrize("transports", TRANSPORTS)
def test_after_a_fence_everything_that_was_queued_is_there(
    browser: Browser, server: PageServer, transports: str
) -> None:
    with dashboard(browser, server, f"transports={transports}") as board:
        if "," in transports:
            board.page.wait_for_function("client().io.engine.transport.name === 'websocket'")
        board.page.evaluate(LISTEN)
        for number in range(1, 11):
            server.emit(*(event(seq, session=f"s{number}") for seq in range(1, 51)))
            back = fence(board.tap, 5)
            board.tap.drain()
            assert [key for key in board.keys(Hop.DELIVERED) if key.startswith(f"s{number}/")] == [
                f"s{number}/{seq}" for seq in range(1, 51)
            ]
            assert back.observer == "dashboard:A.1"
            assert replace(back.body, waited_ms=0, sent_ns=None) == Fence("A", True, TRANSPORTS[transports])
        assert board.page.evaluate("[...new Set(heard)]") == ["/"], "the page saw the fence's answer"
        assert board.page.evaluate("[client().connected, drops]") == [True, 0]
        assert server.run(members(server)) >= {server.sids[-1]}


async def members(server: PageServer) -> set[str]:
    return {sid for sid, _ in server.sio.manager.get_participants("/", None)}


def test_a_fence_during_an_upgrade_comes_back(browser: Browser, server: PageServer) -> None:
    for _ in range(5):
        with open_board(browser, f"{server.url}/dashboard.html?transports=polling,websocket") as board:
            board.page.wait_for_function("document.querySelector('[data-connection=connected]')", polling=1)
            server.emit(*(event(seq) for seq in range(1, 21)))
            assert fence(board.tap, 5).body.back is True
            board.tap.drain()
            assert len(board.keys(Hop.DELIVERED)) == 20


def test_a_fence_says_nothing_of_what_the_server_has_not_emitted_yet(browser: Browser, server: PageServer) -> None:
    with dashboard(browser, server) as board:
        emit_now = threading.Event()

        async def emit_later() -> None:
            while not emit_now.is_set():
                await server.sio.sleep(0.001)
            await server.sio.emit(*event(1))

        server.run(start(server, emit_later))
        assert fence(board.tap, 5).body.back is True
        board.tap.drain()
        assert board.keys(Hop.DELIVERED) == []
        emit_now.set()
        board.wait(lambda: board.keys(Hop.DELIVERED) == ["s1/1"], "the late event")


async def start(server: PageServer, work: Any) -> None:
    server.sio.start_background_task(work)


def test_a_fence_by_polling_never_posts_while_the_page_does(browser: Browser) -> None:
    with PageServer() as server, dashboard(browser, server, "transports=polling&upgrade=no") as board:
        board.page.evaluate(ASK_FORTY_TIMES)
        for _ in range(10):
            assert fence(board.tap, 5).body.back is True
        board.page.wait_for_function("answers === 40")
        assert board.page.evaluate("client().connected") is True
        assert server.posts_at_once == 1


def test_a_server_that_lets_every_client_in_answers_too_and_keeps_none(browser: Browser) -> None:
    with PageServer(namespaces="*") as open_server, dashboard(browser, open_server) as board:
        asked: list[str] = []
        open_server.sio.on("connect", lambda namespace, *_: asked.append(namespace), namespace="*")
        board.page.evaluate(LISTEN)
        for _ in range(3):
            (proof,) = prove_absence([board.tap], 5)
            assert proof.holds
            assert proof.fence.body.let_in is True, "what the harness did to the system is on record"
        assert board.page.evaluate("[...new Set(heard)]") == []
        kept = open_server.run(namespaces(open_server))
        assert [name for name in kept if "fence" in name] == []
        assert len(asked) == 1, "the application's own handlers ran once, and then silence stood in for the fence"
        assert (proof.fence.body.means, proof.fence.body.back) == ("quiet", True)


async def namespaces(server: PageServer) -> list[str]:
    return list(server.sio.manager.get_namespaces())


@pytest.mark.parametrize("transports", ["websocket", "polling&upgrade=no"])
def test_without_an_answer_in_time_it_is_not_back(browser: Browser, server: PageServer, transports: str) -> None:
    with dashboard(browser, server, f"transports={transports}") as board:
        with held(server):
            late = fence(board.tap, 0.2)  # comes back although the answer is held as long as we are in here
        assert (late.body.back, late.body.why) == (False, "no answer in time")
        board.page.evaluate(LISTEN)
        assert fence(board.tap, 5).body.back is True
        assert board.page.evaluate("heard") == [], "the page saw the late answer"


def test_a_connection_that_ends_meanwhile_is_said(browser: Browser, server: PageServer) -> None:
    with dashboard(browser, server) as board, held(server):
        board.page.evaluate("void setTimeout(() => client().disconnect(), 50)")
        ended = fence(board.tap, 5)
        assert (ended.body.back, ended.body.why) == (False, "the connection closed")
        assert ended.body.waited_ms < 4000


@pytest.mark.parametrize("transports", TRANSPORTS)
def test_a_fence_speaks_the_parser_of_the_connection(browser: Browser, transports: str) -> None:
    with PageServer(serializer="msgpack") as packed, dashboard(browser, packed, f"transports={transports}") as board:
        board.page.evaluate(LISTEN)
        for number in range(1, 4):
            packed.emit(*(event(seq, session=f"s{number}", text="ü", size=-7, half=0.5) for seq in range(1, 51)))
            assert fence(board.tap, 5).body.back is True
        board.tap.drain()
        assert board.keys(Hop.DELIVERED) == [f"s{number}/{seq}" for number in range(1, 4) for seq in range(1, 51)]
        assert board.page.evaluate("[...new Set(heard)]") == ["/"], "the page saw the fence's answer"
        assert board.page.evaluate("[client().connected, drops]") == [True, 0]
        digests = {record.event.digest for record in board.records if isinstance(record, Sighting)}
        assert digest({"text": "ü", "size": -7, "half": 0.5}) in digests


def test_through_a_parser_that_is_not_known_nothing_is_sent(browser: Browser, server: PageServer) -> None:
    with dashboard(browser, server) as board:
        assert board.page.evaluate(UNKNOWN_PARSER) == [True, None, 0]


UNKNOWN_PARSER = """async () => {
  const sent = [];
  const socket = client().io.engine.transport.ws;
  const other = new WebSocket(socket.url.replace(/&sid=[^&]*/, ""));
  await new Promise((done) => (other.onmessage = done));
  other.send('4{"type":0,"nsp":"/"}');
  const handle = Object.getOwnPropertyNames(window).find((name) => /^__[0-9a-f]{16}$/.test(name));
  const { unsent, channel } = JSON.parse(await window[handle].fence(3000));
  return [unsent, channel === "websocket" ? null : channel, sent.length];
}"""


@pytest.mark.parametrize("page", ["dashboard.html?transports=polling&upgrade=no&", "fetch.html?"])
def test_a_fence_by_polling_passes_the_checks_that_the_page_s_requests_pass(browser: Browser, page: str) -> None:
    with PageServer() as server:
        server.demanded_header = (b"x-api-key", b"s3cret")
        with open_board(browser, f"{server.url}/{page}keyed") as board:
            board.wait_connected()
            for _ in range(3):
                assert fence(board.tap, 5).body.back is True
            server.emit(event(1))
            board.wait(lambda: board.keys(Hop.DELIVERED) == ["s1/1"], "the event")
            assert "s3cret" not in repr(board.records)


@pytest.mark.parametrize("transports", ["polling", "websocket"])
def test_a_client_that_comes_back_by_itself_is_waited_for(
    browser: Browser, server: PageServer, transports: str
) -> None:
    """A message that is not JSON: the client closes the connection, and takes up another one half a second later."""
    with dashboard(browser, server, f"transports={transports}") as board:
        server.emit(event(1), ("broken", float("nan")))
        board.wait(lambda: board.data(PageClosed) != [], "the connection's end")
        (proof,) = prove_absence([board.tap], 10)
        assert proof.fence.body.back is True
        assert [told["sid"] for told in board.data(PageConnected)] == server.sids[-2:]


def test_a_client_that_left_by_itself_is_not_waited_for(browser: Browser, server: PageServer) -> None:
    with dashboard(browser, server) as board:
        board.page.evaluate("client().disconnect()")
        assert fence(board.tap, 60).body.why == "no connection"


def test_without_a_connection_there_is_no_proof(browser: Browser, server: PageServer) -> None:
    with open_board(browser, f"{server.url}/blank.html") as board:
        (proof,) = prove_absence([board.tap], 2)
        assert (proof.fence.body.back, proof.fence.body.why) == (False, "no connection")
        assert proof.still.body.still is True
        assert not proof.holds
    page = browser.new_page()
    try:
        board = Board(page)
        (proof,) = prove_absence([board.tap], 2)
        assert proof.fence.body.why == proof.still.body.why == fence(board.tap, 1).body.why == "the page has no tap"
    finally:
        page.close()


@pytest.mark.parametrize("render", ["now", "debounce", "interval", "frames"])
def test_a_still_page_shows_everything_however_it_renders(browser: Browser, server: PageServer, render: str) -> None:
    with dashboard(browser, server, f"transports=websocket&render={render}") as board:
        for number in range(1, 4):
            server.emit(*(event(seq, session=f"s{number}") for seq in range(1, 21)))
            (proof,) = prove_absence([board.tap], 10)
            assert proof.holds
            assert proof.still.body.why is None
            for hop in PAGE_SIDE:
                assert len(board.keys(hop)) == 20 * number, f"{hop.label} in round {number}"


@pytest.mark.parametrize("also", ["raf", "ticker"])
def test_a_page_that_only_repeats_itself_is_still(browser: Browser, server: PageServer, also: str) -> None:
    with dashboard(browser, server, f"transports=websocket&render=debounce&also={also}") as board:
        server.emit(*(event(seq) for seq in range(1, 21)))
        (proof,) = prove_absence([board.tap], 10)
        assert proof.holds
        assert proof.still.body.why == "only repeating callbacks remain"
        assert len(board.keys(Hop.RENDERED)) == 20


def test_a_page_that_asks_for_ever_and_is_answered_is_still(browser: Browser, server: PageServer) -> None:
    """The answer to what an interval asked is no news that the interval has still to show."""
    with dashboard(browser, server) as board:
        board.page.evaluate("setInterval(() => subscribe('s'), 30)")
        server.emit(*(event(seq) for seq in range(1, 21)))
        for _ in range(5):
            (proof,) = prove_absence([board.tap], 2)
            assert proof.still.body.still, proof.still.body.why
        assert len(board.keys(Hop.RENDERED)) == 20


RESTLESS = {
    "the page still changes": "const counter = document.querySelector('[data-count]').dataset; "
    "const f = () => { counter.count++; requestAnimationFrame(f); }; f()",
    "a pending timer": "const f = (n) => setTimeout(() => { put([item(n)]); f(n + 1); }, 60); f(1)",
}


@pytest.mark.parametrize("why", RESTLESS)
def test_a_page_that_never_rests_is_not_still_in_time(browser: Browser, server: PageServer, why: str) -> None:
    with open_board(browser, f"{server.url}/blank.html") as board:
        board.page.evaluate(f"(() => {{ {RESTLESS[why]} }})()")
        restless = still(board.tap, 0.4)
        assert restless.body.still is False
        assert why in (restless.body.why or "")


def test_a_page_whose_script_never_ends_proves_nothing(
    browser: Browser, server: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.run.quiescence.PATIENCE_S", 0.2)
    assert tap_module.PATIENCE_S > 1
    with dashboard(browser, server) as board, server.holding(board.page):
        (proof,) = prove_absence([board.tap], 0.2)
        assert not proof.holds
        assert "did not answer its tap within 0.4 s" in (proof.fence.body.why or "")


def test_several_pages_are_proven_side_by_side(browser: Browser, server: PageServer) -> None:
    with ExitStack() as stack:
        boards = [
            stack.enter_context(dashboard(browser, server, "transports=websocket&render=debounce")) for _ in range(3)
        ]
        server.emit(*(event(seq) for seq in range(1, 21)))
        proofs = prove_absence([board.tap for board in boards], 10)
        assert all(proof.holds for proof in proofs)
        assert [len(board.keys(Hop.RENDERED)) for board in boards] == [20, 20, 20]
        for board, proof in zip(boards, proofs, strict=True):
            *_, fenced, still, view = board.records
            assert [fenced, still] == [proof.fence, proof.still]
            assert isinstance(view, Fact)
            assert isinstance(view.body, View)
            assert proof.alive == {"wire": True, "store": True, "dom": True}
            assert [r.n for r in board.records if isinstance(r, Fact)] == sorted(
                {r.n for r in board.records if isinstance(r, Fact)}
            )


def test_a_heartbeat_is_silence_and_an_event_is_not(browser: Browser, server: PageServer) -> None:
    """What goes on for ever does not say that an event is on its way."""
    with dashboard(browser, server) as board:
        fence(board.tap, PATIENCE_S)
        board.tap.drain()
        before = len(board.records)
        server.emit(("connection:established", {"session": None, "seq": None, "data": {}}))
        fence(board.tap, PATIENCE_S)
        assert board.tap.drain() == 0
        assert len(board.records) > before + 1
        server.emit(event(1))
        fence(board.tap, PATIENCE_S)
        assert board.tap.drain() > 0
