"""A system under test: how its three processes start, how they say that they are ready, and where to look.

The reference target is the system under fixtures/ of this repository.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.identity import Envelope
from harness.model import Panel
from harness.taps.cli_output import Format
from harness.taps.page.spec import CounterSpec, PageSpec, PanelSpec, RowSpec, StatusSpec, StoreSpec, WindowSpec

ROOT = Path(__file__).resolve().parent.parent


class TargetError(Exception):
    """A target that can't be used. The message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Command:
    """How a process starts. `{name}` in an argument or in the environment is filled in when it starts.

    `ready` is the line of output that says it is ready; its group `url` is its address. `cwd` None is a fresh folder.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: str = ""
    cwd: Path | None = None

    def fill(self, **values: str) -> list[str]:
        """The arguments with their placeholders filled in."""
        return [argument.format_map(values) for argument in self.argv]


@dataclass(frozen=True, slots=True)
class Target:
    """All that the harness knows of a system. Times are in milliseconds where the name says so."""

    name: str
    strategies: tuple[str, ...]
    server: Command
    dashboard: Command
    page_url: str
    do: Command
    """Does one task: placeholders task, session, server, project, token_file."""
    pipe: Command
    """Publishes the events that it reads, one JSON line each: the same placeholders, and window."""
    output: Format
    ingress: Envelope
    egress: Envelope
    own_events: tuple[str, ...]
    declared: tuple[str, ...]
    terminal: tuple[str, ...]
    terminal_ok: tuple[str, ...]
    panels: tuple[Panel, ...]
    page: PageSpec
    task: str
    replays: bool = True
    bound_ms: float = 2000


DOCUMENTED_TASK = "create hello.py with a simple greeting function"


def reference() -> Target:
    """The reference system. Raises TargetError where the package was installed without the repository."""
    if not (ROOT / "fixtures" / "server").is_dir():
        raise TargetError(
            f"the reference system is not beside the harness ({ROOT}/fixtures): use a checkout of the repository."
        )
    python = sys.executable
    at_port = ("--port", "{port}", "--token-file", "{token_file}")
    producer = (
        "--session-id",
        "{session}",
        "--server",
        "{server}",
        "--token-file",
        "{token_file}",
        "--verbose",
        "--patience-s",
        "60",
    )
    return Target(
        name="reference",
        strategies=("broadcast", "subscription", "auto-discovery", "single-session"),
        server=Command(
            (python, "-m", "fixtures.server", "--strategy", "{routing}", *at_port, "--lease-s", "0.4"),
            ready=r"Listening on (?P<url>http://\S+)",
            cwd=ROOT,
        ),
        dashboard=Command(
            (python, "-m", "fixtures.dashboard", "--port", "0"), ready=r"Dashboard on (?P<url>http://\S+)", cwd=ROOT
        ),
        page_url="{dashboard}/?server={server}",
        do=Command(
            (python, "-m", "fixtures.cli", "do", "{task}", "--dashboard", "--project-root", "{project}", *producer),
            cwd=ROOT,
        ),
        pipe=Command((python, "-m", "fixtures.cli", "pipe", "--window", "{window}", *producer), cwd=ROOT),
        output=Format(
            session=r"^Session ID: (?P<session>\S+)$", event=r"^Event: (?P<name>\S+)(?: (?P<payload>\{.*\}))?$"
        ),
        ingress=Envelope(carrier="publish"),
        egress=Envelope(),
        own_events=("connection:established", "connection:routing"),
        declared=("execution:started", "checkpoint:created", "skill:started", "skill:completed", "execution:completed"),
        terminal=("execution:completed", "execution:failed"),
        terminal_ok=("execution:completed",),
        panels=(
            Panel("overview", ("*",), {"events": ("*",)}),
            Panel("skills", ("skill:*",), {"started": ("skill:started",), "completed": ("skill:completed",)}),
            Panel("checkpoints", ("checkpoint:*",), {"created": ("checkpoint:created",)}),
        ),
        page=PageSpec(
            row=RowSpec('[data-testid="event-row"]', "data-type", "data-session", "data-seq", "data-index"),
            counter=CounterSpec('[data-testid="event-count"]', "data-count"),
            status=StatusSpec('[role="status"][data-connection]', "data-connection", "connected"),
            panel=PanelSpec("section[data-panel]", "data-panel", "data-session", "data-value"),
            window=WindowSpec('[data-testid="stream-window"]', "data-shown", "data-total"),
            store=StoreSpec("shannonDashboard", connection="connection"),
            windowed=True,
        ),
        task=DOCUMENTED_TASK,
    )
