"""The agent inside a process: what has its environment reports to the hub, in the agent's own numbering."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.model import Fact, Hop, Record
from harness.model.facts import Connected, Disconnected, HandlerRuns, InFlight, Listens, Members, TapTried
from harness.taps.agent import AgentHub, RawRecord, SyncReply, Translator, environment, missing_hooks
from harness.taps.agent.process import ENDED
from harness.taps.seen_by import Patience, Place, Told


@dataclass(frozen=True, slots=True)
class AgentInServer:
    """The agent's canary: it answers, and says who is connected and how many handlers run.

    One that said goodbye with its process has told everything, and nothing runs there any more.
    """

    hub: AgentHub
    name: str
    hops: tuple[Hop, ...] = (Hop.RECEIVED, Hop.ROUTED)

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        return environment(self.hub.path, self.name, "server", inherited)

    def look(self, phase: str, patience: Patience | None, timeout_s: float) -> Iterator[Told]:
        reply = self.hub.sync(self.name, timeout_s)
        if patience is not None:
            reply = self._settled(reply, patience, timeout_s)
        has_left = reply is None and self.hub.ended(self.name) and self.hub.whole(self.name)
        broken = self.hub.why_dead(self.name)
        for hop in self.hops:
            why = broken or self.hub.unread(self.name) or (None if has_left else self._why_dead(hop, reply))
            yield TapTried(f"agent ({hop.label})", (hop,), phase, why is None, why)
        if has_left:
            yield InFlight(0)
        if reply is not None:
            yield _in_flight(reply, patience)
            for each in reply.running if patience is not None else ():
                yield HandlerRuns(each.event, each.ms, each.began_ns, each.sid, each.where)
            rooms: dict[str, list[str]] = {}
            for space in reply.namespaces.values():
                for name, sids in space.rooms.items():
                    rooms.setdefault(name, []).extend(sids)
            connected = tuple(sid for space in reply.namespaces.values() for sid in space.connected)
            yield Members(rooms, connected)
            for listening in reply.listens:
                yield Listens(listening.queue, listening.channel, listening.connected)

    def _settled(self, reply: SyncReply | None, patience: Patience, timeout_s: float) -> SyncReply | None:
        """The state once nothing works on an event any more, or when what still works has had its time."""
        deadline_s = time.monotonic() + timeout_s
        while reply is not None and _is_at_work(reply, patience):
            now_s = time.monotonic()
            if now_s > deadline_s or (now_s > patience.deadline_s() and not _may_route(reply, patience)):
                break
            patience.pause()
            reply = self.hub.sync(self.name, timeout_s)
        return reply

    def _why_dead(self, hop: Hop, reply: SyncReply | None) -> str | None:
        """Why the server's agent can't be believed at a hop; None when it can."""
        if reply is None:
            return self._why_silent()
        if reply.troubles:
            return f"the agent in the server failed {reply.troubles} times"
        missing = missing_hooks(hop, reply.hooks)
        return f"this version of Socket.IO has no place for the hooks {', '.join(missing)}" if missing else None

    def _why_silent(self) -> str:
        """Why no agent answered, in words that say what to do where the agent can't see this server at all."""
        if self.hub.hooked(self.name):
            return "the agent in the server did not answer"
        if self.hub.alive(self.name):
            return (
                "the agent is in the server's process, and no Socket.IO library that it knows was loaded there "
                '(a bundled server?): say seen_by = "proxy"'
            )
        return (
            "no agent reported from the server: it sees into Python and Node.js, and not into Bun, Deno or anything "
            'else: say seen_by = "proxy". What it needs in a container, or under a supervisor that hands on no '
            "environment, `harness target env` prints"
        )

    def stopped(self, timeout_s: float) -> None:
        self.hub.wait_ended(self.name, timeout_s)


