"""One dashboard of a run: a page in a browser context of its own, with its taps."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.launch.origins import answer_origins
from harness.launch.recordings import Recorder
from harness.launch.stack import Stack
from harness.lib.secrets import REDACTED
from harness.model import RELOAD, Hop, Write
from harness.model.facts import ActionTaken, PageError, Screenshot, TapTried
from harness.record.evidence import label_of
from harness.record.masking import Mask
from harness.run.quiescence import Proof
from harness.taps.page import PageTap, install
from harness.taps.page.tap import PATIENCE_S, SILENT_S, PageTapError
from harness.taps.wire.reroute import reroute_script
from harness.target.process import Step, fill

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, ViewportSize

HOPS = {"wire": Hop.DELIVERED, "store": Hop.APPLIED, "dom": Hop.RENDERED}
"""The taps of a page and the hops that they observe."""

SHOWS = """([status, attribute, pattern, counter, count, own]) => {
  const says = (selector, name) => {
    const element = document.querySelector(selector);
    return element === null ? null : name === null ? element.textContent : element.getAttribute(name);
  };
  const connected = new RegExp(`^(?:${pattern})$`).test((says(status, attribute) ?? "").trim());
  const counted = () => Number.parseInt((says(counter, count) ?? "0").replaceAll(",", ""), 10);
  return connected && (counter === null || counted() >= own);
}"""
"""Whether the page says that it is connected, and shows the connection's own events."""


COUNTS = """([selector, attribute, wanted]) => {
  const element = document.querySelector(selector);
  const text = element === null ? "0" : attribute === null ? element.textContent : element.getAttribute(attribute);
  return Number.parseInt((text ?? "0").replaceAll(",", ""), 10) >= wanted;
}"""
"""Whether the page's counter has come to a number."""

MOST_HIDDEN = 20
"""So many secret values are covered in a picture."""

LOOK_S = 1.0
"""How often to look whether the servers still run while a page is waited for."""

POLLING_MS = 50
"""How often to look: by time, for a page that is late may have no frames to speak of."""


GOTO_S = 30.0
"""How long a page may take to be there, or to be drawn: Playwright's own time-out."""


class PageStepError(Exception):
    """A page could not be used as its target says; the message says which step, and where."""


