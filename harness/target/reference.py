"""The reference target: the system in fixtures/, which lies beside the package or, installed, in it."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType

from harness.locations import BUNDLE, own_command
from harness.model import NEWEST_FIRST, Items, Panel, SessionNotice, Shows, Total
from harness.record.identity import Envelope
from harness.taps.cli_output import Format
from harness.taps.page.spec import (
    CounterSpec,
    NamedPanel,
    PageSpec,
    PanelSpec,
    RowSpec,
    StatusSpec,
    StoreSpec,
    WindowSpec,
)
from harness.target.spec import Command, Process, Ready, Step, Target, TargetError

NAME = "fixtures"
"""The reference system's package; PyPI has another one of that name."""

DOCUMENTED_TASK = "create hello.py with a simple greeting function"


STATUS = Shows(
    says={
        "session:announced": "Running",
        "execution:started": "Running",
        "execution:completed": "Completed",
        "execution:failed": "Failed",
    },
    statuses={"completed": "Completed", "failed": "Failed", "abandoned": "Abandoned"},
)
LISTED = Shows(
    says={
        "session:announced": "active",
        "execution:started": "active",
        "execution:completed": "completed",
        "execution:failed": "failed",
    },
    statuses={"completed": "completed", "failed": "failed", "abandoned": "abandoned"},
)
FILES = Shows(lists={"skill:completed": "files"}, by="path")
PROGRESS = Shows(
    share=("skill:completed",),
    total={"execution:started": "skills", "skill:started": "of", "skill:completed": "of"},
    full=("execution:completed",),
)
ROW_READS = r"^(?P<time>\S+) (?P<name>\S+) (?:(?P<session>\S{8}) )?#(?P<seq>\d+)"
OVERVIEW_VALUES = (("session", ".id"), ("project", ".project"), ("error", ".error"), ("bar", "progress", "value"))
GAPS = ".column-stream"
HEADER = ".page > header"
HEADER_VALUES = (("strategy", ".chip"), ("complaint", '[data-testid="complaint"]'))
LISTED_SESSIONS = ".card.sessions"
SESSIONS_VALUES = (("number", ".head .figure"), ("active", '[data-testid="active-session"]'))
LISTED_SESSION = '[data-testid="session-item"]'
LISTED_VALUES = (("status", ".state"), ("events", ".number"), ("task", ".task"), ("session", ".id"))
ELAPSED = Shows(lasts="at")
SESSION = Shows(is_session=True)
PROJECT = Shows(tells={"execution:started": "project"})
TASK = Shows(tells={"execution:started": "task"})
TOTAL = Shows(tells={"execution:started": "skills", "skill:started": "of", "skill:completed": "of"})
ERROR = Shows(tells={"execution:failed": "error"}, only_after=("execution:failed",))
ABOUT = {"skills-total": TOTAL, "error": ERROR, "elapsed": ELAPSED, "session": SESSION, "project": PROJECT}
ABOUT_PAGE = {
    "strategy": Shows(tells={"connection:routing": "data.strategy"}),
    "complaint": Shows(only_after=("error",)),
}
STREAM = Panel("stream", ("*",), {}, {"gap": Shows(only_after=("session:gap",))})
OF_SESSIONS = {
    "number": Shows(sessions=True),
    "active": Shows(active="none", strategies=("single-session",)),
}
STATE = Panel(
    "state",
    ("*",),
    {
        "events": ("*",),
        "started": ("skill:started",),
        "completed": ("skill:completed",),
        "skills": ("skill:started",),
        "checkpoints": ("checkpoint:created",),
    },
    {"status": LISTED, "files": FILES, "task": TASK, "project": PROJECT, "total": TOTAL, "session": SESSION},
    each_session=True,
)
STATE_OF_PAGE = Panel(
    "state",
    ("*",),
    {},
    {
        "strategy": Shows(tells={"connection:routing": "data.strategy"}),
        "sessions": Shows(sessions=True),
        "active": Shows(active="", strategies=("single-session",)),
    },
)
OF_SESSION = {
    "events": "count",
    "started": "started",
    "completed": "completed",
    "skills": "skills.length",
    "checkpoints": "checkpoints.length",
    "status": "status",
    "files": "files.length",
    "task": "task",
    "project": "project",
    "total": "skillsTotal",
    "session": "id",
}
STATE_VALUES = (
    *((name, f"sessions.{{session}}.{path}") for name, path in OF_SESSION.items()),
    ("strategy", "strategy"),
    ("sessions", "order.length"),
    ("active", "active"),
)
TOTALS = {
    "execution:completed": {
        "skills": Total(counts=("skill:completed",)),
        "checkpoints": Total(counts=("checkpoint:created",)),
        "duration_ms": Total(adds={"skill:completed": "duration_ms"}, lasts="at"),
    }
}
SKILL = {"skill:started": r"running$", "skill:completed": r"\d+ m?s$|completed$", "skill:failed": r"failed"}


