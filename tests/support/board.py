"""A page with its tap, and what the tap wrote: what a test of the page tap works with."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

from harness.model import AnyFact, Body, Fact, Hop, Record, Sighting
from harness.model.facts import PageConnected
from harness.record.identity import Envelope
from harness.taps.page import (
    CounterSpec,
    PageSpec,
    PageTap,
    PanelSpec,
    RowSpec,
    StatusSpec,
    StoreSpec,
    WindowSpec,
    install,
)
from tests.support.facts import data_of

SPEC = PageSpec(
    row=RowSpec('[data-testid="event-row"]', "data-type", "data-session", "data-seq", "data-index"),
    counter=CounterSpec('[data-testid="event-count"]', "data-count"),
    status=StatusSpec('[role="status"][data-connection]', "data-connection", "connected"),
    panel=PanelSpec("section[data-panel]", "data-panel", "data-session", "data-value"),
    window=WindowSpec('[data-testid="stream-window"]', "data-shown", "data-total"),
    store=StoreSpec("board", connection="connection"),
    windowed=True,
)
NUMBERED = Envelope()
PATIENCE_S = 15.0


class Board:
    """One page under observation."""

    def __init__(self, page: Page, spec: PageSpec = SPEC, envelope: Envelope = NUMBERED) -> None:
        self.page = page
        self.records: list[Record] = []
        self.tap = PageTap(page, spec, self.records.append, envelope.read, envelope.read_item, "A", time.monotonic_ns)

    def keys(self, hop: Hop, load: int = 1) -> list[str]:
        """The keys seen at a hop, in the order of the record."""
        observer = f"dashboard:A.{load}"
        seen = [r for r in self.records if isinstance(r, Sighting) and r.hop is hop and r.observer == observer]
        return [each.event.key for each in seen]

    def facts(self, kind: type[Body]) -> list[AnyFact]:
        return [record for record in self.records if isinstance(record, Fact) and isinstance(record.body, kind)]

    def data(self, kind: type[Body]) -> list[Any]:
        return [data_of(fact.body) for fact in self.facts(kind)]

    def wait(self, is_done: Callable[[], bool], what: str) -> None:
        """Drain until something is on record."""
        deadline = time.monotonic() + PATIENCE_S
        self.tap.drain()
        while not is_done():
            assert time.monotonic() < deadline, f"{what} not within {PATIENCE_S} s: {self.records[-5:]}"
            self.tap.drain()

    def wait_connected(self, times: int = 1) -> None:
        self.page.wait_for_function(
            "document.querySelector('[data-connection=connected]') && board.getState().events.length"
        )
        self.wait(lambda: len(self.facts(PageConnected)) >= times, "a connection")


@contextmanager
def open_board(browser: Browser, url: str, spec: PageSpec = SPEC, envelope: Envelope = NUMBERED) -> Iterator[Board]:
    """A page in a context of its own, loaded."""
    context = browser.new_context()
    try:
        install(context, spec)
        board = Board(context.new_page(), spec, envelope)
        board.page.goto(url)
        yield board
    finally:
        context.close()


def event(seq: int, name: str = "skill:started", session: str = "s1", **data: Any) -> tuple[str, dict[str, Any]]:
    """A Socket.IO message that carries an event."""
    return name, {"session": session, "seq": seq, "at": "2026-01-01T00:00:00Z", "data": data}
