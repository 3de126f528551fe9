"""What each strategy of the reference system promises under each fault: the one table, from which docs/faults.md comes.

A system of your own promises what its target says: where `replays` is false, what passes while a dashboard is
disconnected is not owed to it, and the judge does not demand it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STRATEGIES = ("broadcast", "subscription", "auto-discovery", "single-session")


@dataclass(frozen=True, slots=True)
class Promise:
    """What holds under a fault: so many events lost, doubled and leaked at most, and traffic again within so long.

    `recovers_s` None: whom it strikes does not come back.
    """

    says: str
    recovers_s: float | None
    lost: int = 0
    doubled: int = 0
    leaked: int = 0


BACK_S = 10.0
"""The reference page tries again after 0.2 to 2 s, and twice where a first attempt failed."""

REPLAYED = Promise("a dashboard that was disconnected has every event in the end, each once", BACK_S)
HELD = Promise("everything comes, in order, later", BACK_S)
AGAIN = Promise("the page that is loaded anew shows everything", BACK_S)
CLOSED = Promise("the page that is closed is owed nothing from then on, and no other dashboard is affected", None)
RESTARTED = Promise("the journal outlives the server: sessions go on, and every dashboard has every event", BACK_S)
UNTOUCHED = Promise("nothing changes: what is shown comes from the events' own times", BACK_S)
KEPT = Promise("what can't be kept is not acknowledged: the CLI offers it again, and it comes later, once", BACK_S)
RESUMED = Promise("within its lease the CLI comes back and loses nothing; after it, it ends with an error", BACK_S)
ABANDONED = Promise(
    "what was acknowledged arrives; the session ends as abandoned when its lease is over, and frees its place", BACK_S
)


def _alike(promise: Promise) -> Mapping[str, Promise]:
    return dict.fromkeys(STRATEGIES, promise)


PROMISES: Mapping[str, Mapping[str, Promise]] = {
    "cut-dashboard": _alike(REPLAYED),
    "half-open": _alike(REPLAYED),
    "torn-frame": _alike(REPLAYED),
    "offline": _alike(REPLAYED),
    "no-websocket": _alike(REPLAYED),
    "no-polling": _alike(REPLAYED),
    "upgrade-under-load": _alike(REPLAYED),
    "stalled-line": _alike(HELD),
    "slow-consumer": _alike(HELD),
    "narrow-line": _alike(HELD),
    "reload": _alike(AGAIN),
    "clock-jump": _alike(UNTOUCHED),
    "closed-tab": _alike(CLOSED),
    "server-restarted": _alike(RESTARTED),
    "server-killed": _alike(RESTARTED),
    "disk-full": _alike(KEPT),
    "cut-cli": _alike(RESUMED),
    "cli-stopped": _alike(HELD),
    "cli-killed": _alike(ABANDONED),
}
"""Fault to strategy to what it promises."""
