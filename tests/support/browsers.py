"""Fixtures of the tests that need a page: the harness's own browser, a server, and pages with their taps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.board import Board, open_board
from tests.support.page_server import PageServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from harness.launch.resources import Resources


@pytest.fixture
def browser(harness_resources: Resources) -> Browser:
    """The browser, headless; one for a worker. Asked for by each test: one before it may have killed it."""
    return harness_resources.browser


@pytest.fixture(scope="module")
def server() -> Iterator[PageServer]:
    """A Socket.IO server for a module's tests."""
    with PageServer() as started:
        yield started


@pytest.fixture
def board(browser: Browser, server: PageServer) -> Iterator[Board]:
    """A small dashboard, connected by websocket."""
    with open_board(browser, f"{server.url}/dashboard.html") as opened:
        opened.wait_connected()
        yield opened


@pytest.fixture
def blank(browser: Browser, server: PageServer) -> Iterator[Board]:
    """A page with a store and no connection."""
    with open_board(browser, f"{server.url}/blank.html") as opened:
        yield opened
