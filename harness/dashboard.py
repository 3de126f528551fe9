"""One dashboard of a run: a page in a browser context of its own, with its taps."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from harness.model import Fact, FactKind, Hop, Write
from harness.stack import Stack
from harness.taps.page import REFERENCE, PageTap, install

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

TAPS = (("wire", Hop.DELIVERED), ("store", Hop.APPLIED), ("dom", Hop.RENDERED))
"""The three taps of a page and the hops they observe."""

CONNECTED = """([status, own]) => {
  const counter = document.querySelector('[data-testid="event-count"]');
  return document.querySelector(status) !== null && Number(counter?.dataset.count ?? 0) >= own;
}"""


class Dashboard:
    """A page that a run opened. `label` names it in the ledger."""

    def __init__(self, label: str, stack: Stack, write: Write, pictures: Path) -> None:
        self.label, self._stack, self._write, self._pictures = label, stack, write, pictures
        self._asked: list[str] = []
        self._n = 0
        self.context: BrowserContext = stack.machine.browser.new_context(viewport={"width": 1440, "height": 900})
        install(self.context, REFERENCE)
        self.page: Page = self.context.new_page()
        target = stack.target
        self.tap = PageTap(
            self.page, REFERENCE, write, target.egress.read, target.egress.read_item, label, time.monotonic_ns
        )

    def open(self, url: str) -> None:
        """Load the page; it goes on by itself."""
        self._asked += [part.partition("=")[2] for part in url.split("&") if part.startswith("session=")]
        self.page.goto(url, wait_until="commit")

    def is_asked_for(self, session: str) -> bool:
        """Whether this page was opened to subscribe to the session."""
        return session in self._asked

    def wait_connected(self, timeout_s: float) -> None:
        """Wait until the page says "Connected" and shows the connection's own events; then the taps' canaries are in."""
        own = len(self._stack.target.own_events)
        status = '[role="status"][data-connection="connected"]'
        self.page.wait_for_function(CONNECTED, arg=[status, own], timeout=timeout_s * 1000)
        self.tap.calibrate()
        self._alive("before")

    def subscribe(self, session: str) -> None:
        """Subscribe as a person would: the field and the button."""
        self._fact(FactKind.ACTION, name="subscribe", detail=session)
        self.page.fill("#session-input", session)
        self.page.click('[data-testid="subscribe"]')

    def reload(self) -> None:
        """Reload the page and wait until it is connected again."""
        self._fact(FactKind.ACTION, name="reload", detail="")
        self.drain()
        self.page.reload(wait_until="commit")
        self.wait_connected(20)

    def drain(self) -> None:
        """Fetch what the taps in the page have recorded so far."""
        self.tap.drain()

    def settle(self, prove_absence: Callable[[list[PageTap], float], object], timeout_s: float) -> None:
        """Fence, stillness, the last records, the final view, and the canaries after the run."""
        prove_absence([self.tap], timeout_s)
        self.tap.view()
        self._alive("after")

    def screenshot(self, caption: str) -> Path:
        """A picture of the page as a person sees it."""
        path = self._pictures / f"{self.label}-{caption}.png"
        self.page.screenshot(path=path)
        self._fact(FactKind.SCREENSHOT, path=f"screenshots/{path.name}", caption=caption, dashboard=self.label)
        return path

    def close(self) -> None:
        """Close the page and its context."""
        self.context.close()

    def _alive(self, phase: str) -> None:
        """Each tap proves itself by the connection's own events, which pass its hop; after the run by its answers."""
        proofs = self.tap.alive()
        for name, hop in TAPS:
            alive = proofs.get(name, False)
            why = None if alive else f"the {name} tap saw nothing of the connection's own events"
            self._fact(FactKind.TAP, tap=name, hops=[int(hop)], phase=phase, alive=alive, why=why)

    def _fact(self, kind: FactKind, **data: object) -> None:
        """A fact about this page that the harness learned; numbered behind the page's own records."""
        self._n += 1
        self._write(Fact(kind, f"dashboard:{self.label}", (1 << 40) + self._n, time.monotonic_ns(), data))
