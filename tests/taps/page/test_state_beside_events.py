"""What the page tap reads beside events: further fields of items, values of the state, attributes of parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from harness.model import Hop, Sighting
from harness.record.digests import digest
from harness.taps.page import PanelSpec, StoreSpec
from harness.taps.page.spec import NamedPanel
from tests.support.board import SPEC, Board, open_board
from tests.support.browsers import browser, server
from tests.support.page_server import PageServer

__all__ = ["browser", "server"]

VALUES = (
    ("count", "sessions.{session}.count"),
    ("files", "sessions.{session}.files.length"),
    ("by map", "byMap.{session}.size"),
    ("deep", "sessions.{session}.none.at.all"),
    ("mode", "mode"),
    ("nothing", "nothing"),
)


@pytest.fixture
def board(browser: Browser, server: PageServer) -> Iterator[Board]:
    bar = NamedPanel("work", "#work", (("bar", "progress", "value"), ("text", "span")))
    spec = replace(
        SPEC,
        store=StoreSpec("board", fields=("at", "none"), values=VALUES),
        panel=PanelSpec("#work", named=(bar,)),
    )
    with open_board(browser, f"{server.url}/blank.html", spec) as opened:
        yield opened


def test_an_item_says_its_message_s_fields(board: Board) -> None:
    board.page.evaluate("put([{ ...item(1), at: '12:00' }, item(2)])")
    board.tap.drain()
    applied = [r for r in board.records if isinstance(r, Sighting) and r.hop is Hop.APPLIED]
    assert [r.detail.get("rest") for r in applied] == [digest({"fields": {"at": "12:00"}}), None]


def test_the_state_is_read_by_session_and_a_bar_by_its_attribute(board: Board) -> None:
    board.page.evaluate("""() => {
      const bare = Object.create(null);
      bare.one = { count: 2, files: [1, 2, 3] };
      bare["__proto__"] = { count: null };
      const byMap = new Map([["one", new Set([1])]]);
      const state = { events: [], sessions: bare, byMap, mode: "x".repeat(200), nothing: null };
      window.board.getState = () => state;
      const bar = "<progress max=100 value=40></progress>";
      document.body.insertAdjacentHTML("beforeend", `<p id=work>${bar}<span>Half</span></p>`);
    }""")
    view = board.tap.view()
    assert view is not None
    assert view.body.state == {
        "one": {"count": "2", "files": "3", "by map": "1"},
        "__proto__": {"count": ""},
        "": {"mode": "x" * 100, "nothing": ""},
    }
    assert view.body.panels is not None
    assert view.body.panels["work"].values == {"bar": "40", "text": "Half"}


def test_a_state_that_has_none_of_them_is_not_the_same_as_one_that_was_not_read(board: Board) -> None:
    view = board.tap.view()
    assert view is not None
    assert view.body.state == {}


def test_a_state_that_cannot_be_read_says_nothing(board: Board) -> None:
    board.page.evaluate("window.board.getState = () => ({ events: [], get sessions() { throw new Error('no'); } })")
    view = board.tap.view()
    assert view is not None
    assert view.body.state is None
