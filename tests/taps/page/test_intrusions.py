"""What a payload may not do to a page, what a page may do of its own accord, and what it breaks of the tap."""

from __future__ import annotations

import pytest

from harness.model import Body
from harness.model.facts import PageError, PageIntrusion, PageOwn, TapTried
from tests.support.board import Board, event
from tests.support.page_server import PageServer


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
def test_what_the_page_does_of_its_own_accord_is_not_an_intrusion(board: Board, server: PageServer, text: str) -> None:
    with PageServer() as foreign:
        server.emit(event(1, text=text))
        board.page.evaluate(ITS_OWN, foreign.url)
        expected = {"dialog alert", "markup that runs, in row", "popup http", "request (image)", "request (websocket)"}
        board.wait(lambda: said(board, PageOwn) >= expected, "what the page did")
        assert board.facts(PageIntrusion) == []
        assert "s3cret" not in repr(board.data(PageOwn))


def test_errors_of_the_page_are_facts(blank: Board) -> None:
    blank.page.evaluate("void setTimeout(() => { throw new Error('thrown'); })")
    blank.page.evaluate("void Promise.reject(new Error('rejected')); console.error('said')")
    blank.wait(lambda: len(blank.facts(PageError)) == 3, "three errors")
    texts = " | ".join(sorted(each["text"] for each in blank.data(PageError)))
    assert "Uncaught Error: thrown" in texts
    assert "unhandled rejection: Error: rejected" in texts
    assert "console: said" in texts


def test_a_resource_that_can_not_be_loaded_is_named(blank: Board) -> None:
    blank.page.evaluate("""() => {
      document.body.append(Object.assign(new Image(), { src: "http://nowhere.invalid/a.png?token=s3cret" }));
    }""")
    blank.wait(lambda: len(blank.facts(PageError)) == 1, "the error")
    [told] = blank.data(PageError)
    assert "http://nowhere.invalid/a.png?token=" in told["text"] and "s3cret" not in told["text"]


def test_what_the_page_breaks_of_the_tap_is_said(blank: Board) -> None:
    blank.page.evaluate(
        "() => { Element.prototype.matches = () => { throw new Error('broken'); }; document.body.append(row(1)); }"
    )
    blank.wait(lambda: bool(blank.facts(TapTried)), "the tap's own failure")
    trouble = blank.data(TapTried)[0]
    assert trouble["alive"] is False
    assert "broken" in trouble["why"]
    assert not blank.facts(PageError)
