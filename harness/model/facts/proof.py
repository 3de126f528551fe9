"""What a verdict's certainty rests on: taps that were tried, clocks compared, and the proof that nothing more comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.model.record import Body, Hop


@dataclass(frozen=True, slots=True)
class TapTried(Body):
    """A tap's canary, in the `phase` "before" or "after" the run. `why` it is not alive.

    `one_sided`: why its silence proves nothing, where that is so.
    """

    kind: ClassVar[str] = "tap"
    tap: str
    hops: tuple[Hop, ...]
    phase: str
    alive: bool
    why: str | None = None
    one_sided: str | None = None


@dataclass(frozen=True, slots=True)
class ClockCompared(Body):
    """An observer's clock + `offset_ns` is the harness's, within `error_ns`.

    `page_offset_ns` is what was added to the page's own time already.
    """

    kind: ClassVar[str] = "clock"
    offset_ns: int
    error_ns: int
    page_offset_ns: int | None = None


@dataclass(frozen=True, slots=True)
class InFlight(Body):
    """How many handlers still run in the server, and how much it does in the `background`.

    `means`: "agent" saw it; "quiet" concluded it from silence, with so many messages `unanswered`.
    """

    kind: ClassVar[str] = "in-flight"
    count: int
    means: str | None = None
    unanswered: int = 0
    background: int = 0


@dataclass(frozen=True, slots=True)
class HandlerRuns(Body):
    """A handler that still ran in the server at the end, `ms` milliseconds after it had begun, on the server's clock.

    `where` it stood then, as `file:line`, or where it was registered. `sid` is None for what was posted over plain
    HTTP, which has the path for its `name`.
    """

    kind: ClassVar[str] = "handler-runs"
    name: str
    ms: float
    began_ns: int
    sid: str | None = None
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Fence(Body):
    """Whether a dashboard's fence came `back`, and `why` it did not.

    `channel` is "websocket", "polling" or both, `means` "wire" or, where silence stands in for it, "quiet". `let_in`:
    the server let the fence in, and its handlers ran for it. `sent_ns`: when it was sent, on the harness's clock; None
    where that is not known.
    """

    kind: ClassVar[str] = "fence"
    dashboard: str
    back: bool
    channel: str | None = None
    waited_ms: float = 0.0
    means: str = "wire"
    why: str | None = None
    let_in: bool = False
    sent_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Still(Body):
    """Whether a dashboard's page came to rest; `why` it did not, or what still moves and does not matter."""

    kind: ClassVar[str] = "still"
    dashboard: str
    still: bool
    waited_ms: float = 0.0
    why: str | None = None
