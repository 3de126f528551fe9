"""The page tap on the page itself: its list, its counter and its state; and it is not noticed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from harness.model import Hop, Sighting
from harness.model.facts import PanelPart, PanelShown, StatusShown, WindowShown
from harness.record.digests import digest
from tests.support.board import SPEC, Board, event, open_board
from tests.support.page_server import PageServer

KEYS = [f"s1/{seq}" for seq in range(1, 6)]


def test_a_window_of_the_list_counts_by_the_counter(browser: Browser, server: PageServer) -> None:
    url = f"{server.url}/dashboard.html?rows=3"
    with open_board(browser, url) as board:
        board.wait_connected()
        server.emit(*(event(seq) for seq in range(1, 6)))
        board.wait(lambda: len(board.keys(Hop.RENDERED)) == 5, "five rendered events")
        assert sorted(board.keys(Hop.RENDERED)) == KEYS
        view = board.tap.view()
        assert view is not None
        assert view.body.rows == ("s1/3", "s1/4", "s1/5")
        assert view.body.window == WindowShown("last 3 of 6", 3, 6)
    with open_board(browser, url, replace(SPEC, windowed=False)) as board:
        board.wait_connected()
        board.page.evaluate("document.querySelector('#rows').remove()")  # the rows are drawn where they are not visible
        server.emit(*(event(seq) for seq in range(1, 6)))
        board.wait(lambda: len(board.keys(Hop.APPLIED)) == 5, "five applied events")
        assert board.keys(Hop.RENDERED) == []


def test_the_view_is_what_the_page_shows_and_holds(board: Board, server: PageServer) -> None:
    server.emit(*(event(seq) for seq in range(1, 6)))
    board.wait(lambda: len(board.keys(Hop.RENDERED)) == 5, "five rendered events")
    view = board.tap.view()
    assert view is not None
    assert view.body.rows == view.body.state_events == ("connection:established", *KEYS)
    assert (view.body.counter, view.body.counter_text) == (6, "6 events")
    assert view.body.status == StatusShown("Connected", True)
    assert view.body.panels is not None
    assert view.body.panels["skills"] == PanelPart(None, "Skills 5", {"started": "5"})
    assert view.body.window is None
    assert view.body.state_connection == "connected"
    texts = [each["text"] for each in board.data(PanelShown) if each["panel"] == "skills"]
    assert texts[0] == "Skills 0"
    assert texts[-1] == "Skills 5"


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
    "cleared and filled again": ("put([item(1), item(2)]); put([]); put([item(1), item(2)])", ["1", "2"]),
    "told without a change": ("const l = [item(1)]; put(l); put(l); put([...l])", ["1"]),
}


@pytest.mark.parametrize("how", STORES)
def test_each_item_of_the_state_is_seen_once_however_the_list_is_kept(blank: Board, how: str) -> None:
    script, seqs = STORES[how]
    blank.page.evaluate(f"(() => {{ {script} }})()")
    blank.tap.drain()
    assert blank.keys(Hop.APPLIED) == [f"s1/{seq}" for seq in seqs]


def test_a_new_item_before_others_that_nothing_tells_apart_is_the_new_one(blank: Board) -> None:
    blank.page.evaluate("""() => {
      const [first, second, third] = [1, 2, 3].map((qty) => ({ ...item(1), data: { qty } }));
      put([first, second]);
      put([third, first, second]);
    }""")
    blank.tap.drain()
    applied = [r.event.digest for r in blank.records if isinstance(r, Sighting) and r.hop is Hop.APPLIED]
    assert applied == [digest({"qty": qty}) for qty in (1, 2, 3)]


def test_a_store_that_comes_late_is_found(browser: Browser, server: PageServer) -> None:
    spec = replace(SPEC, store=replace(SPEC.store, global_name="late") if SPEC.store else None)
    with open_board(browser, f"{server.url}/blank.html", spec) as board:
        assert board.tap.alive(0.5)["store"] is False
        board.page.evaluate("""() => {
          let events = [item(1)];
          window.late = { getState: () => ({ events }), subscribe() {} };
          events = [item(2)];
        }""")
        board.tap.drain()
        assert board.keys(Hop.APPLIED) == ["s1/1", "s1/2"]
        assert board.tap.alive(0.5)["store"] is True
        assert board.page.evaluate("Object.getOwnPropertyDescriptor(window, 'late').writable") is True


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
