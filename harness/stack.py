"""Server, dashboard and browser of one strategy, started together and kept warm for as many runs as are wanted."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from harness.browser import find_browser, launch_arguments
from harness.front import Front, SeenBy
from harness.model import Hop, Write
from harness.processes import Child
from harness.spans import Spans
from harness.taps.agent import AgentHub, RawRecord, environment
from harness.target import Target
from harness.witness import AgentInServer, ProxyBeforeServer, Witness

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

BY_AGENTS = SeenBy()

READY_S = 20.0
"""How long a process may take until it is ready, on a machine that is busy."""


class Machine:
    """What all stacks of one harness process share: the browser and the meeting place of the agents."""

    def __init__(self, headed: bool = False, slow_mo_ms: float = 0) -> None:
        self._headed, self._slow_mo_ms = headed, slow_mo_ms
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self.hub = AgentHub()
        self.spans = Spans()
        """Where the time of the runs on this machine goes."""

    @property
    def browser(self) -> Browser:
        """The browser, started when it is first asked for (0.3 s for the driver, 0.1 s for a headless shell)."""
        if self._browser is None:
            with self.spans("Playwright"):
                from playwright.sync_api import sync_playwright

                found = find_browser()
                self._playwright = sync_playwright().start()
            with self.spans("browser"):
                self._browser = self._playwright.chromium.launch(
                    executable_path=None if found.executable is None else str(found.executable),
                    headless=not self._headed,
                    slow_mo=self._slow_mo_ms or None,
                    args=launch_arguments(),
                )
        return self._browser

    def close(self) -> None:
        """Stop the browser, its driver and the hub."""
        if self._browser is not None:
            self._browser.close()
        if self._playwright is not None:
            self._playwright.stop()
        self.hub.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts of a stack are."""

    server: str
    dashboard: str


@dataclass(frozen=True, slots=True)
class PageScripts:
    """JavaScript put into every page: `before` the harness's tap it is the network's, `behind` it the page's own."""

    before: str = ""
    behind: str = ""


