"""A browser, a server and pages with their taps."""

from __future__ import annotations

from tests.support.browsers import blank, board, browser, server

__all__ = ["blank", "board", "browser", "server"]
