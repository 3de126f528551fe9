"""Other hosts that a page asks: blocked, or answered by a folder, in the browsers of dashboards and of producers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from harness.target.process import BLOCK

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Route


def answer_origins(context: BrowserContext, origins: Mapping[str, str]) -> None:
    """Have requests to origins as `https://fonts.example` blocked (BLOCK), or answered by a folder's files."""
    for origin, answer in origins.items():
        context.route(f"{origin.rstrip('/')}/**", answerer(answer))


def answerer(answer: str) -> Callable[[Route], None]:
    """What answers requests to an origin: nothing (`block`), or the files of a folder, and nothing beside it."""
    folder = Path(answer).resolve()

    def take(route: Route) -> None:
        file = (folder / unquote(urlsplit(route.request.url).path).lstrip("/")).resolve()
        if answer == BLOCK:
            route.abort("blockedbyclient")
        elif file.is_file() and file.is_relative_to(folder):
            route.fulfill(path=file)
        else:
            route.fulfill(status=404, body="")

    return take