class Stack:
    """One server and one dashboard server. `routing` is the server's way of routing, usually the strategy promised."""

    def __init__(
        self,
        target: Target,
        routing: str,
        machine: Machine,
        *,
        server_env: Mapping[str, str] | None = None,
        cli_env: Mapping[str, str] | None = None,
        seen_by: SeenBy = BY_AGENTS,
    ) -> None:
        self.target, self.routing, self.machine = target, routing, machine
        self.folder = Path(tempfile.mkdtemp(prefix="harness-"))
        self.token_file = self.folder / "token"
        self.server_agent = f"server@{secrets.token_hex(3)}"
        self.incarnation = 0
        self._server_env, self.cli_env = dict(server_env or {}), dict(cli_env or {})
        self.seen_by = seen_by
        self.front: Front | None = None
        """The wire proxy, where one sees what no agent does."""
        self.page_scripts = PageScripts()
        self._on_record: Callable[[str, RawRecord], None] = lambda name, record: None
        self._children = contextlib.ExitStack()
        self._server: Child | None = None
        self._dashboard: Child | None = None
        self.addresses = Addresses("", "")
        self._server_url = ""
        self.is_spoiled = False
        """Whether a run left the server in a state of its own (restarted, a holder killed): no other run may use it."""
        self.former_sessions: set[str] = set()
        """Sessions of runs that are over: what the server still says of them is no part of the next run."""

    def start(self, while_starting: Callable[[], object] = lambda: None) -> Self:
        """Start both processes side by side; `while_starting` runs meanwhile (starting the browser, say)."""
        spans = self.machine.spans
        try:
            with spans("spawn"):
                server = self._spawn_server(port="0")
                page = self.target.dashboard
                dashboard = self._dashboard = self._spawn("dashboard", page.fill(), os.environ, page.cwd)
            while_starting()
            with spans("wait until ready"):
                url = server.wait_line(self.target.server.ready, READY_S)["url"]
                self._server_url = url
                self.addresses = Addresses(
                    self._behind_front(url), dashboard.wait_line(self.target.dashboard.ready, READY_S)["url"]
                )
        except BaseException:
            self.close()
            raise
        return self

    def listen(self, on_record: Callable[[str, RawRecord], None] | None, write: Write | None) -> None:
        """Who is told what the server's agent records, and what the proxy writes: the run that is on."""
        self._on_record = on_record or (lambda name, record: None)
        if self.front is not None:
            self.front.listen(write)

    @property
    def witness(self) -> Witness:
        """Who tells what the server does that runs now."""
        if self.front is not None and self.seen_by.server == "proxy":
            return ProxyBeforeServer(self.front.proxy, self.front.address)
        return AgentInServer(self.machine.hub, self.agent_name)

    @property
    def taps(self) -> tuple[Hop, ...]:
        """The hops that there is a tap for: outside of the server, what its witness is the tap of."""
        return tuple(hop for hop in Hop if hop not in (Hop.RECEIVED, Hop.ROUTED) or hop in self.witness.hops)

    def server_for(self, cli: str, session: str) -> str:
        """Where a CLI that runs a session finds the server."""
        return self.addresses.server if self.front is None else f"http://{self.front.address_for(cli, session)}"

    def _behind_front(self, url: str) -> str:
        """The server's address for clients: its own, or that of the proxy in front of it."""
        if self.seen_by == BY_AGENTS:
            return url
        front = Front(self.target.ingress, self.seen_by, self._upstream, lambda: self.server_observer)
        self._children.callback(front.close)
        self.front = front
        return f"http://{front.address}"

    def _upstream(self) -> tuple[str, int]:
        parts = urlsplit(self._server_url)
        return parts.hostname or "127.0.0.1", parts.port or 80

    @property
    def server_log(self) -> Path:
        """The log of the server that runs now."""
        assert self._server is not None, "the stack is not started"
        return self._server.log

    @property
    def logs(self) -> list[Path]:
        """Every log of this stack, in the order of the processes' starts."""
        return sorted(self.folder.glob("*.log"))

    @property
    def server_observer(self) -> str:
        """How the ledger names the server that runs now."""
        return "server" if self.incarnation == 1 else f"server.{self.incarnation}"

    def restart_server(self) -> None:
        """Stop the server and start another at the same address."""
        assert self._server is not None, "the stack is not started"
        port = str(self._upstream()[1])
        self._server.stop()
        self.machine.hub.wait_ended(self.agent_name, 5)
        self._spawn_server(port).wait_line(self.target.server.ready, READY_S)

    @property
    def agent_name(self) -> str:
        """The name of the agent in the server that runs now, unique among the stacks of this machine."""
        return f"{self.server_agent}.{self.incarnation}"

    def page_url(self, **query: str) -> str:
        """The address of the page, with more in its query."""
        url = self.target.page_url.format(server=self.addresses.server, dashboard=self.addresses.dashboard)
        return url + "".join(f"&{name}={value}" for name, value in query.items())

    def cli_environment(self, agent: str) -> dict[str, str]:
        """The environment of a CLI: with the agent in it, unless the proxy sees what it sends."""
        return self._environment(self.seen_by.cli, agent, "client", self.cli_env)

    def _environment(self, seen_by: str, agent: str, role: str, more: Mapping[str, str]) -> dict[str, str]:
        plain = {**os.environ, **more}
        return environment(self.machine.hub.path, agent, role, plain) if seen_by == "agent" else plain

    def close(self) -> None:
        """Stop everything that the stack started and remove its folder."""
        self._children.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _spawn_server(self, port: str) -> Child:
        self.incarnation += 1
        argv = self.target.server.fill(routing=self.routing, port=port, token_file=str(self.token_file))
        name = self.agent_name
        observer = self.server_observer
        self.machine.hub.on(name, lambda _, record: self._on_record(observer, record))
        env = self._environment(self.seen_by.server, name, "server", self._server_env)
        child = self._spawn(
            f"server{'' if self.incarnation == 1 else f'-{self.incarnation}'}", argv, env, self.target.server.cwd
        )
        self._server = child
        return child

    def _spawn(self, name: str, argv: list[str], env: Mapping[str, str], cwd: Path | None) -> Child:
        child = Child(name, argv, log=self.folder / f"{name}.log", env=env, cwd=cwd or self.folder)
        self._children.callback(child.stop)
        return child

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def new_session_id() -> str:
    """A session id as the CLI makes them: `do_<date>_<time>_<8 hex>`."""
    return f"do_{time.strftime('%Y%m%d_%H%M%S')}_{secrets.token_hex(4)}"
