"""What a page has set itself to do later than rendering takes, and how long a run waits for that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Route

from harness.model import Fact
from harness.model.facts import Fence, Still, View, WindowShown
from harness.run.lacking import is_behind, lacks
from harness.run.quiescence import Later, Proof, prove_absence
from tests.support.board import Board, open_board
from tests.support.browsers import browser, server
from tests.support.page_server import PageServer

__all__ = ("browser", "server")

GIVEN = ("s/1", "s/2", "s/3")
COUNTS = "const counts = () => document.querySelector('[data-count]').dataset.count++;"


@pytest.fixture
def board(browser: Browser, server: PageServer) -> Iterator[Board]:
    with open_board(browser, f"{server.url}/blank.html") as board:
        yield board


def later(board: Board, script: str = "") -> tuple[Later, ...]:
    """What the page has before it after a script."""
    board.page.evaluate(f"(() => {{ {script} }})()")
    (proof,) = prove_absence([board.tap], 5)
    return proof.later


def test_a_timer_that_is_longer_than_rendering_takes_is_told_until_it_fires_or_is_cleared(board: Board) -> None:
    [found] = later(board, "window.timer = setTimeout(() => (window.fired = true), 2000)")
    assert 0 < found.ms <= 2000 and found.draws is None
    board.tap.call_within(20, "later", 10_000)
    assert board.page.evaluate("window.fired") is True
    assert later(board) == later(board, "clearTimeout(setTimeout(() => {}, 2000))") == ()
    assert later(board, "setTimeout(() => {}, 60_000)") == (), "a time-out of the page's is not how it draws"


def test_a_timer_that_is_not_due_in_time_is_not_waited_for(board: Board) -> None:
    assert len(later(board, "setTimeout(() => (window.fired = true), 20_000)")) == 1
    board.tap.call_within(20, "later", 50)
    assert board.page.evaluate("window.fired ?? null") is None


def test_who_waits_for_a_timer_is_told_when_it_is_cleared(board: Board) -> None:
    later(board, "window.timer = setTimeout(() => {}, 20_000); setTimeout(() => clearTimeout(window.timer), 1001)")
    board.tap.call_within(20, "later", 19_999_999)
    assert later(board) == ()


def test_an_interval_is_told_until_it_has_fired_after_the_last_frame(browser: Browser, server: PageServer) -> None:
    with open_board(browser, f"{server.url}/dashboard.html?transports=websocket") as board:
        board.wait_connected()
        assert later(board, "window.times = 0; setInterval(() => window.times++, 1000)") == ()
        server.emit(("skill:started", {"session": "s", "seq": 1}))
        [found] = later(board)
        assert found.ms <= 1000
        before = board.page.evaluate("window.times")
        board.tap.call_within(20, "later", 10_000)
        assert board.page.evaluate("window.times") == before + 1
        assert board.page.evaluate("true") and later(board) == ()


@pytest.mark.parametrize(
    ("script", "known"), [(COUNTS, [None, True, True]), ("const counts = () => {};", [None, None, False])]
)
def test_what_is_done_again_draws_if_it_drew_before_and_not_if_it_twice_did_not(
    board: Board, script: str, known: list[bool | None]
) -> None:
    found = later(board, f"{script} window.again = () => setTimeout(counts, 1001); window.again()")
    for draws in known:
        assert [each.draws for each in found] == [draws]
        board.tap.call_within(20, "later", 10_000)
        assert later(board) == ()  # what is done now is not what the timer did
        news = "document.querySelector('[data-count]').dataset.count++"
        found = later(board, f"{news}; window.again()")


def test_a_timer_that_sets_itself_anew_is_over_once_it_fired_after_the_last_frame(board: Board) -> None:
    [first] = later(board, "const again = () => setTimeout(again, 1001); setTimeout(again, 1001)")
    board.tap.call_within(20, "later", 10_000)
    assert first.ms <= 1001 and later(board) == ()


ASKS = {
    "fetch": "fetch('/goods/17').then((answer) => answer.json()).then((goods) => show(goods))",
    "XMLHttpRequest": "const request = new XMLHttpRequest(); request.open('GET', '/goods/17');"
    "request.onload = () => show(JSON.parse(request.responseText)); request.send()",
}
SHOWS = "const show = ({ count }) => (document.querySelector('[data-count]').dataset.count = count);"


@pytest.mark.parametrize("how", ASKS)
def test_what_the_page_has_asked_for_is_told_until_it_has_it(board: Board, how: str) -> None:
    held: list[Route] = []
    board.page.route("**/goods/*", lambda route: held.append(route))
    assert later(board, SHOWS + ASKS[how]) == (Later(0),)
    held.pop().fulfill(json={"count": 7})
    while later(board):
        board.tap.call_within(20, "later", 10_000)
    assert board.page.evaluate("document.querySelector('[data-count]').dataset.count") == "7"
    assert later(board, SHOWS + ASKS[how].replace("17", "18")) == (Later(0, draws=True),)
    held.pop().abort()


def test_a_request_that_fails_is_over_and_fails_for_the_page_as_it_would(board: Board) -> None:
    board.page.route("**/goods/*", lambda route: route.abort())
    script = "addEventListener('unhandledrejection', (event) => (window.why = String(event.reason))); fetch('/goods/1')"
    while later(board, script):
        script = ""
    assert board.page.evaluate("window.why") == "TypeError: Failed to fetch"
    assert board.page.evaluate("[String(fetch), String(XMLHttpRequest.prototype.send)]") == [
        "function fetch() { [native code] }",
        "function send() { [native code] }",
    ]


COMPUTES = """() => {
  const busy = "const end = performance.now() + 60; while (performance.now() < end);";
  const code = `onmessage = () => { ${busy} setTimeout(() => postMessage(7), 100); }`;
  const worker = new Worker(URL.createObjectURL(new Blob([code])));
  worker.onmessage = ({ data }) => (document.querySelector("[data-count]").dataset.count = data);
  worker.postMessage(0);
}"""


def test_what_a_worker_of_the_page_computes_is_waited_for(board: Board) -> None:
    board.page.evaluate(COMPUTES)
    (proof,) = prove_absence([board.tap], 5)
    assert proof.view is not None and proof.view.body.counter == 7


@pytest.mark.parametrize(
    ("shown", "is_short"),
    [
        ({}, False),
        ({"counter": 3}, False),
        ({"counter": 2}, True),
        ({"rows": GIVEN}, False),
        ({"rows": (*GIVEN, "connection:opened")}, False),
        ({"rows": GIVEN[:2], "counter": 3}, True),
        ({"rows": GIVEN[:2], "window": WindowShown("2 of 3", 2, 3)}, True),
        ({"rows": GIVEN[1:], "window": WindowShown("2 of 3", 2, 3)}, False),
        ({"rows": GIVEN[1:], "window": WindowShown("2 of 3", 2, 3), "state_events": GIVEN[:2]}, True),
        ({"state_events": GIVEN}, False),
    ],
)
def test_whether_a_page_lacks_something_of_what_it_was_given(shown: dict[str, Any], is_short: bool) -> None:
    assert lacks(View(**shown), GIVEN) is is_short
    assert not lacks(View(**shown), ())


@pytest.mark.parametrize(
    ("later", "counter", "is_connected", "may"),
    [
        ((), 2, True, False),
        ((Later(2900),), 3, True, True),
        ((Later(3100),), 2, True, False),
        ((Later(2900, draws=True),), 3, True, True),
        ((Later(2900, draws=False),), 3, True, False),
        ((Later(2900, draws=False),), 2, True, True),
        ((Later(2900),), 2, False, False),
    ],
    ids=["nothing is due", "not known", "too late", "draws", "draws nothing", "lacks one", "has no connection"],
)
def test_whether_a_page_may_draw_more_within_three_seconds(
    later: tuple[Later, ...], counter: int, is_connected: bool, may: bool
) -> None:
    fence = Fact("dashboard:A.1", 1, 0, Fence("A", back=is_connected))
    still = Fact("dashboard:A.1", 2, 0, Still("A", still=True))
    shown = Fact("dashboard:A.1", 3, 0, View(counter=counter))
    assert is_behind(Proof("A", fence, still, {}, shown, later), 3.0, GIVEN) is may