@dataclass(frozen=True, slots=True)
class AgentInClient:
    """The agent proves itself by having said hello and, unless its process was terminated by a signal, goodbye."""

    hub: AgentHub
    name: str
    tap: str = "agent"
    hops: tuple[Hop, ...] = (Hop.SENT,)

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        return environment(self.hub.path, self.name, "client", inherited)

    def conclude(self, has_died: bool, timeout_s: float) -> str | None:
        if not self.hub.wait_ended(self.name, timeout_s):
            return self.hub.why_dead(self.name) or "the agent never reported"
        if (broken := self.hub.why_dead(self.name) or self.hub.unread(self.name)) is not None:
            return broken
        return None if self.hub.whole(self.name) or has_died else "the agent's last records are missing"


class AgentTap:
    """Sees a packet leave a CLI, a handler being called in a server, and the recipients that it resolves."""

    name = "agent"
    about = "the agent inside a process with python-socketio, socket.io or socket.io-client"
    server_hops = (Hop.RECEIVED, Hop.ROUTED)
    client_hops = (Hop.SENT,)
    stands_in_front = False

    def at_server(self, place: Place) -> AgentInServer:
        _hear(place, "server")
        return AgentInServer(place.hub, place.name)

    def at_client(self, place: Place) -> AgentInClient:
        _hear(place, "client")
        return AgentInClient(place.hub, place.name)


def _is_at_work(reply: SyncReply, patience: Patience) -> bool:
    """Whether the server may still route something: a handler or what it started, or a worker that has events left."""
    return bool(reply.in_flight or (reply.background and patience.outstanding()))


def _may_route(reply: SyncReply, patience: Patience) -> bool:
    """Whether a handler runs that may end in time: not one that has had its time and has not passed on what it took."""
    hopeless = [
        each
        for each in reply.running
        if each.ms / 1000 > patience.handler_s() and patience.is_held(each.sid, each.event)
    ]
    return reply.handlers > len(hopeless)


def _in_flight(reply: SyncReply, patience: Patience | None) -> InFlight:
    """How many handlers run; of what else is at work after its time only that it was waited for."""
    if reply.handlers or patience is None or not _is_at_work(reply, patience):
        return InFlight(reply.in_flight)
    return InFlight(0, means="quiet", background=reply.in_flight + reply.background)


class _Numbering:
    """The numbers of one observer's records: its process's own, and by the one clock of all where it has several.

    A process may be forked at any time (workers, children). Each numbers its own records from one, without a gap.
    """

    def __init__(self, is_shared: bool) -> None:
        self._by_time, self._last = is_shared, 0
        self._used: set[int] = set()

    def numbered(self, record: RawRecord) -> RawRecord:
        self._by_time = self._by_time or record["n"] != self._last + 1
        if not self._by_time:
            self._last = record["n"]
            return record
        number = record["t"]
        while number in self._used:  # two processes at the same nanosecond
            number += 1
        self._used.add(number)
        return {**record, "n": number}


class _Open:
    """Who is connected to which process: of one that ends all are gone, and it says so of none where it is killed."""

    def __init__(self) -> None:
        self._of: dict[str, dict[tuple[str, str | None], None]] = {}

    def note(self, record: Record, process: str) -> None:
        """Keep a connection that comes or goes."""
        if isinstance(record, Fact) and isinstance(record.body, Connected):
            self._of.setdefault(process, {})[record.body.sid, record.body.namespace] = None
        elif isinstance(record, Fact) and isinstance(record.body, Disconnected):
            self._of.get(process, {}).pop((record.body.sid, record.body.namespace), None)

    def gone_with(self, process: str) -> Iterator[Disconnected]:
        """The connections that were open when a process ended."""
        for sid, namespace in self._of.pop(process, {}):
            yield Disconnected(sid, "its process ended", namespace)


def _hear(place: Place, role: str) -> None:
    """Write what the agents of that name record. Several processes in one record: in the order of their one clock."""
    translator = Translator(place.observer, role, place.ingress, place.egress)
    numbering, opened = _Numbering(place.is_shared), _Open()

    def take(_: str, record: RawRecord) -> None:
        process = str(record.get("process"))
        if record["k"] == ENDED:
            for gone in opened.gone_with(process):
                place.write(Fact(place.observer, numbering.numbered(record)["n"], record["t"], gone))
            return
        for each in translator(numbering.numbered(record)):
            opened.note(each, process)
            place.write(each)

    place.hub.on(place.name, take)


TAP = AgentTap()
