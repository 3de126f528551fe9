"""Who tells what the server does: the agent in its process, or the wire proxy in front of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from harness.model import FactKind, Hop
from harness.taps.agent import AgentHub, SyncReply, missing_hooks

if TYPE_CHECKING:
    from harness.taps.wire.proxy import WireProxy

Told: TypeAlias = tuple[FactKind, dict[str, Any]]
"""A fact about the server: its kind and its data."""

ONE_SIDED = "the wire proxy sees what the server acknowledged, and can't tell what became of the rest"

QUIET_S = 0.3
"""How long nothing may pass the wire proxy until the server counts as idle."""


class ServerProbe(Protocol):
    """Who reports what one server does. `hops` are those of the server that it is the tap of; the others are blind."""

    @property
    def hops(self) -> tuple[Hop, ...]: ...

    def look(self, phase: str, settle: bool, timeout_s: float) -> Iterator[Told]:
        """Try the taps, and say how the server stands; `settle` waits until nothing is in flight in it."""
        ...


@dataclass(frozen=True, slots=True)
class AgentInServer:
    """The agent's canary: it answers, and says who is connected and how many handlers run.

    One that said goodbye with its process has told everything, and nothing runs there any more.
    """

    hub: AgentHub
    name: str
    hops: tuple[Hop, ...] = (Hop.RECEIVED, Hop.ROUTED)

    def look(self, phase: str, settle: bool, timeout_s: float) -> Iterator[Told]:
        deadline = time.monotonic() + timeout_s
        reply = self.hub.sync(self.name, timeout_s)
        while settle and reply is not None and reply.in_flight and time.monotonic() < deadline:
            reply = self.hub.sync(self.name, timeout_s)
        has_left = reply is None and self.hub.ended(self.name) and self.hub.whole(self.name)
        for hop in self.hops:
            why = None if has_left else _why_dead(hop, reply)
            tap = {"tap": f"agent ({hop.label})", "hops": [int(hop)], "phase": phase}
            yield FactKind.TAP, {**tap, "alive": why is None, "why": why}
        if has_left:
            yield FactKind.IN_FLIGHT, {"count": 0}
        if reply is not None:
            yield FactKind.IN_FLIGHT, {"count": reply.in_flight}
            rooms: dict[str, list[str]] = {}
            for space in reply.namespaces.values():
                for name, sids in space.rooms.items():
                    rooms.setdefault(name, []).extend(sids)
            connected = [sid for space in reply.namespaces.values() for sid in space.connected]
            yield FactKind.MEMBERS, {"rooms": rooms, "connected": connected}
            for listening in reply.listens:
                yield FactKind.LISTENS, asdict(listening)


@dataclass(frozen=True, slots=True)
class Nobody:
    """A server that nobody sees: its hops are blind, and nothing is said of it."""

    hops: tuple[Hop, ...] = ()

    def look(self, phase: str, settle: bool, timeout_s: float) -> Iterator[Told]:  # noqa: ARG002  # nothing to look at
        yield from ()


@dataclass(frozen=True, slots=True)
class ProxyBeforeServer:
    """The proxy's canary goes through each of `doors` to a server and back. What is in flight isn't seen: it waits."""

    proxy: WireProxy
    doors: tuple[str, ...]
    quiet_s: float = QUIET_S
    hops: tuple[Hop, ...] = (Hop.RECEIVED,)

    def look(self, phase: str, settle: bool, timeout_s: float) -> Iterator[Told]:
        tried = (self.proxy.why_dead(door, timeout_s) for door in self.doors)
        why = next((trouble for trouble in tried if trouble is not None), None)
        tap = {"tap": "wire proxy (received)", "hops": [int(Hop.RECEIVED)], "phase": phase}
        yield FactKind.TAP, {**tap, "alive": why is None, "why": why, "one_sided": ONE_SIDED}
        if settle and (state := self.proxy.wait_quiet(self.quiet_s, timeout_s)) is not None:
            yield FactKind.IN_FLIGHT, {"count": 0, "means": "quiet", "unanswered": state.unanswered}
            yield FactKind.MEMBERS, {"rooms": {}, "connected": list(state.members)}


def _why_dead(hop: Hop, reply: SyncReply | None) -> str | None:
    """Why the server's agent can't be believed at a hop; None when it can."""
    if reply is None:
        return "the agent in the server did not answer"
    if reply.troubles:
        return f"the agent in the server failed {reply.troubles} times"
    missing = missing_hooks(hop, reply.hooks)
    return f"this python-socketio has no place for the hooks {', '.join(missing)}" if missing else None
