"""Server, dashboard and browser of one strategy, started together and kept warm for as many runs as are wanted."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from harness.launch.addresses import Addresses
from harness.launch.children import Children
from harness.launch.known_secrets import known_secrets
from harness.launch.passes import ALL, make_pass
from harness.launch.readiness import demand_free
from harness.launch.resources import Resources
from harness.lib import lifeline
from harness.lib.closing import Closing
from harness.model import Hop, Record, Write
from harness.record.masking import Mask
from harness.taps.agent import beside, environment
from harness.taps.seen_by import Place, ServerProbe
from harness.target.process import Process, SeenBy
from harness.target.spec import Target


@dataclass(frozen=True, slots=True)
class PageScripts:
    """JavaScript put into every page: `before` the harness's tap it is the network's, `after` it the page's own."""

    before: str = ""
    after: str = ""


class Stack(Closing):
    """The processes of a system, and the taps at them.

    `routing` is the server's way of routing, usually the strategy promised.
    """

    def __init__(
        self,
        target: Target,
        routing: str,
        resources: Resources,
        *,
        server_env: Mapping[str, str] | None = None,
        cli_env: Mapping[str, str] | None = None,
        seen_by: SeenBy | None = None,
    ) -> None:
        self.target, self.routing, self.resources = target, routing, resources
        self.folder = lifeline.folder("harness-")
        shared = self.folder / "shared"
        shared.mkdir()
        self.token_file = shared / "token"
        self._server_env, self.cli_env = dict(server_env or {}), dict(cli_env or {})
        self.seen_by = seen_by or target.seen_by
        self._cleanup = contextlib.ExitStack()
        self.children = Children(target, self.folder, self, self._cleanup)
        self.addresses = Addresses(target, self.children, shared)
        self.page_scripts = PageScripts()
        self.before_log_write: Callable[[], None] = lambda: None
        self._write: Write = drop
        self._server_agent = f"server@{secrets.token_hex(3)}"
        self._helpers: list[str] = []
        self.server_probe: ServerProbe = self._put_server_probe()
        """Who tells what the server does that runs now."""
        self._is_spawned = False
        self.is_spoiled = False
        """Whether a run left the server in a state of its own (restarted, a holder killed): no other run may use it."""
        self.former_sessions: set[str] = set()
        """Sessions of runs that are over: what the server still says of them does not belong to the next run."""

    def spawn(self) -> Self:
        """Start the processes, each when those that it needs are ready, and wait for none; `start` does both.

        Raises ProcessError for a process that doesn't come up, TargetError for one that can't with these settings.
        """
        try:
            demand_free(self.target.cli_port, "the producer")
            self.children.spawn()
        except BaseException:
            self.close()
            raise
        self._is_spawned = True
        return self

    def start(self, while_starting: Callable[[], object] = lambda: None) -> Self:
        """Start what `spawn` has not, and wait for all; `while_starting` runs meanwhile. Raises as it does."""
        spans = self.resources.spans
        if not self._is_spawned:
            with spans("spawn"):
                self.spawn()
        try:
            while_starting()
            with spans("wait until ready"):
                self.children.wait()
        except BaseException:
            self.close()
            raise
        return self

    def listen(self, write: Write | None) -> None:
        """Who is told what the taps of the server see: the run that is on."""
        self._write = write or drop
        if self.addresses.gateway is not None:
            self.addresses.gateway.listen(write)

    def place(self, observer: str, name: str, session: str, folder: Path, write: Write) -> Place:
        """Where a tap is put: the server's or a CLI's place."""
        ingress, egress = self.target.ingress, self.target.egress
        is_shared = name == self._agent_name and len(self.target.servers) > 1
        hub, gateway = self.resources.hub, lambda: self.addresses.gateway
        return Place(observer, name, session, folder, ingress, egress, write, hub, gateway, is_shared)

    @property
    def taps(self) -> tuple[Hop, ...]:
        """The hops that there is a tap for."""
        seen = {hop for page in self.target.each_page for hop in page.taps_seen_by(self.seen_by)}
        return tuple(hop for hop in Hop if hop in seen)

    @property
    def server_url(self) -> str:
        """Where the Socket.IO server itself listens."""
        return self.addresses.server

    @property
    def server_observer(self) -> str:
        """How the ledger names the server that runs now; several servers are one observer."""
        return "server" if self.children.incarnation == 1 else f"server.{self.children.incarnation}"

    def redirect(self, url: str | None) -> None:
        """Tell pages and CLIs that start from now on another address for the server; None is the server's own."""
        self.addresses.redirect(url)

    def stop_server(self, kill: bool = False) -> None:
        """Stop the server, by SIGTERM or by SIGKILL; `start_server` starts another at the same address."""
        self.children.stop_server(kill)
        self.server_probe.stopped(5)

    def start_server(self) -> None:
        """Start a server where the one was that was stopped."""
        self.children.incarnation += 1
        self.server_probe = self._put_server_probe()
        self.children.start_server()

    def secrets(self) -> Mask:
        """What is known to be secret in this system before a run."""
        return known_secrets(self.target, self.token_file, (self._server_env, self.cli_env))

    def make_pass(self, role: str, session: str = ALL) -> str:
        """A pass for a `dashboard` or a `producer`; empty where the system needs none. Raises TargetError."""
        command = self.target.passes
        return "" if command is None else make_pass(command, role, session, self.values(), self.target.ready_s)

    def hear_helpers(self, timeout_s: float) -> None:
        """Take what processes other than servers have recorded up to now."""
        for name in self._helpers:
            if self.resources.hub.hooked(name):
                self.resources.hub.sync(name, timeout_s)

    def dismiss(self) -> None:
        """Ask every process to end, after the last run; `close` then has less to wait for."""
        self.children.dismiss()

    def close(self) -> None:
        """Stop everything that the stack started and remove its folder."""
        self._cleanup.close()
        lifeline.remove(self.folder)

    # What its processes ask of it (`Around`).

    def values(self) -> Mapping[str, str]:
        """What placeholders of the command of a process stand for."""
        routing = {"routing": self.routing, "strategy": self.routing}
        return {**self.addresses.values(), **routing, "token_file": str(self.token_file)}

    def environment(self, process: Process, filled: Mapping[str, str]) -> dict[str, str]:
        """The environment of a process, with the tap that goes into it."""
        env = {**os.environ, **filled, **(self._server_env if process.serves else {})}
        env = self.server_probe.environment(env) if process.serves else self._watched(process, env)
        return {**env, "HARNESS_AGENT_PROCESS": process.name}

    def became_ready(self, process: Process) -> None:
        """Put the proxy in front of a server, where it sees what no agent does."""
        gateway = self.addresses.gateway
        if process is self.target.server and gateway is None:
            self._put_gateway()
        elif process.serves and gateway is not None and self.seen_by.server_tap.stands_in_front:
            gateway.also(process.name, self.children.place(process.name))

    def _put_server_probe(self) -> ServerProbe:
        """The tap at the servers that are about to start."""
        place = self.place(self.server_observer, self._agent_name, "", self.folder, self._tell)
        return self.seen_by.server_tap.at_server(place)

    @property
    def _agent_name(self) -> str:
        """The name of the agent in the server that runs now, unique among the stacks of this machine."""
        return f"{self._server_agent}.{self.children.incarnation}"

    def _tell(self, record: Record) -> None:
        self._write(record)  # the run's that is on now

    def _put_gateway(self) -> None:
        tells_of = (self.seen_by.cli_tap.stands_in_front, self.seen_by.server_tap.stands_in_front)
        if any(tells_of):
            from harness.launch.proxy_gateway import (
                ProxyGateway,  # long to import, and only for systems that no agent is in
            )

            upstream, port = lambda: self.children.place(self.target.server.name), self.target.cli_port or 0
            gateway = ProxyGateway(self.target.ingress, tells_of, upstream, lambda: self.server_observer, port)
            self._cleanup.callback(gateway.close)
            self.addresses.gateway = gateway

    def _watched(self, process: Process, env: Mapping[str, str]) -> dict[str, str]:
        """The environment of a process other than a server: what it emits on a server object of its own is seen.

        Where the servers are seen from outside alone, nothing of the harness gets into other processes either.
        """
        if self.seen_by.server_tap.stands_in_front or not self.seen_by.server_tap.server_hops:
            return dict(env)
        name = f"{process.name}@{self._server_agent}"
        self.resources.hub.on(name, beside(f"process:{process.name}", self.target.egress, self._tell))
        self._cleanup.callback(self.resources.hub.on, name, None)
        self._helpers.append(name)
        return environment(self.resources.hub.path, name, "client", env)


def drop(_: Record) -> None:
    """No run is on."""