class Dashboard:
    """A page that a run opened. `label` names it in the ledger."""

    def __init__(self, label: str, stack: Stack, write: Write, pictures: Path, mask: Mask | None = None) -> None:
        self._mask = mask or Mask()
        self.label, self._stack, self._write, self._pictures = label, stack, write, pictures
        self._asked: list[str] = []
        self._recorder = Recorder(stack.resources.recording, pictures.parent, label)
        size: ViewportSize = {"width": 1440, "height": 900}
        target = stack.target.of(label)
        options = {**target.context_options, **self._recorder.options()}
        self.context: BrowserContext = stack.resources.browser.new_context(viewport=size, **options)
        answer_origins(self.context, target.origins)
        self._recorder.start(self.context)
        scripts = stack.page_scripts
        rerouting = reroute_script(stack.addresses.routes(f"dashboard:{label}")) if target.reroute else ""
        for put_in in (scripts.before, rerouting, None, scripts.after):
            if put_in is None:
                install(self.context, target.page, rerouting)
            elif put_in:
                self.context.add_init_script(put_in)
        self.page: Page = self.context.new_page()
        self.tap = PageTap(
            *(self.page, target.page, write, target.egress, target.items.read_item, label, time.monotonic_ns),
            known_as=target.egress.known_as,
        )

    def open(self, url: str) -> None:
        """Load the page; it goes on by itself."""
        query = url.partition("#")[0].split("&")
        self._asked += [part.partition("=")[2] for part in query if part.startswith("session=")]
        with self.tap.limited(GOTO_S):
            self.page.goto(url, wait_until="commit", timeout=GOTO_S * 1000)

    def take_steps(self, steps: Sequence[Step], values: Mapping[str, str], timeout_s: float) -> None:
        """Do on the page what a person does. Raises PageStepError when an element doesn't come in time."""
        from playwright.sync_api import Error

        for step in steps:
            selector, text = fill(step.selector, values), fill(step.text, values)
            is_secret = step.what == "fill" and self._mask.is_secret(step.selector)
            if is_secret:
                self._mask.learn(text)
                self._mask.had_secrets.add(self.tap.observer)
            self.note(step.what, f"{selector} {REDACTED if is_secret else text}".strip())
            try:
                with self.tap.limited(timeout_s):
                    self._take(step.what, selector, text, timeout_s * 1000)
            except Error as error:
                reason = str(error).splitlines()[0]
                with contextlib.suppress(Error):
                    if step.what != "press" and (count := self.page.locator(selector).count()):
                        reason += f" It is there ({count} times), and empty, hidden or covered."
                    reason += f"\nhow the page looked then: {self.screenshot('step-not-taken')}"
                raise PageStepError(
                    f"the page {self.page.url} could not be used as the target says, within {timeout_s:g} s "
                    f"(bounds.run_s): {step.what} {selector!r}: {reason}"
                ) from None

    def _take(self, what: str, selector: str, text: str, timeout_ms: float) -> None:
        if what == "click":
            self.page.click(selector, timeout=timeout_ms)
        elif what == "fill":
            self.page.fill(selector, text, timeout=timeout_ms)
        elif what == "press":
            self.page.keyboard.press(text)
        else:
            self.page.wait_for_selector(selector, timeout=timeout_ms)

    def is_asked_for(self, session: str) -> bool:
        """Whether this page was opened to subscribe to the session."""
        return session in self._asked

    def wait_connected(self, timeout_s: float, over_s: float = 0.0) -> None:
        """Wait until the page says "Connected" and shows the connection's own events; then try the taps.

        Of the time that it has, `over_s` is over: pages that were opened side by side have theirs side by side.
        """
        if not self.is_shown_connected(max(timeout_s - over_s, 1)):
            # the judge says what that means: the page, the server or the target's selector is wrong
            self.tap.tell(
                PageError(f"did not show within {timeout_s:g} s that it is connected{self._elsewhere()}", timeout_s)
            )
            self.try_screenshot("not-connected")
        self.try_taps()

    def try_taps(self) -> None:
        """Compare the page's clock with the harness's, and try each tap."""
        self.tap.calibrate()
        self._alive("before")

    def is_shown_connected(self, timeout_s: float) -> bool:
        """Whether the page says in time that it is connected, and shows the connection's own events."""
        from playwright.sync_api import TimeoutError as Late

        target = self._stack.target.of(self.label)
        status, counter = target.page.status, target.page.counter
        if status is None:
            return True
        counted = [None, None] if counter is None else [counter.selector, counter.attribute]
        shown = [status.selector, status.attribute, status.connected, *counted, len(target.own_events)]
        deadline, is_last = time.monotonic() + timeout_s, False
        while not is_last:
            left_s = deadline - time.monotonic()
            is_last = left_s <= LOOK_S or bool(self._stack.children.ended_servers())  # with no server it never will
            with contextlib.suppress(Late), self.tap.limited(LOOK_S):
                self.page.wait_for_function(SHOWS, arg=shown, timeout=max(0.1, min(LOOK_S, left_s)) * 1000)
                return True
        return False

    def _elsewhere(self) -> str:
        """Where the page is by now, if that is another place than it was opened at: at a login, for example."""
        asked, now = (
            urlsplit(url).path or "/"
            for url in (self._stack.addresses.for_page(f"dashboard:{self.label}"), self.page.url)
        )
        if now == asked:
            return ""
        with contextlib.suppress(Exception):
            if self.page.locator("input[type=password]").count():
                return f"; it is at {now}, which asks for a password (`page.open` has the steps of a login)"
        return f"; it is at {now}, and not at {asked}"

    def subscribe(self, session: str) -> None:
        """Subscribe as a person would, as with a field and a button."""
        self.note("subscribe", session)
        self.take_steps(
            self._stack.target.of(self.label).choosing, {**self._stack.addresses.values(), "session": session}, 20
        )

    def slow_down(self, factor: float) -> None:
        """Make the page's processor so many times slower (Chromium only)."""
        self.note("slow down", f"{factor:g} times")
        self.context.new_cdp_session(self.page).send("Emulation.setCPUThrottlingRate", {"rate": factor})

    def reload(self) -> None:
        """Reload the page and wait until it is connected again."""
        self.note(RELOAD)
        self.drain()
        with self.tap.limited(GOTO_S):
            self.page.reload(wait_until="commit", timeout=GOTO_S * 1000)
        self.wait_connected(20)

    def drain(self) -> None:
        """Fetch what the taps in the page have recorded so far."""
        self.tap.drain()

    def catch_up(self, timeout_s: float) -> None:
        """Wait until what the server has queued for the page so far is there, as far as the page's fence can tell."""
        with contextlib.suppress(PageTapError):
            self.tap.call_within(timeout_s + PATIENCE_S, "fence", timeout_s * 1000)
        self.drain()

    def is_reached(self, timeout_s: float) -> bool:
        """Whether a fence that is sent now comes back: the page's connection carries, both ways."""
        try:
            found = self.tap.call_within(timeout_s + PATIENCE_S, "fence", timeout_s * 1000)
        except PageTapError:
            return False
        return found is None or found["back"] or found["unsent"]

    def leave(self) -> None:
        """Close the page; its context stays, so that what was recorded of it is kept."""
        self.note("close the tab")
        self.page.close()

    def set_offline(self, is_offline: bool) -> None:
        """Take the page's network away as a browser does, or give it back."""
        self.note("go offline" if is_offline else "go online")
        self.context.set_offline(is_offline)

    def wait_drawn(self, proof: Proof, deadline: float) -> None:
        """Wait until the page says that it has what it held, to a monotonic deadline; it may be that it never does."""
        from playwright.sync_api import TimeoutError as TimedOut

        counter, held = (
            self._stack.target.of(self.label).page.counter,
            proof.view.body.state_events if proof.view else None,
        )
        if counter is not None:
            left_ms = max(1.0, (deadline - time.monotonic()) * 1000)
            with contextlib.suppress(TimedOut), self.tap.limited(left_ms / 1000):
                wanted = [counter.selector, counter.attribute, len(held or ())]
                self.page.wait_for_function(COUNTS, arg=wanted, polling=POLLING_MS, timeout=left_ms)
        if proof.later and (left_s := deadline - time.monotonic()) > 0:
            with contextlib.suppress(PageTapError):
                self.tap.call_within(left_s + PATIENCE_S, "later", left_s * 1000)

    def conclude(self, proof: Proof) -> None:
        """The canaries after the run: those of the proof that the page is still."""
        self._tell_alive("after", proof.alive)

    def screenshot(self, caption: str) -> Path:
        """A picture of the page as a person sees it, with transitions at their end: half a bar looks like a fault."""
        path = self._pictures / f"{self.label}-{caption}.png"
        hidden = [self.page.get_by_text(value) for value in self._mask.values[:MOST_HIDDEN]]
        timeout_s = SILENT_S if self.tap.is_silent else GOTO_S
        with self.tap.limited(timeout_s):
            self.page.screenshot(path=path, animations="disabled", mask=hidden, timeout=timeout_s * 1000)
        self.tap.tell(Screenshot(f"screenshots/{path.name}", caption, self.label))
        return path

    def try_screenshot(self, caption: str) -> None:
        """The same where it can be had: a page that does not answer can't be drawn, either, and its tap says so."""
        from playwright.sync_api import TimeoutError as Late

        with contextlib.suppress(Late):
            self.screenshot(caption)

    def withdraw(self) -> None:
        """Close it, and leave no picture of it: it is not part of the run."""
        self.close()
        for picture in self._pictures.glob(f"{self.label}-*.png"):
            picture.unlink()

    def close(self) -> None:
        """Close the page and its context."""
        self._recorder.close(self.context, self.page)

    def hide(self, clean: Callable[[bytes], bytes]) -> None:
        """Take what is secret out of what was recorded of the page."""
        mine = {each for each in self._mask.had_secrets if label_of(each) == self.label}
        self._recorder.hide(clean, bool(mine))

    def _alive(self, phase: str) -> None:
        """Each tap proves itself by a canary that it must notice."""
        self._tell_alive(phase, self.tap.alive())

    def _tell_alive(self, phase: str, found: Mapping[str, bool]) -> None:
        for name, alive in found.items():
            why = None if alive else f"the {name} tap of dashboard {self.label} did not notice its canary"
            if why is not None and name == "wire" and self.tap.unseen:
                why += f": the page has {', '.join(self.tap.unseen)}, and what passes there is not seen"
            self.tap.tell(TapTried(name, (HOPS[name],), phase, alive, why))

    def note(self, name: str, detail: str = "") -> None:
        """Note in the record what is done to the page, or what its person does."""
        self.tap.tell(ActionTaken(name, detail, self.label))
