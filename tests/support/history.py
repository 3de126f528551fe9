"""Hand-written ledgers: a clean run of one session, from which a test takes away, doubles or changes one thing.

Events e1…e4 of session `s` go from `cli:main` through `server` to dashboards A and B (`sid-A`, `sid-B`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from harness.diagnosis import verdict_of
from harness.model import Body, Contract, Event, Fact, Hop, Panel, Record, Sighting, Verdict
from harness.model.facts import (
    Acknowledged,
    CliExited,
    CliSession,
    ClockCompared,
    Connected,
    Fence,
    InFlight,
    Members,
    PageConnected,
    PageLoaded,
    PanelShown,
    Still,
    TapTried,
    View,
)
from harness.record.ledger import Ledger
from harness.record.plain import plain
from tests.support.facts import body_of, other

NAMES = ("run:started", "step:done", "step:done", "run:completed")
MS = 1_000_000
COMMON = tuple(f"P{number}" for number in range(1, 17) if number not in (6, 7))

CONTRACT = Contract(
    target="written by hand",
    strategy="broadcast",
    session="s",
    replays=True,
    bound_ms=100,
    terminal=("run:completed", "run:failed"),
    terminal_ok=("run:completed",),
    declared=("run:started", "step:done", "run:completed"),
    own_events=("hello",),
    panels=(Panel("steps", ("step:*",), {"done": ("step:done",)}),),
    taps=tuple(Hop),
    properties=COMMON,
    dashboards=("A", "B"),
)


def event(seq: int, session: str = "s", name: str | None = None, digest: str = "d") -> Event:
    return Event(f"{session}/{seq}", name or NAMES[seq - 1], session, seq, f"{digest}{seq}")


class History:
    """Records in the making; every method returns the history, so that a test reads as one sentence."""

    def __init__(self, contract: Contract = CONTRACT) -> None:
        self.contract = contract
        self.records: list[Record] = []
        self._n: dict[str, int] = {}

    def see(self, hop: Hop, what: Event, observer: str, at_ms: float, **more: Any) -> History:
        self.records.append(Sighting(hop, what, observer, self._next(observer), int(at_ms * MS), **more))
        return self

    def tell(self, kind: type[Body], observer: str, **data: Any) -> History:
        self.records.append(Fact(observer, self._next(observer), 0, body_of(kind, **data)))
        return self

    def without(self, condition: Callable[[Record], bool]) -> History:
        self.records = [record for record in self.records if not condition(record)]
        return self

    def changed(self, condition: Callable[[Record], bool], change: Callable[[Any], Record]) -> History:
        self.records = [change(record) if condition(record) else record for record in self.records]
        return self

    def promising(self, **changes: Any) -> History:
        self.contract = replace(self.contract, **changes)
        return self

    def ledger(self) -> Ledger:
        last_ns = max((r.at_ns for r in self.records if r.observer == "server"), default=0)
        records = [replace(r, at_ns=last_ns) if _looks(r) else r for r in self.records]
        return Ledger.of(self.contract, records)

    def verdict(self) -> Verdict:
        return verdict_of(self.ledger())

    def _next(self, observer: str) -> int:
        self._n[observer] = self._n.get(observer, 0) + 1
        return self._n[observer]


def _looks(record: Record) -> bool:
    """Whether it is a look at the server or at a page, which is taken once all has come."""
    return isinstance(record, Fact) and isinstance(record.body, InFlight | Members | View)


def sid(dashboard: str) -> str:
    return f"sid-{dashboard}"


def load(dashboard: str) -> str:
    return f"dashboard:{dashboard}.1"


def clean(dashboards: Iterable[str] = ("A", "B")) -> History:
    """Four events, broadcast, seen at every hop by every dashboard; every tap alive, everything proven quiet."""
    history, labels = History(), tuple(dashboards)
    for label in labels:
        connect(history, label)
    for tap, observer, hops in (("output", "cli:main", [0]), ("agent", "cli:main", [1]), ("agent", "server", [2, 3])):
        history.tell(TapTried, observer, tap=tap, hops=hops, phase="before", alive=True, why=None)
    history.tell(CliSession, "cli:main", session="s")
    for seq in range(1, 5):
        send(history, event(seq), labels)
    history.tell(CliExited, "cli:main", status=0, killed=False)
    for tap, observer, hops in (("output", "cli:main", [0]), ("agent", "cli:main", [1]), ("agent", "server", [2, 3])):
        history.tell(TapTried, observer, tap=tap, hops=hops, phase="after", alive=True, why=None)
    history.tell(InFlight, "server", count=0)
    rooms = {"dashboards": [sid(label) for label in labels]}
    history.tell(Members, "server", rooms=rooms, connected=[sid(label) for label in labels])
    for label in labels:
        conclude(history, label)
    return history


def connect(history: History, label: str) -> None:
    history.tell(Connected, "server", sid=sid(label), role="dashboard", origin=None, transport="websocket")
    history.tell(PageLoaded, load(label), dashboard=label, url="http://page")
    history.tell(PageConnected, load(label), sid=sid(label), transport="websocket")
    history.tell(ClockCompared, load(label), offset_ns=0, error_ns=0)
    history.tell(PanelShown, load(label), panel="steps", session="", text="none", values={"done": "0"})
    for hop in (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED):
        history.tell(TapTried, load(label), tap=hop.label, hops=[int(hop)], phase="before", alive=True, why=None)


def send(history: History, what: Event, labels: Iterable[str]) -> None:
    at = 10.0 * (what.seq or 0)
    recipients = tuple(sid(label) for label in labels)
    history.see(Hop.EMITTED, what, "cli:main", at).see(Hop.SENT, what, "cli:main", at + 1)
    history.see(Hop.RECEIVED, what, "server", at + 2)
    history.see(Hop.ROUTED, what, "server", at + 3, recipients=recipients)
    history.tell(Acknowledged, "cli:main", key=what.key, ok=True, error=None)
    for label in labels:
        for hop in (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED):
            history.see(hop, what, load(label), at + 4 + hop)


def conclude(history: History, label: str, keys: Iterable[str] = ("s/1", "s/2", "s/3", "s/4")) -> None:
    shown, observer = list(keys), load(label)
    steps = {"session": "s", "text": "2 done", "values": {"done": "2"}}
    history.tell(PanelShown, observer, panel="steps", **steps)
    history.tell(Fence, observer, dashboard=label, back=True, waited_ms=1, means="wire", channel="websocket")
    history.tell(Still, observer, dashboard=label, still=True, waited_ms=1)
    for hop in (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED):
        history.tell(TapTried, observer, tap=hop.label, hops=[int(hop)], phase="after", alive=True, why=None)
    history.tell(
        View,
        observer,
        counter=len(shown),
        status={"text": "Connected", "connected": True},
        rows=shown,
        state_events=shown,
        panels={"steps": steps},
        window=None,
    )


def at(hop: Hop, key: str | None = None, dashboard: str | None = None) -> Callable[[Record], bool]:
    """Picks sightings at a hop, of one event and one dashboard where they are given."""
    return lambda record: (
        isinstance(record, Sighting)
        and record.hop is hop
        and key in (None, record.event.key)
        and (dashboard is None or record.observer == load(dashboard))
    )


def from_hop(hop: Hop, key: str | None = None, dashboard: str | None = None) -> Callable[[Record], bool]:
    """Picks sightings from a hop on."""
    return lambda record: any(at(each, key, dashboard)(record) for each in Hop if each >= hop)


def of_kind(kind: type[Body], observer: str | None = None, **having: Any) -> Callable[[Record], bool]:
    """Picks facts."""
    return lambda record: (
        isinstance(record, Fact)
        and isinstance(record.body, kind)
        and observer in (None, record.observer)
        and all(plain(getattr(record.body, name)) == value for name, value in having.items())
    )


def with_data(**changes: Any) -> Callable[[Any], Record]:
    """A fact with other data."""
    return lambda fact: other(fact, **changes)
