"""The page tap against real pages: what it sees at each hop, what it leaves alone, what it says when it can't see."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import socketio
from playwright.sync_api import Browser

from harness.identity import digest
from harness.model import PAGE_SIDE, FactKind, Hop, Sighting
from harness.taps.page import PageSpec, PageTapError, RowSpec
from harness.taps.page import tap as tap_module
from tests.support.board import SPEC, Board, event, open_board
from tests.support.browsers import browser
from tests.support.page_server import PageServer

__all__ = ["browser"]

TRANSPORTS = ("websocket", "polling&upgrade=no", "polling,websocket")
KEYS = [f"s1/{seq}" for seq in range(1, 6)]


@pytest.fixture(scope="module")
def server() -> Iterator[PageServer]:
    with PageServer() as started:
        yield started


@pytest.fixture
def board(browser: Browser, server: PageServer) -> Iterator[Board]:
    with open_board(browser, f"{server.url}/dashboard.html") as opened:
        opened.wait_connected()
        yield opened


@pytest.fixture
def blank(browser: Browser, server: PageServer) -> Iterator[Board]:
    with open_board(browser, f"{server.url}/blank.html") as opened:
        yield opened


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
        connected = board.data(FactKind.PAGE_CONNECTED)
        assert [each["sid"] for each in connected] == [server.sids[-1]]
        assert {"name": "connection:established", "payload": {"session": None, "seq": None, "data": {}}} in board.data(
            FactKind.NOTICE
        )
        assert not board.facts(FactKind.TAP)
        assert not board.facts(FactKind.PAGE_ERROR)


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
            board.wait(
                lambda: any("WebSocket" in e["text"] for e in board.data(FactKind.PAGE_ERROR)), "a failed upgrade"
            )
            server.emit(event(1))
            board.wait(lambda: board.keys(Hop.RENDERED) == ["s1/1"], "the event")
            assert board.tap.alive()["wire"] is True
            assert not board.facts(FactKind.PAGE_CLOSED)
            assert not board.facts(FactKind.PAGE_REFUSED)


@pytest.mark.parametrize("transports", TRANSPORTS)
def test_requests_and_answers_are_facts_without_their_secrets(
    browser: Browser, server: PageServer, transports: str
) -> None:
    with open_board(browser, f"{server.url}/dashboard.html?token=s3cret&transports={transports}") as board:
        board.wait_connected()
        board.page.evaluate("subscribe('s9')")
        board.wait(lambda: bool(board.facts(FactKind.ANSWER)), "an answer")
        (request,), (answer,) = board.data(FactKind.REQUEST), board.data(FactKind.ANSWER)
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
    assert [each.observer for each in board.facts(FactKind.PAGE_LOADED)] == ["dashboard:A.1", "dashboard:A.2"]
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
    loaded = [fact.at_ns for fact in board.facts(FactKind.PAGE_LOADED)]
    assert loaded == sorted(loaded)
    assert loaded[-1] < time.monotonic_ns()


def test_a_reload_with_too_much_to_keep_says_how_much_was_lost(board: Board, server: PageServer) -> None:
    server.emit(*(event(seq, text="x" * 200_000) for seq in range(1, 21)))
    board.page.wait_for_function("board.getState().events.length === 21")
    board.page.reload()
    board.wait_connected(times=2)
    (trouble,) = board.data(FactKind.TAP)
    assert trouble["alive"] is False
    assert "records of load 1" in trouble["why"]
    assert 0 < len(board.keys(Hop.DELIVERED, load=1)) < 20


def test_binary_payloads_are_counted_in_bytes(board: Board, server: PageServer) -> None:
    server.emit(("picture", {"name": "a", "parts": [b"12345", b"123"]}))
    board.wait(lambda: len(board.data(FactKind.NOTICE)) == 2, "the picture")
    assert board.data(FactKind.NOTICE)[1]["payload"] == {"name": "a", "parts": [{"_bytes": 5}, {"_bytes": 3}]}


def test_binary_payloads_by_polling_are_the_same(browser: Browser, server: PageServer) -> None:
    with open_board(browser, f"{server.url}/dashboard.html?transports=polling&upgrade=no") as board:
        board.wait_connected()
        server.emit(("picture", {"parts": [b"12345", b"123", b""]}))
        board.wait(lambda: len(board.data(FactKind.NOTICE)) == 2, "the picture")
        assert board.data(FactKind.NOTICE)[1]["payload"] == {"parts": [{"_bytes": 5}, {"_bytes": 3}, {"_bytes": 0}]}


def test_a_window_of_the_list_counts_by_the_counter(browser: Browser, server: PageServer) -> None:
    url = f"{server.url}/dashboard.html?rows=3"
    with open_board(browser, url) as board:
        board.wait_connected()
        server.emit(*(event(seq) for seq in range(1, 6)))
        board.wait(lambda: len(board.keys(Hop.RENDERED)) == 5, "five rendered events")
        assert sorted(board.keys(Hop.RENDERED)) == KEYS
        view = board.tap.view()
        assert view is not None
        assert view.data["rows"] == ["s1/3", "s1/4", "s1/5"]
        assert view.data["window"] == {"text": "last 3 of 6", "shown": 3, "total": 6}
    with open_board(browser, url, replace(SPEC, windowed=False)) as board:
        board.wait_connected()
        board.page.evaluate("document.querySelector('#rows').remove()")  # the rows are drawn where nobody sees them
        server.emit(*(event(seq) for seq in range(1, 6)))
        board.wait(lambda: len(board.keys(Hop.APPLIED)) == 5, "five applied events")
        assert board.keys(Hop.RENDERED) == []


def test_the_view_is_what_the_page_shows_and_holds(board: Board, server: PageServer) -> None:
    server.emit(*(event(seq) for seq in range(1, 6)))
    board.wait(lambda: len(board.keys(Hop.RENDERED)) == 5, "five rendered events")
    view = board.tap.view()
    assert view is not None
    assert view.kind is FactKind.VIEW
    own = ["connection:established"]
    assert view.data["rows"] == view.data["state_events"] == own + KEYS
    assert (view.data["counter"], view.data["counter_text"]) == (6, "6 events")
    assert view.data["status"] == {"text": "Connected", "connected": True}
    assert view.data["panels"]["skills"] == {"session": None, "text": "Skills 5", "values": {"started": "5"}}
    assert view.data["window"] is None
    assert view.data["state_connection"] == "connected"
    texts = [each["text"] for each in board.data(FactKind.PANEL) if each["panel"] == "skills"]
    assert texts[0] == "Skills 0"
    assert texts[-1] == "Skills 5"


def test_a_lost_connection_is_a_fact_with_its_reason(board: Board, server: PageServer) -> None:
    server.run(server.sio.disconnect(server.sids[-1]))
    board.wait(lambda: bool(board.facts(FactKind.PAGE_CLOSED)), "the end of the connection")
    (closed,) = board.data(FactKind.PAGE_CLOSED)
    assert (closed["reason"], closed["sid"]) == ("io server disconnect", server.sids[-1])
    board.wait(lambda: board.data(FactKind.STATUS)[-1]["connected"] is False, "the page's word for it")


def test_a_connection_that_the_page_ends_is_no_refusal(board: Board) -> None:
    board.page.evaluate("client().disconnect(); client().connect(); client().disconnect()")
    board.wait(lambda: bool(board.facts(FactKind.PAGE_CLOSED)), "the end of the connection")
    assert not board.facts(FactKind.PAGE_REFUSED)


@pytest.mark.parametrize("transports", TRANSPORTS)
def test_a_refusal_is_a_fact_with_the_servers_words(browser: Browser, server: PageServer, transports: str) -> None:
    async def refuse(sid: str) -> None:
        raise socketio.exceptions.ConnectionRefusedError("bad-role")

    server.on_connect = refuse
    try:
        with open_board(browser, f"{server.url}/dashboard.html?transports={transports}") as board:
            board.wait(lambda: bool(board.facts(FactKind.PAGE_REFUSED)), "a refusal")
            assert "bad-role" in board.data(FactKind.PAGE_REFUSED)[0]["text"]
            assert not board.facts(FactKind.PAGE_CONNECTED)
    finally:
        server.on_connect = None


@pytest.mark.parametrize("transport", ["polling", "websocket"])
def test_a_foreign_origin_is_refused_and_the_page_knows(browser: Browser, server: PageServer, transport: str) -> None:
    with PageServer() as other, open_board(browser, f"{other.url}/blank.html") as board:
        board.page.add_script_tag(url="/socket.io.min.js")
        board.page.evaluate("([url, transport]) => void io(url, {transports: [transport]})", [server.url, transport])
        board.wait(lambda: bool(board.facts(FactKind.PAGE_REFUSED)), "a refusal")
        address = server.url.replace("http", "ws") if transport == "websocket" else server.url
        assert f"{transport} connection to {address}/socket.io/: " in board.data(FactKind.PAGE_REFUSED)[0]["text"]


PROBE = """() => {
  const seen = [];
  for (const [name, made] of [["WebSocket", new WebSocket(location.href.replace("http", "ws") + "?EIO=4")],
                              ["XMLHttpRequest", new XMLHttpRequest()]]) {
    const kind = window[name];
    seen.push(name, kind.name, kind.length, String(kind), made.constructor === kind, made instanceof kind,
      Object.getPrototypeOf(made) === kind.prototype, Object.keys(kind), Object.keys(made), kind.OPEN, kind.DONE,
      Object.getOwnPropertyNames(kind.prototype).sort(), String(made.send), made.send.name, made.send.length,
      String(Object.getOwnPropertyDescriptor(window, name).enumerable));
  }
  const own = class extends WebSocket {};
  seen.push(new own("ws://" + location.host + "/?EIO=4") instanceof own);
  for (const name of ["fetch", "setTimeout", "setInterval", "clearTimeout", "requestAnimationFrame", "postMessage"]) {
    seen.push(String(window[name]), window[name].name, window[name].length);
  }
  const shown = []; for (const name in window) shown.push(name);
  return JSON.stringify([seen, shown.sort(), Object.keys(window).sort(), sessionStorage.length, localStorage.length]);
}"""


def test_the_page_can_not_tell_that_it_is_observed(browser: Browser, server: PageServer) -> None:
    url = f"{server.url}/blank.html"
    with open_board(browser, url) as board:
        observed = board.page.evaluate(PROBE)
        ticks = "new Promise((done) => setTimeout((a, b) => done([a, b]), 1, 'a', 'b'))"
        assert board.page.evaluate(ticks) == ["a", "b"]
        assert (
            board.page.evaluate("new Promise((done) => requestAnimationFrame(done)).then((at) => typeof at)")
            == "number"
        )
        cancelled = (
            "new Promise((done) => { clearTimeout(setTimeout(() => done(1), 1)); setTimeout(() => done(2), 20); })"
        )
        assert board.page.evaluate(cancelled) == 2
        assert board.page.evaluate("fetch('/blank.html').then((answer) => answer.status)") == 200
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(url)
        assert page.evaluate(PROBE) == observed
    finally:
        context.close()


def test_what_a_payload_brings_about_is_an_intrusion(blank: Board, server: PageServer) -> None:
    with PageServer() as foreign:
        blank.page.evaluate(
            """(url) => {
              document.querySelector("#rows").append(row(1));
              const evil = row(2);
              evil.innerHTML = `<img src="${url}/a.png?token=s3cret" onerror="alert('hello')">`;
              document.querySelector("#rows").append(evil);
            }""",
            foreign.url,
        )
        blank.wait(lambda: len(blank.facts(FactKind.PAGE_INTRUSION)) >= 3, "three intrusions")
        blank.page.evaluate("void window.open('/blank.html')")
        blank.page.evaluate(f"void fetch('{server.url}/blank.html')")
        blank.wait(lambda: len(blank.facts(FactKind.PAGE_INTRUSION)) >= 4, "the popup")
        whats = sorted(each["what"].split(":")[0].split(" to ")[0] for each in blank.data(FactKind.PAGE_INTRUSION))
        assert whats == ["dialog alert", "markup that runs, in row", "popup http", "request (image)"]
        assert f"{foreign.url}/a.png?token=(redacted)" in repr(blank.data(FactKind.PAGE_INTRUSION))
        assert len(blank.page.context.pages) == 1


def test_a_websocket_to_elsewhere_is_an_intrusion(blank: Board) -> None:
    with PageServer() as foreign:
        blank.page.evaluate("(url) => void new WebSocket(url)", foreign.url.replace("http", "ws") + "/chat?key=s3cret")
        blank.wait(lambda: bool(blank.facts(FactKind.PAGE_INTRUSION)), "an intrusion")
        (intrusion,) = blank.data(FactKind.PAGE_INTRUSION)
        assert intrusion["what"] == f"request (websocket) to {foreign.url.replace('http', 'ws')}/chat"


def test_errors_of_the_page_are_facts(blank: Board) -> None:
    blank.page.evaluate("void setTimeout(() => { throw new Error('thrown'); })")
    blank.page.evaluate("void Promise.reject(new Error('rejected')); console.error('said')")
    blank.wait(lambda: len(blank.facts(FactKind.PAGE_ERROR)) == 3, "three errors")
    texts = " | ".join(sorted(each["text"] for each in blank.data(FactKind.PAGE_ERROR)))
    assert "Uncaught Error: thrown" in texts
    assert "unhandled rejection: Error: rejected" in texts
    assert "console: said" in texts


STORES: dict[str, tuple[str, list[str]]] = {
    "appended in place": (
        "const list = []; for (const n of [1, 2, 3]) { list.push(item(n)); put(list); }",
        ["1", "2", "3"],
    ),
    "replaced by a longer list": (
        "let l = []; for (const n of [1, 2, 3]) { l = [...l, item(n)]; put(l); }",
        ["1", "2", "3"],
    ),
    "rebuilt from new objects": (
        "for (const n of [1, 2, 3]) put(Array.from({length: n}, (_, i) => item(i + 1)))",
        ["1", "2", "3"],
    ),
    "newest first": ("let l = []; for (const n of [1, 2, 3]) { l = [item(n), ...l]; put(l); }", ["1", "2", "3"]),
    "with a limit of two": (
        "let l = []; for (const n of [1, 2, 3, 4]) { l = [...l, item(n)].slice(-2); put(l); }",
        ["1", "2", "3", "4"],
    ),
    "the same event twice": ("put([item(1)]); put([item(1), item(1)])", ["1", "1"]),
    "cleared in between": ("put([item(1), item(2)]); put([]); put([item(3)])", ["1", "2", "3"]),
    "told without a change": ("const l = [item(1)]; put(l); put(l); put([...l])", ["1"]),
}


@pytest.mark.parametrize("how", STORES)
def test_each_item_of_the_state_is_seen_once_however_the_list_is_kept(blank: Board, how: str) -> None:
    script, seqs = STORES[how]
    blank.page.evaluate(f"(() => {{ {script} }})()")
    blank.tap.drain()
    assert blank.keys(Hop.APPLIED) == [f"s1/{seq}" for seq in seqs]


def test_a_store_that_comes_late_is_found(browser: Browser, server: PageServer) -> None:
    spec = replace(SPEC, store=replace(SPEC.store, global_name="late") if SPEC.store else None)
    with open_board(browser, f"{server.url}/blank.html", spec) as board:
        assert board.tap.alive()["store"] is False
        board.page.evaluate("""() => {
          let events = [item(1)];
          window.late = { getState: () => ({ events }), subscribe() {} };
          events = [item(2)];
        }""")
        board.tap.drain()
        assert board.keys(Hop.APPLIED) == ["s1/1", "s1/2"]
        assert board.tap.alive()["store"] is True
        assert board.page.evaluate("Object.getOwnPropertyDescriptor(window, 'late').writable") is True


ROWS: dict[str, tuple[str, list[str]]] = {
    "put in": ("list.append(row(1), row(2))", ["1", "2"]),
    "put in within another element": (
        "const d = document.createElement('div'); d.append(row(1)); list.append(d)",
        ["1"],
    ),
    "moved": ("const r = row(1); list.append(r, row(2)); requestAnimationFrame(() => list.append(r))", ["1", "2"]),
    "drawn anew": ("list.append(row(1)); requestAnimationFrame(() => list.replaceChildren(row(1)))", ["1"]),
    "shown twice": ("list.append(row(1), row(1))", ["1", "1"]),
    "used again for another event": (
        "const r = row(1); list.append(r); requestAnimationFrame(() => (r.dataset.seq = 2))",
        ["1", "2"],
    ),
    "shifted all at once": (
        "const [a, b] = [row(1), row(2)]; list.append(a, b);"
        "requestAnimationFrame(() => { a.dataset.seq = 2; b.dataset.seq = 3; })",
        ["1", "2", "3"],
    ),
    "gone before anybody could see it": ("const r = row(1); list.append(r); r.remove()", []),
}


@pytest.mark.parametrize("how", ROWS)
def test_each_row_is_seen_once_however_the_list_is_drawn(blank: Board, how: str) -> None:
    script, seqs = ROWS[how]
    two_frames = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    blank.page.evaluate(f"(() => {{ const list = document.querySelector('#rows'); {script}; return {two_frames} }})()")
    blank.tap.drain()
    assert blank.keys(Hop.RENDERED) == [f"s1/{seq}" for seq in seqs]


def test_rows_without_attributes_are_read_by_a_pattern(browser: Browser, server: PageServer) -> None:
    pattern = r"(?<type>\S+) of (?<session>\S+), no\. (?<seq>\d+)"
    with open_board(browser, f"{server.url}/blank.html", PageSpec(row=RowSpec("#rows li", pattern=pattern))) as board:
        board.page.evaluate("void document.querySelector('#rows').append(row(9, 'skill:started of s1, no. 1'))")
        board.page.evaluate("void (document.querySelector('#rows li').firstChild.data = 'skill:started of s1, no. 2')")
        board.tap.drain()
        assert board.keys(Hop.RENDERED) == ["s1/1", "s1/2"]


def test_the_clocks_agree_within_the_stated_error(board: Board, server: PageServer) -> None:
    clock = board.tap.calibrate()
    assert clock is not None
    assert clock.data["offset_ns"] == 0
    before = time.monotonic_ns()
    server.emit(event(1))
    board.wait(lambda: board.keys(Hop.RENDERED) == ["s1/1"], "the event")
    after = time.monotonic_ns()
    seen = [r for r in board.records if isinstance(r, Sighting)]
    assert all(before - clock.data["error_ns"] <= r.at_ns <= after + clock.data["error_ns"] for r in seen)
    assert [r.hop for r in sorted(seen, key=lambda r: r.at_ns)] == list(PAGE_SIDE)


def test_a_large_record_is_fetched_in_parts(board: Board, server: PageServer) -> None:
    server.emit(*(event(seq) for seq in range(1, 2001)))
    board.page.wait_for_function("board.getState().events.length === 2001")
    assert board.tap.drain() > 8000
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


def test_a_page_whose_script_never_ends_is_given_up(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tap_module, "PATIENCE_S", 0.3)
    board.page.evaluate("void setTimeout(() => { const end = Date.now() + 1500; while (Date.now() < end); }, 0)")
    board.page.wait_for_timeout(1)  # the call that lets the page begin
    with pytest.raises(PageTapError, match=r"dashboard A \(http://127.*\) did not answer its tap within 0.3 s"):
        board.tap.drain()


def test_taps_are_alive_where_their_canaries_come_back(board: Board) -> None:
    assert board.tap.alive() == {"wire": True, "store": True, "dom": True}


def test_what_the_page_breaks_of_the_tap_is_said(blank: Board) -> None:
    blank.page.evaluate(
        "() => { Element.prototype.matches = () => { throw new Error('broken'); }; document.body.append(row(1)); }"
    )
    blank.wait(lambda: bool(blank.facts(FactKind.TAP)), "the tap's own failure")
    trouble: Any = blank.data(FactKind.TAP)[0]
    assert trouble["alive"] is False
    assert "broken" in trouble["why"]
    assert not blank.facts(FactKind.PAGE_ERROR)
