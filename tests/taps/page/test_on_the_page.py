"""The page tap on the page itself: its state and its document, what a payload may not do, and who must not notice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from harness.model import Body, Hop, Sighting
from harness.model.facts import (
    PageError,
    PageIntrusion,
    PageOwn,
    PanelPart,
    PanelShown,
    StatusShown,
    TapTried,
    WindowShown,
)
from harness.record.identity import Envelope, digest
from harness.taps.page import PageSpec, RowSpec
from tests.support.board import SPEC, Board, event, open_board
from tests.support.browsers import blank, board, browser, server
from tests.support.page_server import PageServer

__all__ = ["blank", "board", "browser", "server"]

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
        board.page.evaluate("document.querySelector('#rows').remove()")  # the rows are drawn where nobody sees them
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


NAMED = Envelope(session=None, seq=None)
CELLS = "<td>10:04</td><td>order:paid</td><td>ok</td>"
IN_A_BOX = '<div style="display: flex; gap: 1em"><span>10:04</span><span>order:paid</span></div>'
INLINE = "<b>order</b>:<i>paid</i> at 10:04"


def named(board: Board) -> list[str]:
    return [each.event.name for each in board.records if isinstance(each, Sighting) and each.hop is Hop.RENDERED]


@pytest.mark.parametrize("markup", [CELLS, IN_A_BOX, INLINE, "10:04<br>order:paid", "<p>10:04</p>order:paid"])
def test_a_pattern_reads_a_row_as_a_person_does(browser: Browser, server: PageServer, markup: str) -> None:
    spec = PageSpec(row=RowSpec("tr", pattern=r"(?:^|\s)(?<type>order:\w+)(?:\s|$)"))
    with open_board(browser, f"{server.url}/blank.html", spec, NAMED) as board:
        draw = "void (document.body.innerHTML = `<table><tbody><tr>${markup}</tr></tbody></table>`)"
        markup = markup if markup.startswith("<td>") else f"<td>{markup}</td>"
        board.page.evaluate(f"(markup) => {draw}", markup)
        board.tap.drain()
        assert named(board) == ["order:paid"]


def test_a_pattern_fits_a_row_also_as_reports_show_it(browser: Browser, server: PageServer) -> None:
    spec = PageSpec(row=RowSpec("p", pattern="^(?<type>paid) now$"))
    with open_board(browser, f"{server.url}/blank.html", spec, NAMED) as board:
        board.page.evaluate("void (document.body.innerHTML = '<p><b>paid</b><i>now</i></p>')")
        board.tap.drain()
        assert named(board) == ["paid"]


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


def said(board: Board, kind: type[Body]) -> set[str]:
    return {each["what"].split(":")[0].split(" to ")[0] for each in board.data(kind)}


def intrusions(board: Board) -> set[str]:
    return said(board, PageIntrusion)


AS_HTML = """() => client().onAny((type, event) => {
  const evil = row({ type }, 9);
  evil.innerHTML = event.data.text;
  document.querySelector("#rows").append(evil);
})"""


def test_what_a_payload_brings_about_is_an_intrusion(board: Board, server: PageServer) -> None:
    with PageServer() as foreign:
        board.page.evaluate(AS_HTML)
        text = f'<img src="{foreign.url}/a.png?token=s3cret" onerror="alert(\'hello\')">'
        server.emit(event(1, text=text))
        board.wait(lambda: intrusions(board) >= {"dialog alert", "request (image)"}, "what the payload does")
        board.page.evaluate("void window.open('/blank.html')")
        board.page.evaluate(f"void fetch('{server.url}/blank.html')")
        board.wait(lambda: "popup http" in intrusions(board), "the popup")
        expected = {"dialog alert", "markup that runs, in row", "markup that runs, in stream", "popup http"}
        assert intrusions(board) == {*expected, "request (image)"}
        assert f"{foreign.url}/a.png?token=(redacted)" in repr(board.data(PageIntrusion))
        board.wait(lambda: len(board.page.context.pages) == 1, "the popup to be closed")


ITS_OWN = """(url) => {
  const row_ = row({ type: "x" }, 9);
  row_.innerHTML = `<img src="${url}/logo.png" onerror="0">`;
  document.querySelector("#rows").append(row_);
  void new WebSocket(url.replace("http", "ws") + "/chat?key=s3cret");
  void window.open("/blank.html");
  void setTimeout(() => alert("welcome"));
}"""


@pytest.mark.parametrize("text", ["plain", "see http://127.0.0.1:9/elsewhere", "a < b, and 2 <3"])
def test_what_the_page_does_of_its_own_accord_is_no_intrusion(board: Board, server: PageServer, text: str) -> None:
    with PageServer() as foreign:
        server.emit(event(1, text=text))
        board.page.evaluate(ITS_OWN, foreign.url)
        expected = {"dialog alert", "markup that runs, in row", "popup http", "request (image)", "request (websocket)"}
        board.wait(lambda: said(board, PageOwn) >= expected, "what the page did")
        assert board.facts(PageIntrusion) == []
        assert "s3cret" not in repr(board.data(PageOwn))


HIDE = """(styles) => {
  const rows = document.querySelector("#rows");
  styles.forEach((style, place) => {
    const item = row({ type: "x", session: "s1", seq: place + 1, data: { text: `text ${place}` } }, place);
    item.style.cssText = style;
    rows.append(item);
  });
  const box = document.createElement("div");
  box.style.cssText = "position: relative; width: 50px; height: 20px; overflow: hidden";
  const outside = row({ type: "x", session: "s1", seq: 99, data: { text: "outside" } }, 99);
  outside.style.cssText = "position: absolute; top: 40px";
  box.append(outside);
  document.body.append(box);
}"""

SEEN = ("", "margin-top: 400em", "opacity: 0.5", "color: rgba(0, 0, 0, 0.3)", "color: white; background: teal")
HIDDEN = (
    *("display: none", "visibility: hidden", "opacity: 0", "height: 0; overflow: hidden", "color: transparent"),
    "color: rgb(9, 9, 9); background: rgb(9, 9, 9)",
)
COVER = """(style) => {
  const rows = document.querySelector("#rows");
  rows.append(row({ type: "x", session: "s1", seq: 1, data: { text: "first" } }, 0));
  rows.append(row({ type: "x", session: "s1", seq: 2, data: { text: "second" } }, 1));
  const cover = document.createElement("div");
  cover.style.cssText = style;
  document.body.append(cover);
}"""


@pytest.mark.parametrize(
    ("style", "unseen"),
    [
        ("position: fixed; inset: 0; background: white", True),
        ("position: fixed; inset: 0; background: rgba(0, 0, 0, 0.2)", False),
        ("position: fixed; inset: 0; pointer-events: none; background: white", False),
        ("position: fixed; bottom: 0; height: 2px; width: 100%; background: white", False),
    ],
)
def test_what_something_else_lies_upon_is_not_seen(blank: Board, style: str, unseen: bool) -> None:
    blank.page.evaluate(COVER, style)
    view = blank.tap.view()
    assert view is not None
    assert view.body.hidden == ((0, 1) if unseen else ())
    assert ("counter" in view.body.unseen) is unseen


def test_the_view_has_the_text_of_each_row_and_which_of_them_a_person_can_not_see(blank: Board) -> None:
    blank.page.evaluate(HIDE, [*SEEN, *HIDDEN])
    view = blank.tap.view()
    assert view is not None
    rows = "[...document.querySelectorAll('[data-testid=event-row]')].map((row) => row.textContent)"
    texts = view.body.texts or ()
    assert [*texts] == blank.page.evaluate(rows) and len(texts) == len(SEEN) + len(HIDDEN) + 1
    assert view.body.hidden == (*range(len(SEEN), len(SEEN) + len(HIDDEN) + 1),)


COLUMNS = """(style) => {
  const rows = document.querySelector("#rows");
  rows.style.cssText = style;
  for (const [column, seqs] of [[rows, [3, 1, 2]], [document.createElement("div"), [4, 5]]]) {
    const drawn = seqs.map((seq) => row(seq, "text"));
    for (const each of drawn) each.style.order = each.dataset.seq;
    column.append(...drawn);
    if (column !== rows) document.body.append(column);
  }
}"""


@pytest.mark.parametrize(
    ("style", "seqs"),
    [
        ("", [3, 1, 2]),
        ("display: flex; flex-direction: column", [1, 2, 3]),
        ("display: flex; flex-direction: column-reverse", [3, 2, 1]),
    ],
)
def test_rows_are_read_as_they_are_drawn_each_in_its_list(blank: Board, style: str, seqs: list[int]) -> None:
    blank.page.evaluate(COLUMNS, style)
    view = blank.tap.view()
    assert view is not None
    assert view.body.rows == tuple(f"s1/{seq}" for seq in (*seqs, 4, 5))
    assert view.body.lists == (0, 0, 0, 1, 1)


def test_rows_that_are_written_anew_around_another_one_are_seen_once(browser: Browser, server: PageServer) -> None:
    """A list without numbers that is sorted by its texts: what comes is put in between."""
    spec = PageSpec(row=RowSpec("#rows li", pattern="^(?<type>[a-z]+)"))
    names_only = Envelope(session=None, seq=None)
    with open_board(browser, f"{server.url}/blank.html", spec, names_only) as board:
        texts = ["make tea", "make soup", "make bread", "make pie"]
        for count in range(1, len(texts) + 1):
            listed = sorted(texts[:count])
            board.page.evaluate(
                "(texts) => document.querySelector('#rows').replaceChildren(...texts.map((text) => row(1, text)))",
                listed,
            )
            board.tap.drain()
        assert len(board.keys(Hop.RENDERED)) == len(texts)


def test_errors_of_the_page_are_facts(blank: Board) -> None:
    blank.page.evaluate("void setTimeout(() => { throw new Error('thrown'); })")
    blank.page.evaluate("void Promise.reject(new Error('rejected')); console.error('said')")
    blank.wait(lambda: len(blank.facts(PageError)) == 3, "three errors")
    texts = " | ".join(sorted(each["text"] for each in blank.data(PageError)))
    assert "Uncaught Error: thrown" in texts
    assert "unhandled rejection: Error: rejected" in texts
    assert "console: said" in texts


def test_what_the_page_breaks_of_the_tap_is_said(blank: Board) -> None:
    blank.page.evaluate(
        "() => { Element.prototype.matches = () => { throw new Error('broken'); }; document.body.append(row(1)); }"
    )
    blank.wait(lambda: bool(blank.facts(TapTried)), "the tap's own failure")
    trouble = blank.data(TapTried)[0]
    assert trouble["alive"] is False
    assert "broken" in trouble["why"]
    assert not blank.facts(PageError)
