"""The taps of processes: who sees what passes a server or a CLI. A target file names one of them in `seen_by`.

This package is the one place that tells them apart. A tap says as data which hops it sees; at a process it says what
has to be in that process's environment, writes sightings and facts, and proves itself alive. To add one: a module here
or in an installed package (entry point group `harness.taps`) with `TAP`, an object that follows the Protocol below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from harness.extensions import TAP, members
from harness.model import Body, Hop, Write
from harness.taps.agent import AgentHub, Identify

if TYPE_CHECKING:
    from harness.taps.wire.proxy import WireProxy

Told: TypeAlias = Body
"""What a tap says of a server besides sightings: the body of a fact."""


class Gateway(Protocol):
    """The wire proxy in front of a system's servers, and its doors (`host:port`)."""

    @property
    def proxy(self) -> WireProxy: ...

    @property
    def entrances(self) -> list[str]:
        """One door to each server."""

    def address_for(self, cli: str, session: str) -> str:
        """The door of a CLI."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tap is put: one start of a server or of a CLI. Several servers of a system are one place.

    `observer` is how the ledger names it (`server`, `server.2`, `cli:main`), `name` is unique among all places of this
    machine. `folder` is for the tap's own files. `ingress` identifies events that the CLI sends, `egress` those that
    the server sends. `write` takes sightings and facts, from any thread, in the order of their numbers. `is_shared`:
    several processes write as this observer.
    """

    observer: str
    name: str
    session: str
    folder: Path
    ingress: Identify
    egress: Identify
    write: Write
    hub: AgentHub
    gateway: Callable[[], Gateway | None]
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a server that may still pass events on after it has acknowledged them.

    `outstanding` counts the events that it took and did not route yet; after the monotonic time `deadline_s`, the bound
    of latency from the last event that it took, what has not come is late at best. `pause` waits a moment.
    `is_held` says whether a client's message of some name, or what was posted to some path, brought an event that is
    not routed yet: a handler that has had `handler_s` seconds for such an event is waited for no longer.
    """

    outstanding: Callable[[], int]
    deadline_s: Callable[[], float]
    pause: Callable[[], None]
    is_held: Callable[[str | None, str], bool] = lambda _sid, _name: False
    handler_s: Callable[[], float] = lambda: inf


class ServerProbe(Protocol):
    """A tap at a server. `hops` are those of the server that it is the tap of; the others are blind."""

    @property
    def hops(self) -> tuple[Hop, ...]: ...

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """`inherited` with what the tap needs in the environment of the server."""

    def look(self, phase: str, patience: Patience | None, timeout_s: float) -> Iterator[Told]:
        """Try the taps, `before` and `after` a run, and say how the server stands.

        With `patience`, once nothing is in flight in it, or when that has had its time.
        """

    def stopped(self, timeout_s: float) -> None:
        """The server was stopped: take what it still had to tell."""


class ClientProbe(Protocol):
    """A tap at a CLI. `tap` is what reports call it, `hops` what it is the tap of."""

    @property
    def tap(self) -> str: ...

    @property
    def hops(self) -> tuple[Hop, ...]: ...

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """`inherited` with what the tap needs in the environment of the CLI."""

    def conclude(self, has_died: bool, timeout_s: float) -> str | None:
        """The CLI has ended, by a signal if it `has_died`: write what is still to be written.

        Returns why the tap's silence proves nothing, or None when it can be believed.
        """


class Tap(Protocol):
    """Who sees what passes a process. `about` says in a few words what it is."""

    name: str
    about: str
    server_hops: tuple[Hop, ...]
    """Of `received` and `routed` those that it sees at a server."""
    client_hops: tuple[Hop, ...]
    """`sent`, if it sees that at a CLI."""
    stands_in_front: bool
    """Whether clients reach the server through the wire proxy."""

    def at_server(self, place: Place) -> ServerProbe:
        """Observe a server that is about to start."""

    def at_client(self, place: Place) -> ClientProbe:
        """Observe a CLI that is about to start."""


def taps() -> dict[str, Tap]:
    """Every tap of processes by its name."""
    return members(TAP)
