"""What taps tell besides sightings: one frozen class for each kind of fact, grouped by who tells it.

In a ledger a fact is `["f", kind, observer, n, at_ns, body]`: the body is an object with the names of the class's
fields, without those that are at their defaults. Names that a class does not have were written by a later version
and are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.model.facts.cli import Acknowledged, CliExited, CliMessage, CliSession, CliStarted
from harness.model.facts.client import ClientConnected, ClientDisconnected, ClientRefused, UnservedEmit
from harness.model.facts.page import (
    CounterShown,
    FrameUnread,
    Notice,
    PageClosed,
    PageConnected,
    PageError,
    PageIntrusion,
    PageListens,
    PageLoaded,
    PageOwn,
    PageRefused,
    PanelPart,
    PanelShown,
    RowAgain,
    StatusShown,
    View,
    WindowShown,
)
from harness.model.facts.proof import ClockCompared, Fence, HandlerRuns, InFlight, Still, TapTried
from harness.model.facts.run import (
    ActionTaken,
    BrokenOff,
    Entitled,
    Faulted,
    Overheard,
    Phase,
    RunBegun,
    Screenshot,
    Spent,
    Starved,
    StepBegun,
    StepBlocked,
    Stranger,
)
from harness.model.facts.server import (
    Answered,
    BackgroundError,
    Blocked,
    Connected,
    Disconnected,
    HandlerError,
    Joined,
    LateHandler,
    Left,
    Listens,
    Members,
    NeverAwaited,
    NoHandler,
    NoticeRouted,
    PostDropped,
    ProcessEnded,
    Published,
    Refused,
    Requested,
    ServerStarted,
    ServerStopped,
    Unrouted,
)
from harness.model.record import Body

__all__ = [
    "KINDS",
    "Acknowledged", "ActionTaken", "Answered", "BackgroundError", "Blocked", "BrokenOff", "CliExited",
    "CliMessage", "CliSession",
    "CliStarted", "ClientConnected", "ClientDisconnected", "ClientRefused", "ClockCompared", "Connected",
    "CounterShown", "Disconnected", "Entitled", "Faulted", "Fence", "FrameUnread", "HandlerError", "HandlerRuns",
    "InFlight",
    "Joined", "LateHandler",
    "Left", "Listens", "Members", "NeverAwaited", "NoHandler", "Notice", "NoticeRouted", "Overheard", "PageClosed",
    "PageConnected", "PageError",
    "PageIntrusion", "PageListens", "PageLoaded", "PageOwn", "PageRefused", "PanelPart", "PanelShown", "Phase",
    "PostDropped", "ProcessEnded", "Published", "Refused", "Requested", "RowAgain", "RunBegun", "Screenshot",
    "ServerStarted", "ServerStopped", "Spent", "Starved", "StatusShown", "StepBegun", "StepBlocked", "Still",
    "Stranger", "TapTried", "Unrouted", "UnservedEmit",
    "View", "WindowShown",
]  # fmt: skip

KINDS: Mapping[str, type[Body]] = {
    each.kind: each
    for each in (
        *(RunBegun, StepBegun, StepBlocked, ActionTaken, BrokenOff, Entitled, Faulted, Screenshot, Spent, Starved),
        *(Stranger, Overheard),
        *(CliStarted, CliSession, CliExited, CliMessage, Acknowledged),
        *(ClientConnected, ClientDisconnected, ClientRefused, UnservedEmit),
        *(Connected, Disconnected, Refused, Joined, Left, Requested, Answered, NoHandler, LateHandler, HandlerError),
        *(
            BackgroundError,
            NeverAwaited,
            PostDropped,
            Blocked,
            Unrouted,
            NoticeRouted,
            Published,
            Members,
            Listens,
            ProcessEnded,
            ServerStarted,
            ServerStopped,
        ),
        *(PageLoaded, PageConnected, PageClosed, PageRefused, PageError, PageIntrusion, PageOwn, Notice),
        *(PageListens, FrameUnread),
        *(StatusShown, CounterShown, PanelShown, RowAgain, WindowShown, View),
        *(TapTried, ClockCompared, InFlight, HandlerRuns, Fence, Still),
    )
}
"""Every kind of fact by its name in a ledger."""
