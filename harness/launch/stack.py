"""Server, dashboard and browser of one strategy, started together and kept warm for as many runs as are wanted."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from harness.launch.processes import Child
from harness.launch.readiness import demand_free, free_port, port_of, wait_ready, wait_there
from harness.launch.resources import Resources
from harness.launch.workdir import prepare
from harness.lib import lifeline
from harness.lib.closing import Closing
from harness.model import Hop, Record, Write
from harness.record.masking import Mask
from harness.taps.agent import beside, environment
from harness.taps.seen_by import Place, ServerProbe
from harness.target.spec import Command, Process, SeenBy, Target, TargetError, Work, fill

if TYPE_CHECKING:
    from harness.launch.proxy_gateway import ProxyGateway


@dataclass(frozen=True, slots=True)
class PageScripts:
    """JavaScript put into every page: `before` the harness's tap it is the network's, `after` it the page's own."""

    before: str = ""
    behind: str = ""


class Stack(Closing):
    """The processes of a system. `routing` is the server's way of routing, usually the strategy promised."""

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
        self.shared = self.folder / "shared"
        self.shared.mkdir()
        self.token_file = self.shared / "token"
        self.server_agent = f"server@{secrets.token_hex(3)}"
        self.incarnation = 1
        self._server_env, self.cli_env = dict(server_env or {}), dict(cli_env or {})
        self.seen_by = seen_by or target.seen_by
        self.gateway: ProxyGateway | None = None
        """The wire proxy, where one sees what no agent does."""
        self.page_scripts = PageScripts()
        self._write: Write = drop
        self.server_probe: ServerProbe = self._put_server_probe()
        """Who tells what the server does that runs now."""
        self._cleanup = contextlib.ExitStack()
        self._children: dict[str, Child] = {}
        self._ports: dict[str, int] = {}
        self._helpers: list[str] = []
        self.addresses: dict[str, str] = {}
        """Process to its address, as `http://127.0.0.1:3000`."""
        self._redirected: str | None = None
        self.lead: Callable[[str, str], str] = lambda _, address: address
        """Where somebody (`dashboard:A`, `cli:main`) is sent who would be told an address of the server."""
        self.page_query: Mapping[str, str] = {}
        """What every page gets in the query of its address."""
        self.before_log_write: Callable[[], None] = lambda: None
        self._is_stopped = False
        self.is_spoiled = False
        """Whether a run left the server in a state of its own (restarted, a holder killed): no other run may use it."""
        self.former_sessions: set[str] = set()
        """Sessions of runs that are over: what the server still says of them is no part of the next run."""

    def start(self, while_starting: Callable[[], object] = lambda: None) -> Self:
        """Start the processes, each when those that it needs are ready; `while_starting` runs meanwhile.

        Raises ProcessError for a process that doesn't come up, TargetError for one that can't with these settings.
        """
        spans = self.resources.spans
        try:
            with spans("spawn"):
                self._spawn_all()
            while_starting()
            with spans("wait until ready"):
                for process in self.target.processes:
                    self._await(process.name)
        except BaseException:
            self.close()
            raise
        return self

    def _spawn_all(self) -> None:
        demand_free(self.target.cli_port, "the producer")
        for process in self.target.processes:
            if process.url is not None:
                self._ports[process.name] = port_of(process.url)
                continue
            demand_free(process.port, f"process {process.name}")
            if process.listens:
                self._ports[process.name] = free_port() if process.port is None else process.port
        for process in self.target.processes:
            for needed in process.after:
                self._await(needed)
            if process.url is None:
                self._spawn(process)

    def listen(self, write: Write | None) -> None:
        """Who is told what the taps of the server see: the run that is on."""
        self._write = write or drop
        if self.gateway is not None:
            self.gateway.listen(write)

    def place(self, observer: str, name: str, session: str, folder: Path, write: Write) -> Place:
        """Where a tap is put: the server's or a CLI's place."""
        ingress, egress = self.target.ingress.read, self.target.egress.read
        is_shared = name == self.agent_name and len(self.target.servers) > 1
        hub, gateway = self.resources.hub, lambda: self.gateway
        about = hub, gateway, is_shared, self.target.notices
        return Place(observer, name, session, folder, ingress, egress, write, *about)

    def _put_server_probe(self) -> ServerProbe:
        """The tap at the servers that are about to start."""
        place = self.place(self.server_observer, self.agent_name, "", self.folder, self._tell)
        return self.seen_by.server_tap.at_server(place)

    def _tell(self, record: Record) -> None:
        self._write(record)  # the run's that is on now

    @property
    def taps(self) -> tuple[Hop, ...]:
        """The hops that there is a tap for."""
        return self.target.taps_seen_by(self.seen_by)

    def server_for(self, cli: str, session: str) -> str:
        """Where a CLI that runs a session finds the server."""
        if self.gateway is None or self._redirected is not None:
            return self.lead(cli, self.server_address)
        return self.lead(cli, f"http://{self.gateway.address_for(cli, session)}")

    def _put_gateway(self) -> None:
        """The proxy in front of the server, where it sees what no agent does."""
        tells_of = (self.seen_by.cli_tap.stands_in_front, self.seen_by.server_tap.stands_in_front)
        if any(tells_of):
            from harness.launch.proxy_gateway import (
                ProxyGateway,  # long to import, and only for systems that no agent is in
            )

            port = self.target.cli_port or 0
            self.gateway = ProxyGateway(
                self.target.ingress, tells_of, self._upstream, lambda: self.server_observer, port
            )
            self._cleanup.callback(self.gateway.close)

    def _upstream(self) -> tuple[str, int]:
        return self._place(self.target.server.name)

    def _place(self, name: str) -> tuple[str, int]:
        address = self.addresses[name]
        return urlsplit(address).hostname or "127.0.0.1", port_of(address)

    def redirect(self, url: str | None) -> None:
        """Tell pages and CLIs that start from now on another address for the server; None is the server's own."""
        self._redirected = url

    @property
    def server_url(self) -> str:
        """Where the Socket.IO server listens."""
        return self.addresses[self.target.server.name]

    @property
    def server_address(self) -> str:
        """Where producers and pages are told to find it."""
        fronted = self.server_url if self.gateway is None else f"http://{self.gateway.address}"
        return self._redirected or fronted

    @property
    def server_log(self) -> Path:
        """The log of the server that runs now."""
        return self._children[self.target.server.name].log

    @property
    def logs(self) -> list[Path]:
        """Every log of this stack, in the order of the processes' starts."""
        return sorted(self.folder.glob("*.log"))

    @property
    def server_observer(self) -> str:
        """How the ledger names the server that runs now; several servers are one observer."""
        return "server" if self.incarnation == 1 else f"server.{self.incarnation}"

    def ended_servers(self) -> list[tuple[str, int]]:
        """Servers that have ended by themselves, each with its exit status."""
        if self._is_stopped:
            return []
        started = [each.name for each in self.target.processes if each.serves and each.url is None]
        known = [(name, self._children[name].status) for name in started]
        return [(name, status) for name, status in known if status is not None]

    def stop_server(self, kill: bool = False) -> None:
        """Stop the server, by SIGTERM or by SIGKILL; `start_server` starts another at the same address."""
        server = self.target.server
        if server.url is not None:
            raise TargetError(f"process {server.name} is not ours to restart: it ran already, at {server.url}.")
        self._ports[server.name] = port_of(self.server_url)
        if kill:
            self._children[server.name].kill()
        self._children[server.name].stop()
        self.server_probe.stopped(5)
        self._is_stopped = True

    def start_server(self) -> None:
        """Start a server where the one was that was stopped."""
        server = self.target.server
        self._is_stopped = False
        self.incarnation += 1
        self.server_probe = self._put_server_probe()
        del self.addresses[server.name]
        self._spawn(server)
        self._await(server.name)

    @property
    def agent_name(self) -> str:
        """The name of the agent in the server that runs now, unique among the stacks of this machine."""
        return f"{self.server_agent}.{self.incarnation}"

    def values(self, who: str = "") -> dict[str, str]:
        """What placeholders stand for everywhere: the addresses and ports of the processes that are ready.

        `who` is told them, as `dashboard:A`: somebody may be led elsewhere.
        """
        ports = {f"{name}.port": str(port) for name, port in self._ports.items() if port}
        fronted = {} if self.gateway is None else {name: f"http://{at}" for name, at in self.gateway.others.items()}
        addresses = {name: address for name, address in self.addresses.items() if address}
        known = {**ports, **addresses, **fronted, "shared": str(self.shared)}
        if self.target.server.name in self.addresses:
            known["server"] = known[self.target.server.name] = self.lead(who, self.server_address)
        return known

    def routes(self, who: str = "") -> dict[str, str]:
        """Origins that are written into a page to where it is led instead."""
        there = self.lead(who, self.server_address)
        return dict.fromkeys((fill(origin, self.values()) for origin in self.target.reroute), there)

    def page_url(self, who: str = "", **query: str) -> str:
        """The address of somebody's page; one that knows the reference system's queries gets them."""
        query = {**self.page_query, **query}
        url = fill(self.target.page_url, {**self.values(who), "session": "", **query})
        return url + "".join(f"&{name}={value}" for name, value in query.items() if self.target.answers)

    def secrets(self) -> Mask:
        """What is known to be secret in this system before a run."""
        target = self.target
        mask = Mask(target.secret_names, target.secret_patterns)
        commands = (
            target.do,
            *([] if target.pipe is None else [target.pipe]),
            *(each.command for each in target.processes),
        )
        environments = (os.environ, *(command.env for command in commands), self._server_env, self.cli_env)
        known = [(name, value) for each in environments for name, value in each.items()]
        mask.learn(*(value for name, value in known if mask.is_secret(name) and _is_value(value)))
        with contextlib.suppress(OSError):
            mask.learn(self.token_file.read_text("utf-8").strip())
        return mask

    def dismiss(self) -> None:
        """Ask every process to end, after the last run; `close` then has less to wait for."""
        for child in self._children.values():
            child.dismiss()

    def close(self) -> None:
        """Stop everything that the stack started and remove its folder."""
        self._cleanup.close()
        lifeline.remove(self.folder)

    def _spawn(self, process: Process) -> None:
        """Start one process; the next start of a server goes by another name in its log and in the hub."""
        command, again = process.command, f"-{self.incarnation}" if process.serves and self.incarnation > 1 else ""
        label = f"{process.name}{again}"
        work = prepare(self.folder / "work" / label, command.work) if _wants_work(command) else self.folder
        values = {
            **self.values(),
            "port": str(self._ports.get(process.name, "")),
            "routing": self.routing,
            "strategy": self.routing,
            "token_file": str(self.token_file),
            "work": str(work),
        }
        env = {**os.environ, **command.fill_env(**values), **(self._server_env if process.serves else {})}
        env = self.server_probe.environment(env) if process.serves else self._watched(process, env)
        env["HARNESS_AGENT_PROCESS"] = process.name
        cwd = command.cwd or work
        log = self.folder / f"{label}.log"
        wait = lambda: self.before_log_write()  # noqa: E731  # asked anew for every line: a fault may come and go
        child = Child(label, command.fill(**values), log=log, env=env, cwd=cwd, before_write=wait)
        self._cleanup.callback(child.stop)
        self._children[process.name] = child

    def _watched(self, process: Process, env: Mapping[str, str]) -> dict[str, str]:
        """The environment of a process that is no server: what it emits on a server object of its own is seen.

        Where the servers are seen from outside alone, nothing of the harness gets into other processes either.
        """
        if self.seen_by.server_tap.stands_in_front or not self.seen_by.server_tap.server_hops:
            return dict(env)
        name = f"{process.name}@{self.server_agent}"
        self.resources.hub.on(name, beside(f"process:{process.name}", self.target.egress.read, self._tell))
        self._cleanup.callback(self.resources.hub.on, name, None)
        self._helpers.append(name)
        return environment(self.resources.hub.path, name, "client", env)

    def hear_helpers(self, timeout_s: float) -> None:
        """Take what processes that are no servers have recorded up to now."""
        for name in self._helpers:
            if self.resources.hub.hooked(name):
                self.resources.hub.sync(name, timeout_s)

    def _await(self, name: str) -> None:
        """Wait until a process is ready, and keep its address."""
        if name not in self.addresses:
            process = next(each for each in self.target.processes if each.name == name)
            if process.url is not None:
                self.addresses[name] = wait_there(process, process.url, self.target.ready_s)
            else:
                child, port = self._children[name], self._ports.get(name, 0)
                self.addresses[name] = wait_ready(process, child, port, self.target.ready_s)
            if process is self.target.server and self.gateway is None:
                self._put_gateway()
            elif process.serves and self.gateway is not None and self.seen_by.server_tap.stands_in_front:
                self.gateway.also(name, self._place(name))
            if self.addresses[name]:
                self._ports[name] = port_of(self.addresses[name])


def _is_value(text: str) -> bool:
    """Whether a variable's text is its value: not where that lies, and not what is still to be filled in."""
    return not text.startswith(("/", "./", "~")) and "{" not in text


def _wants_work(command: Command) -> bool:
    texts = (*command.argv, *command.env.values())
    return command.cwd is None or command.work != Work() or any("{work}" in text for text in texts)


def new_session_id() -> str:
    """A session id as the CLI makes them: `do_<date>_<time>_<8 hex>`."""
    return f"do_{time.strftime('%Y%m%d_%H%M%S')}_{secrets.token_hex(4)}"


def drop(_: Record) -> None:
    """No run is on."""
