"""Which rows a person sees, in which order and with what text."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from harness.model import Hop, Sighting
from harness.record.identity import Envelope
from harness.taps.page import PageSpec, RowSpec
from tests.support.board import Board, open_board
from tests.support.page_server import PageServer

NAMED = Envelope(session=None, seq=None)

ROWS: dict[str, tuple[str, list[str]]] = {
    "put in": ("list.append(row(1), row(2))", ["1", "2"]),
    "put in within another element": (
        "const d = document.createElement('div'); d.append(row(1)); list.append(d)",
        ["1"],
    ),
    "moved": ("const r = row(1); list.append(r, row(2)); requestAnimationFrame(() => list.append(r))", ["1", "2"]),
    "drawn anew": ("list.append(row(1)); requestAnimationFrame(() => list.replaceChildren(row(1)))", ["1"]),
    "shown twice": ("list.append(row(1), row(1))", ["1", "1"]),
    "shown twice, and drawn anew": (
        "list.append(row(1), row(1)); requestAnimationFrame(() => list.replaceChildren(row(1), row(1)))",
        ["1", "1"],
    ),
    "used again for another event": (
        "const r = row(1); list.append(r); requestAnimationFrame(() => (r.dataset.seq = 2))",
        ["1", "2"],
    ),
    "shifted all at once": (
        "const [a, b] = [row(1), row(2)]; list.append(a, b);"
        "requestAnimationFrame(() => { a.dataset.seq = 2; b.dataset.seq = 3; })",
        ["1", "2", "3"],
    ),
    "gone before it could be seen": ("const r = row(1); list.append(r); r.remove()", []),
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


def rendered(board: Board) -> list[str]:
    return [each.event.name for each in board.records if isinstance(each, Sighting) and each.hop is Hop.RENDERED]


TEXTS = {
    "a log": ("pre", "box.append(said)", "box.textContent = said"),
    "blocks and breaks": (
        "div",
        "box.append(document.createElement('br'), ...said.split('\\n').filter(Boolean).map((t) => "
        "Object.assign(document.createElement('p'), { textContent: t })))",
        "box.innerText = said",
    ),
    "a text area": ("textarea", "box.value += said", "box.value = said"),
}


@pytest.mark.parametrize("how", TEXTS)
@pytest.mark.parametrize("is_numbered", [True, False], ids=["numbered", "bare"])
def test_each_line_of_a_text_is_a_row(browser: Browser, server: PageServer, how: str, is_numbered: bool) -> None:
    kind, append, anew = TEXTS[how]
    number = r" of (?<session>\S+), no\. (?<seq>\d+)" if is_numbered else ""
    spec = PageSpec(row=RowSpec("#log", pattern=rf"^> (?<type>\S+){number}", lines=True))
    envelope = Envelope() if is_numbered else NAMED
    make = f"const box = Object.assign(document.createElement('{kind}'), {{ id: 'log' }}); document.body.append(box)"
    with open_board(browser, f"{server.url}/blank.html", spec, envelope=envelope) as board:
        board.page.evaluate(f"() => {{ {make} }}")
        for said in ("> a of s1, no. 1\n", "hello\n> b of s1, no. 2\n> b of s1, no. 3\n"):
            board.page.evaluate(f"(said) => {{ const box = document.querySelector('#log'); {append} }}", said)
            board.tap.drain()
        assert rendered(board) == ["a", "b", "b"]
        view = board.tap.view()
        assert view is not None and view.body.texts == (
            "> a of s1, no. 1",
            "hello",
            "> b of s1, no. 2",
            "> b of s1, no. 3",
        )
        board.page.evaluate(f"(said) => {{ const box = document.querySelector('#log'); {anew} }}", "> c of s1, no. 4\n")
        board.tap.drain()
        assert rendered(board) == ["a", "b", "b", "c"]


def log(board: Board, text: str) -> None:
    """Set the text of a text area, and go on in another turn."""
    board.page.evaluate("(text) => void (document.querySelector('#log').value = text)", text)


def test_a_text_area_is_read_each_time_that_it_is_set(browser: Browser, server: PageServer) -> None:
    """Also what was not looked at before it was overwritten; a line that is there twice at once is told as such."""
    pattern = r"^> (?<type>\S+) of (?<session>\S+), no\. (?<seq>\d+)"
    spec = PageSpec(row=RowSpec("#log", pattern=pattern, lines=True))
    with open_board(browser, f"{server.url}/blank.html", spec) as board:
        board.page.evaluate("() => void (document.body.innerHTML = '<textarea id=log></textarea>')")
        log(board, "> a of s1, no. 1")
        log(board, "> b of s1, no. 2")
        log(board, "> c of s1, no. 3\n> c of s1, no. 3")
        board.page.evaluate("() => void (document.querySelector('#log').style.display = 'none')")
        board.tap.drain()
        assert rendered(board) == ["a", "b", "c", "c"]
        twice = [each for each in board.records if isinstance(each, Sighting) and each.detail.get("twice")]
        assert [each.event.name for each in twice] == ["c"]
        view = board.tap.view()
        assert view is not None and view.body.hidden == (0, 1)


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
