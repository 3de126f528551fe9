"""Ledgers of many shapes, told record by record: what a stored run may look like, at any size."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import chain, count
from typing import Any

from harness.model import PAGE_SIDE, AnyFact, Body, Contract, Event, Fact, Hop, Panel, Record, Sighting
from harness.model.facts import (
    Acknowledged,
    Answered,
    ClientConnected,
    ClientDisconnected,
    CliExited,
    CliSession,
    CliStarted,
    ClockCompared,
    Connected,
    Disconnected,
    Fence,
    InFlight,
    Joined,
    Members,
    Notice,
    PageConnected,
    PageLoaded,
    Requested,
    ServerStarted,
    StatusShown,
    Still,
    TapTried,
    View,
)
from harness.record.typed import reader

NAMES = ("step:started", "step:done", "checkpoint:created")
OWN = ("connection:established",)
SIDS = "abcdefghijklmnopqrst"


@dataclass(frozen=True, slots=True)
class Shape:
    """Sessions that each emit so many events to all dashboards.

    `lost` is the part of the events that is lost at a random hop of each dashboard, and once more on the server's side;
    `doubled` the part of which a half is seen twice at a random hop, and a half is overtaken by the next one there.
    Without `ids`, events are known by name, occurrence and digest alone.
    """

    name: str
    events: int
    dashboards: int = 1
    sessions: int = 1
    lost: float = 0.0
    doubled: float = 0.0
    ids: bool = True

    @property
    def sightings(self) -> int:
        """How many there are where nothing goes wrong."""
        return self.sessions * self.events * (4 + len(PAGE_SIDE) * self.dashboards)

    def contract(self) -> Contract:
        """What is promised for it."""
        return Contract(
            target="paper", strategy="broadcast", session=None if self.sessions > 1 else "session-0", replays=True,
            bound_ms=600_000.0, terminal=("execution:completed",), terminal_ok=("execution:completed",),
            declared=("execution:completed",), own_events=OWN,
            panels=(Panel("steps", ("step:*",), {"done": ("step:done",)}),) if self.sessions == 1 else (),
            taps=tuple(Hop), properties=(), dashboards=tuple(f"D{index}" for index in range(self.dashboards)),
        )  # fmt: skip

    def records(self) -> Iterator[Record]:
        """The record of the run, in the order of time."""
        return _Telling(self).records()


class _Telling:
    """One run as it is told."""

    def __init__(self, shape: Shape) -> None:
        self._shape, self._chance = shape, random.Random(shape.name)  # noqa: S311  # a bench, no secret
        self._numbers: dict[str, count[int]] = {}
        self._now_ns = 1_000_000_000
        self._labels = [f"D{index}" for index in range(shape.dashboards)]
        self._sids = {label: f"{SIDS[: 20 - len(label)]}{label}" for label in self._labels}
        self._loads = {label: f"dashboard:{label}.1" for label in self._labels}
        self._state: dict[str, list[str]] = {label: [*OWN] for label in self._labels}
        self._rows: dict[str, list[str]] = {label: [*OWN] for label in self._labels}
        self._done: dict[str, int] = dict.fromkeys(self._labels, 0)

    def records(self) -> Iterator[Record]:
        sessions = [f"session-{index}" for index in range(self._shape.sessions)]
        yield from self._begin(sessions)
        held: list[Iterator[Record | None]] = []
        for number in range(1, self._shape.events + 1):
            for session in sessions:
                overtaken, held = held, []
                way = self._event(session, number)
                for record in way:
                    if record is None:
                        held.append(way)
                        break
                    yield record
                yield from filter(None, chain(*overtaken))
        yield from self._end(sessions)

    def _fact(self, kind: type[Body], observer: str, **data: Any) -> AnyFact:
        self._now_ns += 10_000
        return Fact(observer, next(self._numbers.setdefault(observer, count(1))), self._now_ns, reader(kind)(data))

    def _see(self, hop: Hop, event: Event, observer: str, sids: tuple[str, ...] | None = None, **more: Any) -> Sighting:
        self._now_ns += 100
        n = next(self._numbers.setdefault(observer, count(1)))
        return Sighting(hop, event, observer, n, self._now_ns, sids, more)

    def _canaries(self, observer: str, phase: str, *hops: Hop) -> Iterator[Record]:
        for hop in hops:
            yield self._fact(TapTried, observer, tap=hop.label, hops=[int(hop)], phase=phase, alive=True, why=None)

    def _begin(self, sessions: Iterable[str]) -> Iterator[Record]:
        yield self._fact(ServerStarted, "server", pid=1, url="http://127.0.0.1:1")
        yield from self._canaries("server", "before", Hop.RECEIVED, Hop.ROUTED)
        for label, load in self._loads.items():
            sid, transport = self._sids[label], "websocket"
            yield self._fact(ClockCompared, load, offset_ns=0, error_ns=1_000_000)
            yield from self._canaries(load, "before", *PAGE_SIDE)
            yield self._fact(PageLoaded, load, dashboard=label, url="http://127.0.0.1:2/")
            yield self._fact(Joined, "server", sid=sid, room="dashboards")
            yield self._fact(Connected, "server", sid=sid, role="dashboard", origin=None, transport=transport)
            yield self._fact(PageConnected, load, sid=sid, transport=transport)
            yield self._fact(StatusShown, load, text="Connected", connected=True)
            yield self._fact(Notice, load, name=OWN[0], payload={"session": None})
        for session in sessions:
            cli, sid = f"cli:{session}", f"sid-{session}"
            yield self._fact(CliStarted, cli, argv=["shannon"], cwd="/tmp/project")  # noqa: S108
            yield from self._canaries(cli, "before", Hop.EMITTED, Hop.SENT)
            yield self._fact(CliSession, cli, session=session)
            yield self._fact(ClientConnected, cli, url="http://127.0.0.1:1", transport="websocket")
            yield self._fact(Connected, "server", sid=sid, role="producer", origin=None, transport="websocket")
            body, answer = {"session": session}, {"ok": True, "session": session, "seq": 0}
            for kind, args in ((Requested, body), (Answered, answer)):
                yield self._fact(kind, "server", sid=sid, name="session:open", id=1, args=[args])

    def _event(self, session: str, number: int) -> Iterator[Record | None]:
        """The way of an event; None where the one after it overtakes it."""
        shape, is_last = self._shape, number == self._shape.events
        name = "execution:completed" if is_last else NAMES[number % 3]
        event = Event(f"{session}/{number}", name, session, number, _digest(number))
        if not shape.ids:
            digest = _digest(number % 1000)
            event = Event(f"/{name}~{digest}", name, None, None, digest)
        cli, everyone = f"cli:{session}", tuple(self._sids.values())
        lost_at = self._drawn(shape.lost, (Hop.SENT, Hop.RECEIVED, Hop.ROUTED))
        told: list[tuple[Hop, str, tuple[str, ...] | None, dict[str, str]]]
        told = [(Hop.EMITTED, cli, None, {}), (Hop.SENT, cli, None, {})]
        told += [
            (Hop.RECEIVED, "server", None, {"sid": f"sid-{session}"}),
            (Hop.ROUTED, "server", everyone, {"room": "dashboards"}),
        ]
        doubled_at, held_at = self._drawn(shape.doubled / 2, tuple(Hop)[1:]), None
        if not is_last and number < shape.events - 1:
            held_at = self._drawn(shape.doubled / 2, tuple(Hop)[1:])
        for hop, observer, sids, more in told:
            if hop is held_at:
                yield None
            if lost_at is None or hop < lost_at:
                for _ in range(2 if doubled_at is hop else 1):
                    yield self._see(hop, event, observer, sids, **more)
        yield self._fact(Acknowledged, cli, key=event.key, ok=True, error=None)
        if lost_at is None:
            for label in self._labels:
                yield from self._arrive(label, event, doubled_at, held_at)

    def _arrive(self, label: str, event: Event, doubled_at: Hop | None, held_at: Hop | None) -> Iterator[Record | None]:
        load, lost_at = self._loads[label], self._drawn(self._shape.lost, PAGE_SIDE)
        for hop in PAGE_SIDE:
            if hop is held_at and label == self._labels[0]:
                yield None
            if lost_at is not None and hop >= lost_at:
                return
            seen = event if hop < Hop.RENDERED else replace(event, digest=None)
            if not self._shape.ids and hop is Hop.RENDERED:
                seen = replace(seen, key=f"/{event.name}~")
            more = {"transport": "websocket"} if hop is Hop.DELIVERED else {"via": "row"} if hop is Hop.RENDERED else {}
            for _ in range(2 if doubled_at is hop else 1):
                yield self._see(hop, seen, load, None, **more)
            if hop is Hop.APPLIED:
                self._state[label].append(event.key)
                self._done[label] += event.name == "step:done"
            elif hop is Hop.RENDERED:
                self._rows[label].append(seen.key)

    def _drawn(self, part: float, hops: tuple[Hop, ...]) -> Hop | None:
        return self._chance.choice(hops) if part and self._chance.random() < part else None

    def _end(self, sessions: Iterable[str]) -> Iterator[Record]:
        for session in sessions:
            cli, sid = f"cli:{session}", f"sid-{session}"
            yield self._fact(ClientDisconnected, cli, reason="client disconnect")
            yield self._fact(Disconnected, "server", sid=sid, reason="transport close")
            yield self._fact(CliExited, cli, status=0, killed=False)
            yield from self._canaries(cli, "after", Hop.EMITTED, Hop.SENT)
        yield from self._canaries("server", "after", Hop.RECEIVED, Hop.ROUTED)
        yield self._fact(InFlight, "server", count=0)
        members = [*self._sids.values()]
        yield self._fact(Members, "server", rooms={"dashboards": members}, connected=members)
        for label, load in self._loads.items():
            channel = {"dashboard": label, "channel": "websocket"}
            yield self._fact(Fence, load, **channel, back=True, waited_ms=1, means="wire", why=None)
            yield self._fact(Still, load, dashboard=label, still=True, waited_ms=1, why=None)
            yield from self._canaries(load, "after", *PAGE_SIDE)
            yield self._fact(View, load, **self._view(label))

    def _view(self, label: str) -> dict[str, Any]:
        values = {"done": str(self._done[label])}
        return {
            "counter": len(self._state[label]),
            "status": {"text": "Connected", "connected": True},
            "rows": self._rows[label][::-1],
            "rows_numbered": self._shape.ids,
            "window": None,
            "state_events": self._state[label],
            "panels": {"steps": {"session": None, "text": f"busy {values}", "values": values}},
        }


def _digest(number: int) -> str:
    return blake2b(str(number).encode(), digest_size=8).hexdigest()
