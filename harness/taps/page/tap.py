"""The tap of one page, from Python: clock, drain, view, and what only Playwright sees (dialogs, requests, popups)."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from harness.model import B, Fact, Hop, Sighting, Write
from harness.model.facts import ClockCompared, PageError, View
from harness.taps.page.clock import MILLISECOND_NS, Clock, compare
from harness.taps.page.endless import Endless
from harness.taps.page.items import IdentifyItem
from harness.taps.page.script import HANDLE
from harness.taps.page.spec import PageSpec
from harness.taps.page.suspects import Suspects
from harness.taps.page.translate import Identify, KnownAs, Translator, dead
from harness.taps.page.values import public_url
from harness.taps.page.view import read_view

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Dialog, Page, Request

CANARY_S = 10.0
"""How long a page may take to begin its connection and bring a canary back; a page that is in order takes no time."""

PATIENCE_S = 10.0
"""How long a page may take to answer at all; one whose script never ends would otherwise hold the harness for ever."""

SILENT_S = 2.0
"""The same for one that did not answer the time before: a run asks a page many times until it is over."""

_CALL = "([handle, method, args]) => window[handle] ? window[handle][method](...args) : 'null'"


class PageTapError(Exception):
    """The tap in the page can't be reached. The message says which page, and what to do."""


def asked(page: Page, timeout_s: float, method: str, *args: Any) -> Any:
    """Ask the tap in any page that it was installed in; None where the page has none. Raises what Playwright raises."""
    handle = page.wait_for_function(_CALL, arg=[HANDLE, method, list(args)], timeout=timeout_s * 1000)
    return json.loads(handle.json_value())


