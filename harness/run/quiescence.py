"""Proof of absence: when a fence is back and the page is still, what has not arrived will not arrive.

A *fence* is a Socket.IO CONNECT to a namespace that no server declares, sent over the page's own connection. The server
refuses it after everything that it has queued for that client, in order. It proves nothing about events that are
still on their way to the server: it counts when the producer's last acknowledgement is in and no handler is in flight.

*Still* means: a full round of animation frame, task and animation frame went by with no change of state or document,
and no short timer, frame or posted task of the page is pending.

Where no fence can be sent without changing the system (a connection whose parser is not known, a server that would run
its own handlers for it), silence stands in for it, and the fence's fact says `means: quiet` and why.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.model import Fact
from harness.model.facts import Fence, Still, View
from harness.taps.page.tap import PATIENCE_S, PageTapError

if TYPE_CHECKING:
    from harness.taps.page import PageTap

NO_TAP = "the page has no tap"

QUIET_MS = 250.0
"""How long a page must see no event where no fence can be sent and the target names no time of its own."""


@dataclass(frozen=True, slots=True)
class Later:
    """What a page may still draw: by a timer too long to be part of rendering, or when a request is answered."""

    ms: float
    """In how many milliseconds it is due; 0 where an answer is waited for."""
    draws: bool | None = None
    """Whether the page changed when it did the same before; None where it did not do it, or had nothing new to draw."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found out about one page."""

    dashboard: str
    fence: Fact[Fence]
    still: Fact[Still]
    alive: Mapping[str, bool]
    """Which taps of the page noticed their canaries at that moment."""
    view: Fact[View] | None = None
    """What the page showed and held at that moment."""
    later: tuple[Later, ...] = ()
    """What the page had set itself to do later."""

    @property
    def holds(self) -> bool:
        """Whether what this page has not shown by now it never will."""
        return self.fence.body.back and self.still.body.still


def fence(page_tap: PageTap, timeout_s: float) -> Fact[Fence]:
    """Send a fence through each open connection of the page and wait for the answers. One round trip."""
    try:
        found = page_tap.call("fence", timeout_s * 1000)
    except PageTapError as error:
        found = _not_back(str(error))
    return _tell_fence(page_tap, found or _not_back(NO_TAP))


def still(page_tap: PageTap, timeout_s: float) -> Fact[Still]:
    """Wait until the page is still."""
    try:
        found = page_tap.call_within(timeout_s + PATIENCE_S, "still", timeout_s * 1000)
    except PageTapError as error:
        found = _not_still(str(error))
    return _tell_still(page_tap, found or _not_still(NO_TAP))


def prove_absence(
    page_taps: Sequence[PageTap], timeout_s: float, means: str = "wire", quiet_ms: float = QUIET_MS
) -> list[Proof]:
    """Fence, stillness, drain, view and canaries of every page, side by side: one proof each, in order; never raises.

    `timeout_s` is for fence and stillness together. What the pages recorded is written before the proofs, what they
    show after them. `means` is "quiet" where the fence has only a silence in front of it (`wait_quiet`), which takes
    `quiet_ms` and is also what a page gets that no fence can be sent through.
    """
    if len(page_taps) > 1:
        for page_tap in page_taps:
            page_tap.begin(timeout_s)
    return [_prove(page_tap, timeout_s, means, quiet_ms) for page_tap in page_taps]


def wait_quiet(page_taps: Sequence[PageTap], quiet_ms: float, timeout_s: float) -> None:
    """Wait until no page has seen an event for `quiet_ms`, or to the deadline.

    For systems of which it is not known whether they still have something to send: no proof, and marked so.
    """
    deadline = time.monotonic() + timeout_s
    while page_taps and time.monotonic() < deadline:
        page_taps[0].page.wait_for_timeout(quiet_ms)
        if not sum(page_tap.drain() for page_tap in page_taps):
            return


def _prove(page_tap: PageTap, timeout_s: float, means: str, quiet_ms: float) -> Proof:
    try:
        found = page_tap.call_within(timeout_s + PATIENCE_S, "prove", timeout_s * 1000)
        if found is not None and found[0]["fence"]["unsent"]:
            means = "quiet"
            page_tap.take(found[1])
            wait_quiet([page_tap], quiet_ms, timeout_s)
            found = page_tap.call_within(timeout_s + PATIENCE_S, "prove", timeout_s * 1000)
        proof, drained, shown = found or (None, None, None)
        why = NO_TAP
    except PageTapError as error:
        proof, drained, shown, why = None, None, None, str(error)
    if proof is None:
        proof = {"fence": _not_back(why), "still": _not_still(why)}
    if drained is not None:
        page_tap.take(drained)
    told = _tell_fence(page_tap, proof["fence"], means), _tell_still(page_tap, proof["still"])
    view = None if shown is None else page_tap.tell_view(shown["view"])
    later = () if shown is None else tuple(Later(each["ms"], each["draws"]) for each in shown["later"])
    return Proof(page_tap.dashboard, *told, page_tap.awake(shown and shown["canary"]), view, later)


def _not_back(why: str) -> dict[str, Any]:
    return {"back": False, "channel": None, "at": None, "waited_ms": 0, "why": why, "unsent": False, "letIn": False}


def _not_still(why: str) -> dict[str, Any]:
    return {"still": False, "waited_ms": 0, "why": why}


def _tell_fence(page_tap: PageTap, found: Mapping[str, Any], means: str = "wire") -> Fact[Fence]:
    is_back = bool(found["back"] or (found["unsent"] and means == "quiet"))
    told = Fence(
        dashboard=page_tap.dashboard,
        back=is_back,
        channel=found["channel"],
        waited_ms=found["waited_ms"],
        means=means,
        why=found["why"],
        let_in=found["letIn"],
        sent_ns=page_tap.harness_ns(found["at"]),
    )
    return page_tap.tell(told)


def _tell_still(page_tap: PageTap, found: Mapping[str, Any]) -> Fact[Still]:
    return page_tap.tell(Still(page_tap.dashboard, found["still"], found["waited_ms"], found["why"]))
