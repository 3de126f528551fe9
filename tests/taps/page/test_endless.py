"""Pages whose script holds the calls that are made to them: it is ended, and such a page is not waited for twice."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Browser, Error

from harness.model.facts import PageError
from harness.taps.page import endless
from harness.taps.page import tap as tap_module
from harness.taps.page.tap import PageTapError
from tests.support.board import PATIENCE_S, Board, open_board
from tests.support.page_server import PageServer

BUSY = "ms => { const end = performance.now() + ms; while (performance.now() < end) {} }"


def test_a_script_that_holds_a_call_is_ended_and_told(
    browser: Browser, server: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endless, "GRACE_S", 0.3)
    with open_board(browser, f"{server.url}/blank.html") as board:
        began = time.monotonic()
        with pytest.raises(Error), board.tap.limited(0.2):
            board.page.evaluate(BUSY, PATIENCE_S * 1000)
        assert time.monotonic() - began < PATIENCE_S / 2
        [told] = [each["text"] for each in board.data(PageError)]
        assert told == "a script of the page ran for 0.5 s and longer, and was ended by the harness"
        assert board.page.evaluate("1 + 1") == 2, "the page goes on"


def test_a_call_that_returns_in_time_ends_nothing(
    browser: Browser, server: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endless, "GRACE_S", 0.05)
    with open_board(browser, f"{server.url}/blank.html") as board:
        with board.tap.limited(PATIENCE_S):
            board.page.evaluate(BUSY, 10)
        board.page.evaluate(BUSY, 300)  # outside of the block, longer than the grace
        assert not board.data(PageError)


def test_a_page_that_did_not_answer_is_waited_for_shortly_until_it_does(
    board: Board, server: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tap_module, "SILENT_S", 0.1)
    with server.holding(board.page):
        with pytest.raises(PageTapError, match=r"within 0\.3 s"):
            board.tap.call_within(0.3, "origin")
        assert board.tap.is_silent
        with pytest.raises(PageTapError, match=r"within 0\.1 s"):
            board.tap.call_within(PATIENCE_S, "origin")
    board.page.evaluate("1")  # it answers again
    monkeypatch.setattr(tap_module, "SILENT_S", PATIENCE_S)
    assert board.tap.call_within(PATIENCE_S, "origin") is not None
    assert not board.tap.is_silent