def reference() -> Target:
    """The reference system. Raises TargetError where its files are missing: the package is not installed as a whole."""
    if not (BUNDLE / NAME / "server").is_dir():
        raise TargetError(
            f"the reference system is missing ({BUNDLE / NAME}): install the package again, or name a system of your "
            "own by its target file (--target FILE)."
        )
    at_port = ("--port", "{port}", "--token-file", "{token_file}")
    there = ("--server", "{server}", "--token-file", "{token_file}", "--verbose", "--patience-s", "60")
    producer = ("--session-id", "{session}", *there)
    doing = ("do", "{task}", "--dashboard", "--project-root", "{project}")
    return Target(
        name="reference",
        strategies=("broadcast", "subscription", "auto-discovery", "single-session"),
        routings=("room-mismatch",),
        side_by_side=True,
        processes=(
            Process(
                "server",
                _started(
                    "server", "--strategy", "{routing}", *at_port, "--lease-s", "0.4", "--journal", "{shared}/journal"
                ),
                Ready(log=r"Listening on (?P<url>http://\S+)"),
                port=0,
                serves=True,
            ),
            Process(
                "dashboard",
                _started("dashboard", "--port", "0"),
                Ready(log=r"Dashboard on (?P<url>http://\S+)"),
                port=0,
            ),
        ),
        page_url="{dashboard}/?server={server}",
        do=_started("cli", *doing, *producer),
        by_hand=Command((*own_command(), "shannon", *doing, *there)),
        pipe=_started("cli", "pipe", "--window", "{window}", *producer),
        output=Format(
            session=r"^Session ID: (?P<session>\S+)$", event=r"^Event: (?P<name>\S+)(?: (?P<payload>\{.*\}))?$"
        ),
        ingress=Envelope(carrier="publish"),
        egress=Envelope(),
        own_events=("connection:established", "connection:routing"),
        declared=("execution:started", "checkpoint:created", "skill:started", "skill:completed", "execution:completed"),
        terminal=("execution:completed", "execution:failed"),
        terminal_ok=("execution:completed",),
        initial=("execution:started",),
        totals=TOTALS,
        time="at",
        zone="local",
        row_says=("*",),
        state=(STATE, STATE_OF_PAGE),
        notices={
            "session:announced": SessionNotice(),
            "session:ended": SessionNotice(
                last="seq",
                status="status",
                ended={"completed": ("execution:completed",), "failed": ("execution:failed",), "abandoned": ()},
            ),
        },
        panels=(
            Panel("header", ("*",), {}, ABOUT_PAGE),
            Panel("sessions", ("*",), {}, OF_SESSIONS),
            STREAM,
            Panel(
                "overview",
                ("*",),
                {"events": ("*",), "skills": ("skill:completed",), "checkpoints": ("checkpoint:created",)},
                {
                    "status": STATUS,
                    "progress": PROGRESS,
                    "bar": PROGRESS,
                    "files": FILES,
                    "task": TASK,
                    **ABOUT,
                },
            ),
            Panel(
                "session",
                ("*",),
                {"events": ("*",)},
                {"status": LISTED, "task": TASK, "session": SESSION},
                each_session=True,
                order=NEWEST_FIRST,
            ),
            Panel(
                "skills",
                ("skill:*",),
                {"started": ("skill:started",), "completed": ("skill:completed",)},
                items=Items("skill:started", "index", "title", SKILL, reads=("skill", "duration_ms", "error")),
            ),
            Panel(
                "checkpoints",
                ("checkpoint:*",),
                {"created": ("checkpoint:created",)},
                items=Items(
                    "checkpoint:created",
                    "id",
                    "label",
                    {"checkpoint:created": r"\d\d:\d\d:\d\d$"},
                    reads=("id", "files"),
                    time="at",
                ),
            ),
            Panel(
                "files",
                ("skill:completed",),
                shows={"changed": FILES},
                items=Items(
                    "skill:completed",
                    "path",
                    "path",
                    {"skill:completed": ".*"},
                    entities=True,
                    each="files",
                    reads=("change", "bytes"),
                ),
            ),
        ),
        page=PageSpec(
            row=RowSpec(
                '[data-testid="event-row"]', "data-type", "data-session", "data-seq", "data-index", reads=ROW_READS
            ),
            counter=CounterSpec('[data-testid="event-count"]', "data-count"),
            status=StatusSpec('[role="status"][data-connection]', "data-connection", "connected"),
            panel=PanelSpec(
                f"section[data-panel], {LISTED_SESSION}, {HEADER}, {LISTED_SESSIONS}, {GAPS}",
                "data-panel",
                "data-session",
                "data-value",
                (
                    NamedPanel("header", HEADER, HEADER_VALUES),
                    NamedPanel("sessions", LISTED_SESSIONS, SESSIONS_VALUES),
                    NamedPanel("stream", GAPS, (("gap", '[data-testid="gap"]'),)),
                    NamedPanel("overview", 'section[data-panel="overview"]', OVERVIEW_VALUES, "data-session"),
                    NamedPanel("session", LISTED_SESSION, LISTED_VALUES, "data-session"),
                ),
            ),
            window=WindowSpec('[data-testid="stream-window"]', "data-shown", "data-total"),
            store=StoreSpec("shannonDashboard", connection="connection", fields=("at",), values=STATE_VALUES),
            windowed=True,
        ),
        task=DOCUMENTED_TASK,
        choosing=(Step("fill", "#session-input", "{session}"), Step("click", '[data-testid="subscribe"]')),
    )


def _started(module: str, *arguments: str) -> Command:
    """One of its modules as a process: the working folder comes first on its path, unless the caller forbids that."""
    argv = (sys.executable, "-m", f"{NAME}.{module}", *arguments)
    return Command(argv, env={"PYTHONSAFEPATH": ""}, cwd=BUNDLE)


def imported(name: str) -> ModuleType:
    """A module of the reference system in this process, whatever else is called `fixtures` here."""
    folder = BUNDLE / NAME
    if str(folder) not in getattr(sys.modules.get(NAME), "__path__", ()):
        init, inside = folder / "__init__.py", [str(folder)]
        spec = importlib.util.spec_from_file_location(NAME, init, submodule_search_locations=inside)
        if spec is None or spec.loader is None:
            raise TargetError(f"the reference system can't be loaded from {folder}: install the package again.")
        sys.modules[NAME] = package = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(package)
    return importlib.import_module(name)
