"""What was promised for one run: the first line of its ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.model.record import Hop


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page that events concern. `events` are name patterns (fnmatch).

    `values` maps a value that the page shows to the event names it counts in the panel's session.
    """

    name: str
    events: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contract:
    """What was promised for this run: the first line of its ledger, and all that the judge knows besides sightings."""

    target: str
    strategy: str
    session: str | None  # the run's session, the one that the hops are counted for
    replays: bool  # missed events are promised to be replayed
    bound_ms: float  # P11: emitted to rendered
    terminal: tuple[str, ...]  # names of the events that end a session
    terminal_ok: tuple[str, ...]  # those of them that go with exit status 0
    declared: tuple[str, ...]  # event names that the main session must show, else P16
    own_events: tuple[str, ...]  # the connection's own events
    panels: tuple[Panel, ...]
    taps: tuple[Hop, ...]  # hops that this run has a tap for; the others are blind
    properties: tuple[str, ...]  # properties that the run exercises and must prove
    dashboards: tuple[str, ...]
    windowed: bool = False  # the list is a window that says so
    identity: str = "session and seq"
    asks: bool = True  # pages and CLIs ask for sessions in requests that the strategies know
    unrouted_declared: bool = False  # R2: events that nobody expects are declared
