"""Who is told which address: pages and producers find the server where a proxy, a relay or nothing stands before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from harness.launch.children import Children
from harness.target.process import fill
from harness.target.spec import Target

if TYPE_CHECKING:
    from harness.launch.proxy_gateway import ProxyGateway


class Addresses:
    """What placeholders stand for everywhere, for all parties or for one (`dashboard:A`, `cli:main`)."""

    def __init__(self, target: Target, children: Children, shared: Path) -> None:
        self._target, self._children, self._shared = target, children, shared
        self.gateway: ProxyGateway | None = None
        """The wire proxy, where one stands in front of the server."""
        self.lead: Callable[[str, str], str] = lambda _, address: address
        """Where a party is sent who would be told an address of the server."""
        self.page_query: Mapping[str, str] = {}
        """What every page gets in the query of its address."""
        self._redirected: str | None = None
        self._turns: dict[str, int] = {}
        """Which of the servers a party was given, by its place among them."""

    def redirect(self, url: str | None) -> None:
        """Tell pages and CLIs that start from now on another address for the server; None is the server's own."""
        self._redirected = url

    @property
    def server(self) -> str:
        """Where the Socket.IO server itself listens."""
        return self._children.addresses[self._target.server.name]

    @property
    def told(self) -> str:
        """Where producers and pages are told to find it."""
        return self._redirected or (self.server if self.gateway is None else f"http://{self.gateway.address}")

    def _told_to(self, who: str) -> str:
        """Where one party is told to find the server: where they are given them in turn, its own one."""
        if not who or not self._target.in_turn or self._redirected is not None or self.gateway is not None:
            return self.told
        kind = who.partition(":")[0]
        before = sum(each.partition(":")[0] == kind for each in self._turns)
        turn = self._turns.setdefault(who, before)
        servers = [each.name for each in self._target.servers]
        return self._children.addresses[servers[turn % len(servers)]]

    def for_cli(self, cli: str, session: str) -> str:
        """Where a CLI that runs a session finds the server."""
        if self.gateway is None or self._redirected is not None:
            return self.lead(cli, self._told_to(cli))
        return self.lead(cli, f"http://{self.gateway.address_for(cli, session)}")

    def for_page(self, who: str = "", holds: str = "", **query: str) -> str:
        """The address of a party's page, with the pass that it holds; one that knows the reference system's queries
        gets them.
        """
        query = {**self.page_query, **query}
        values = {**self.values(who), "session": "", **query}
        page_url = self._target.of(who.removeprefix("dashboard:")).page_url
        url = fill(page_url, values if self._target.passes is None else {**values, "pass": quote(holds)})
        place, mark, fragment = url.partition("#")
        asked = "".join(f"&{name}={value}" for name, value in query.items() if self._target.answers)
        return f"{place}{asked}{mark}{fragment}"

    def values(self, who: str = "") -> dict[str, str]:
        """The addresses and ports of the processes that are ready, as a party is told them."""
        at, server = self._children.addresses, self._target.server.name
        ports = {f"{name}.port": str(port) for name, port in self._children.ports.items() if port}
        fronted = {} if self.gateway is None else {name: f"http://{to}" for name, to in self.gateway.others.items()}
        addresses = {name: address for name, address in at.items() if address}
        known = {**ports, **addresses, **fronted, "shared": str(self._shared)}
        if server in at:
            known["server"] = known[server] = self.lead(who, self._told_to(who))
        return known

    def routes(self, who: str = "") -> dict[str, str]:
        """Origins that are written into a page to where it is led instead."""
        there = self.lead(who, self.told)
        return dict.fromkeys(
            (fill(origin, self.values()) for origin in self._target.of(who.removeprefix("dashboard:")).reroute), there
        )
