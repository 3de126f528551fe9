"""The wire proxy of a stack: where clients find the server, and which CLI comes in by which door."""

from __future__ import annotations

from collections.abc import Callable

from harness.model import Record, Write
from harness.record.identity import Envelope
from harness.taps.wire.proxy import WireProxy
from harness.taps.wire.telling import Telling

PAGES = "pages"
"""The door of every client but the run's CLIs."""


class ProxyGateway:
    """The proxy in front of the servers. `upstream` says where the first is, `server` how the ledger names it now.

    `tells_of`: whether it reports what clients do, and what the server does.
    """

    def __init__(
        self,
        ingress: Envelope,
        tells_of: tuple[bool, bool],
        upstream: Callable[[], tuple[str, int]],
        server: Callable[[], str],
        port: int = 0,
    ) -> None:
        self._sessions: dict[str, str] = {}
        self._last: str | None = None
        of_clients, of_server = tells_of
        self.telling = Telling(drop, ingress, server, self._producer, of_clients, of_server)
        self.proxy = WireProxy(upstream, self.telling)
        self._doors = {PAGES: self.proxy.door(PAGES, port)}
        self._is_fixed = port != 0
        self.others: dict[str, str] = {}
        """Where clients find the servers beside the first: `host:port` by their names."""

    @property
    def address(self) -> str:
        """Where pages find the server: `host:port`."""
        return self._doors[PAGES]

    @property
    def entrances(self) -> list[str]:
        """One door to each server."""
        return [self.address, *self.others.values()]

    def also(self, name: str, upstream: tuple[str, int]) -> None:
        """Stand in front of another server too; it is where it was when it is started again."""
        if name not in self.others:
            self.others[name] = self.proxy.door(PAGES, upstream=lambda: upstream)

    def listen(self, write: Write | None) -> None:
        """Who is told what passes: the run that is on."""
        self.telling.write = write or drop

    def address_for(self, cli: str, session: str) -> str:
        """Where a CLI finds the server: a door of its own, unless the address is fixed."""
        self._sessions[session], self._last = cli, cli
        if self._is_fixed:
            return self.address
        if cli not in self._doors:
            self._doors[cli] = self.proxy.door(cli)
        return self._doors[cli]

    def _producer(self, door: str, session: str | None) -> str | None:
        """The CLI that something comes from: by its door, its session, or, at one fixed address, the last."""
        if door != PAGES:
            return door
        return self._sessions.get(session or "") or (self._last if self._is_fixed else None)

    def close(self) -> None:
        """Close every door."""
        self.proxy.close()


def drop(_: Record) -> None:
    """Without a listener."""