class PageTap:
    """Observes one page for one dashboard. `install` the script into the page's context before the page is loaded.

    `identify` takes name and arguments of a Socket.IO message, `identify_state` an item of the page's state;
    `known_as` says which event messages of a name are.
    `origins` are the origins that the page may talk to beside its own; None means those of its Socket.IO connections.
    Everything is written through `write`, times on the clock of `now_ns`.
    """

    def __init__(
        self,
        page: Page,
        spec: PageSpec,
        write: Write,
        identify: Identify,
        identify_state: IdentifyItem,
        dashboard: str,
        now_ns: Callable[[], int],
        *,
        known_as: KnownAs = lambda name: None,
        origins: Collection[str] | None = None,
    ) -> None:
        self.page = page
        self.dashboard = dashboard
        self._spec = spec
        self._write = write
        self._now_ns = now_ns
        self._translator = Translator(dashboard, spec, identify, identify_state, known_as)
        self._numbers: dict[float, int] = {}  # time origin of a load → its number
        self._clocks: dict[float, Clock] = {}
        self._load = 1
        self._given: defaultdict[int, dict[str, None]] = defaultdict(dict)
        self.unseen: tuple[str, ...] = ()
        """Where the page may have a connection that the tap does not see, as of its last canary."""
        self._suspects = Suspects(origins, now_ns)
        self._endless = Endless(page, self._tell_endless)
        self.is_silent = False
        """It did not answer the last time."""
        self._listen()

    @property
    def observer(self) -> str:
        """The name of the page's present load in the ledger."""
        return self._translator.load(self._load).observer

    @property
    def given(self) -> Collection[str]:
        """The keys of the events that came to the page's present load, as far as they were fetched, in their order."""
        return self._given[self._load]

    # Asking the page

    def call(self, method: str, *args: Any) -> Any:
        """Ask the tap in the page; one round trip. Returns its answer as data, None where the page has no tap.

        For a page that has just answered. Raises PageTapError.
        """
        from playwright.sync_api import Error

        try:
            with self.limited(PATIENCE_S):
                return json.loads(self.page.evaluate(_CALL, [HANDLE, method, list(args)]))
        except Error as error:
            raise self._no_answer(error, "") from None

    def call_within(self, timeout_s: float, method: str, *args: Any) -> Any:
        """The same, given up after `timeout_s`; costs 3 ms more. Raises PageTapError when the page doesn't answer."""
        from playwright.sync_api import Error

        patience_s = min(timeout_s, SILENT_S) if self.is_silent else timeout_s
        self.is_silent = True
        try:
            with self.limited(patience_s):
                answer = asked(self.page, patience_s, method, *args)
        except Error as error:
            raise self._no_answer(error, f" within {patience_s:g} s") from None
        self.is_silent = False
        return answer

    def limited(self, timeout_s: float) -> AbstractContextManager[None]:
        """For calls to the page that have a time-out of their own: a script of the page that never ends holds none.

        One that is ended for that is told as an error of the page.
        """
        return self._endless.limited(timeout_s)

    def _tell_endless(self, after_s: float) -> None:
        self.tell(PageError(f"a script of the page ran for {after_s:g} s and longer, and was ended by the harness"))

    def _no_answer(self, error: Exception, within: str) -> PageTapError:
        where = f"dashboard {self.dashboard} ({public_url(self.page.url)})"
        reason = str(error).splitlines()[0]
        return PageTapError(f"{where} did not answer its tap{within}: {reason}")

    def harness_ns(self, page_ms: float | None) -> int | None:
        """The harness's time of a moment of the page's present load; None where their clocks were not compared."""
        clock = next(
            (
                self._clocks[origin]
                for origin, load in self._numbers.items()
                if load == self._load and origin in self._clocks
            ),
            None,
        )
        return None if page_ms is None or clock is None else clock.harness_ns(page_ms)

    def begin(self, timeout_s: float) -> None:
        """Begin the proof of absence and don't wait for it. Who doesn't answer says so when asked for the result."""
        with contextlib.suppress(PageTapError):
            self.call_within(PATIENCE_S, "begin", timeout_s * 1000)

    def calibrate(self) -> Fact[ClockCompared] | None:
        """Compare the page's clock with the harness's, and write it down. None where the page has no tap yet.

        Records are written on the harness's clock already, so the fact's `offset_ns` is 0; `error_ns` bounds the
        error, `page_offset_ns` is what was added to the page's own time.
        """
        origin = self.call("origin")
        if origin is None:
            return None
        return self._calibrate(origin["origin"], origin["load"])

    def drain(self) -> int:
        """Write down what the page has recorded since the last time. Returns how many sightings of events were in it.

        A heartbeat, a clock or an animation is not an event: it never ends, and says nothing of what is on its way.
        """
        drained = self.call_within(PATIENCE_S, "drain")
        return 0 if drained is None else self.take(drained)

    def take(self, drained: Mapping[str, Any]) -> int:
        """Write down what a drain returned, and fetch what it had to leave in the page.

        What comes meanwhile is left for the next: a page may be told more than can be fetched, for ever.
        """
        count, left = self._take(drained), drained["more"]
        while drained["more"] and left > 0:
            drained = self.call_within(PATIENCE_S, "drain")
            if drained is None:  # the page went elsewhere; its next load hands the rest out
                return count
            count += self._take(drained)
            left -= len(drained["batch"]["records"])
        self._judge_suspects(self._clock(drained["origin"], drained).harness_ns(drained["now"]))
        return count

    def _take(self, drained: Mapping[str, Any]) -> int:
        batch = drained["batch"]
        number = self._number(batch["load"], batch["origin"])
        clock = self._clock(batch["origin"], drained)
        for record in batch["records"]:
            self._suspects.learn(record, number, clock.harness_ns)
        seen = 0
        for each in self._translator.translate(number, batch["records"], clock.harness_ns):
            if isinstance(each, Sighting):
                seen += 1
                if each.hop is Hop.DELIVERED:
                    self._given[number][each.event.key] = None
            self._write(each)
        if batch.get("lost"):
            why = f"a reload came before {batch['lost']} records of load {number} were read, and there was no room"
            self.tell(dead(why))
        return seen

    def view(self) -> Fact[View] | None:
        """What the page shows and holds now, as a `view` fact. None where the page has no tap."""
        view = self.call_within(PATIENCE_S, "view")
        return None if view is None else self.tell_view(view)

    def tell_view(self, view: Mapping[str, Any]) -> Fact[View]:
        """Write down a view that the page handed out."""
        self._number(view["load"], view["origin"])
        at_ns = self._clock(view["origin"], view).harness_ns(view["now"])
        self._judge_suspects(self._now_ns())
        return self.tell(read_view(view, self._translator), at_ns)

    def alive(self, timeout_s: float = CANARY_S) -> dict[str, bool]:
        """Whether each tap of this page sees what it is there to see: its canary is sent and must be noticed.

        `wire`: a fence comes back through the tap, or the page was seen trying to connect; one that has not begun to
        connect is waited for. `store` (where there is
        one): it is subscribed to. `dom`: a comment that is put into the document is noticed.
        """
        return self.awake(self.call_within(timeout_s + PATIENCE_S, "canary", timeout_s * 1000))

    def awake(self, found: Mapping[str, Any] | None) -> dict[str, bool]:
        """Which taps the page's canaries, None where it has no tap, prove to be alive."""
        if found is None:
            return {"wire": False, "store": False, "dom": False}
        self.unseen = tuple(str(each)[:100] for each in found["unseen"])
        taps = {"wire": bool(found["wire"]), "dom": bool(found["dom"])}
        return taps if self._spec.store is None else {**taps, "store": bool(found["store"])}

    def tell(self, body: B, at_ns: int | None = None) -> Fact[B]:
        """Write down a fact of the page's present load."""
        fact = self._translator.fact(self._load, body, self._now_ns() if at_ns is None else at_ns)
        self._write(fact)
        return fact

    # Loads and their clocks

    def _number(self, load: int, origin: float) -> int:
        """The number of a load: the page's own count, unless the page lost it (another origin, storage cleared)."""
        if origin not in self._numbers:
            taken = set(self._numbers.values())
            self._numbers[origin] = load if load not in taken else max(taken) + 1
            self._load = max(self._load, self._numbers[origin])
        return self._numbers[origin]

    def _clock(self, origin: float, present: Mapping[str, Any]) -> Clock:
        if origin not in self._clocks:
            if present["origin"] not in self._clocks:
                self._calibrate(present["origin"], present["load"])
            if origin not in self._clocks:  # a load that is over: the origins are on one wall clock, to a millisecond
                known = self._clocks[present["origin"]]
                self._clocks[origin] = known.moved(origin - present["origin"], MILLISECOND_NS)
                self._tell_clock(origin, self._numbers[origin])
        return self._clocks[origin]

    def _calibrate(self, origin: float, load: int) -> Fact[ClockCompared]:
        self._clocks[origin] = compare(lambda: float(self.call("now")), self._now_ns)
        return self._tell_clock(origin, self._number(load, origin))

    def _tell_clock(self, origin: float, number: int) -> Fact[ClockCompared]:
        clock = self._clocks[origin]
        body = ClockCompared(0, clock.error_ns, page_offset_ns=clock.offset_ns)
        fact = self._translator.fact(number, body, self._now_ns())
        self._write(fact)
        return fact

    # What Playwright sees

    def _listen(self) -> None:
        self.page.on("dialog", self._on_dialog)
        self.page.on("popup", self._on_popup)
        self.page.on("request", self._on_request)
        self.page.on("console", self._on_console)
        self.page.on("crash", self._on_crash)

    def _on_dialog(self, dialog: Dialog) -> None:
        if dialog.type == "beforeunload":
            dialog.accept()
            return
        self._suspects.add(f"dialog {dialog.type}: {dialog.message[:200]}")
        dialog.dismiss()

    def _on_popup(self, popup: Page) -> None:
        self._suspects.add(f"popup {public_url(popup.url)}")
        popup.close()

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and HANDLE not in message.text:  # a worker of the tap's that a policy refused
            said = message.text[:500]
            if said.startswith("Failed to load resource") and (url := message.location.get("url")):
                said += f" ({public_url(url)})"  # the sentence names every resource but the one it is about
            self.tell(PageError(f"console: {said}"))

    def _on_crash(self, _: Page) -> None:
        self.tell(PageError("the page crashed"))

    def _on_request(self, request: Request) -> None:
        if request.url.startswith(("http:", "https:")):
            self._suspects.add(f"request ({request.resource_type}) to {public_url(request.url)}", request.url)

    def _judge_suspects(self, until_ns: int) -> None:
        for each in self._suspects.judged(until_ns):
            load = self._load if each.load is None else each.load
            self._write(self._translator.fact(load, each.body, each.at_ns))
