"""What the page of the reference system shows, and where: its panels, its list, its state."""

from __future__ import annotations

from harness.model import NEWEST_FIRST, Items, Panel, Shows
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
ROW_READS = r"^(?P<time>\S+) (?P<name>\S+) (?:(?P<session_tail>\S{8}) )?#(?P<seq>\d+)"
LABELS = r"Elapsed.+Events[\d,]+Skills[\d,]+( of [\d,]+)?Checkpoints[\d,]+Files[\d,]+"
OVERVIEW_VALUES = (
    *(("session", ".id"), ("project", ".project"), ("error", ".error"), ("bar", "progress", "value")),
    ("bar-max", "progress", "max"),
    *(("heading", "h2"), ("labels", ".totals")),
    *(("colour", ".state", "data-status"), ("bar-colour", ".progress", "data-status")),
)
GAPS = ".column-stream"
HEADER = ".page > header"
HEADER_VALUES = (
    ("heading", "h1"),
    ("server", ".server"),
    ("strategy", ".chip"),
    ("complaint", '[data-testid="complaint"]'),
)
LISTED_SESSIONS = ".card.sessions"
SESSIONS_VALUES = (("heading", "h2"), ("number", ".head .figure"), ("active", '[data-testid="active-session"]'))
LISTED_SESSION = '[data-testid="session-item"]'
LISTED_VALUES = (
    *(("status", ".state"), ("events", ".number"), ("task", ".task"), ("session", ".id")),
    ("colour", ":scope", "data-status"),
)
LIST_VALUES = (("heading", "h2"), ("figure", ".figure"), ("empty", ".empty"))
ELAPSED = Shows(lasts="at")
SESSION = Shows(is_session=True)
PROJECT = Shows(tells={"execution:started": "project"})
TASK = Shows(tells={"execution:started": "task"})
TOTAL = Shows(tells={"execution:started": "skills", "skill:started": "of", "skill:completed": "of"})
ERROR = Shows(tells={"execution:failed": "error"}, only_after=("execution:failed",))
ABOUT = {"skills-total": TOTAL, "error": ERROR, "elapsed": ELAPSED, "session": SESSION, "project": PROJECT}
ABOUT_PAGE = {
    "heading": Shows(reads="Shannon"),
    "server": Shows(reads="{server}"),
    "strategy": Shows(tells={"connection:routing": "data.strategy"}),
    "complaint": Shows(only_after=("error",)),
}
STREAM = Panel(
    "stream",
    ("*",),
    {},
    {
        "heading": Shows(reads="Event Stream"),
        "gap": Shows(
            only_after=("session:gap",), reads=r"(1 event was|[\d,]+ events were) not kept and can’t be shown.*"
        ),
    },
)
OF_SESSIONS = {
    "heading": Shows(reads="Sessions"),
    "number": Shows(sessions=True),
    "active": Shows(active="none", reads=r"Active session: \S+", strategies=("single-session",)),
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
SKILL_MARKS = {"skill:started": "running", "skill:completed": "completed", "skill:failed": "failed"}
SKILL = {"skill:started": r"running$", "skill:completed": r"\d+ m?s$|completed$", "skill:failed": r"failed"}

PANELS = (
    Panel("header", ("*",), {}, ABOUT_PAGE),
    Panel("sessions", ("*",), {}, OF_SESSIONS),
    STREAM,
    Panel(
        "overview",
        ("*",),
        {"events": ("*",), "skills": ("skill:completed",), "checkpoints": ("checkpoint:created",)},
        {
            "status": STATUS,
            "heading": Shows(reads="Execution Overview"),
            "labels": Shows(reads=LABELS),
            "bar-max": Shows(reads="100"),
            "colour": LISTED,
            "bar-colour": LISTED,
            "progress": PROGRESS,
            "bar": PROGRESS,
            "files": FILES,
            "task": TASK,
            **ABOUT,
        },
        newest=True,
    ),
    Panel(
        "session",
        ("*",),
        {"events": ("*",)},
        {
            "status": LISTED,
            "colour": LISTED,
            "events": Shows(reads=r"1 event|[\d,]+ events"),
            "task": TASK,
            "session": SESSION,
        },
        each_session=True,
        order=NEWEST_FIRST,
    ),
    Panel(
        "skills",
        ("skill:*",),
        {"started": ("skill:started",), "completed": ("skill:completed",)},
        {
            "heading": Shows(reads="Skills"),
            "figure": Shows(reads=r"[\d,]+ completed of [\d,]+ started"),
            "empty": Shows(
                only_before=("skill:started", "skill:completed", "skill:failed"), reads="No skills executing"
            ),
        },
        items=Items(
            "skill:started", "index", "title", SKILL, reads=("skill", "duration_ms", "error"), marks=SKILL_MARKS
        ),
        newest=True,
    ),
    Panel(
        "checkpoints",
        ("checkpoint:*",),
        {"created": ("checkpoint:created",)},
        {
            "heading": Shows(reads="Checkpoints"),
            "figure": Shows(reads=r"[\d,]+ created"),
            "empty": Shows(only_before=("checkpoint:created",), reads="No checkpoints yet"),
        },
        items=Items(
            "checkpoint:created",
            "id",
            "label",
            {"checkpoint:created": r"\d\d:\d\d:\d\d$"},
            reads=("id", "files"),
            time="at",
        ),
        newest=True,
    ),
    Panel(
        "files",
        ("skill:completed",),
        shows={
            "heading": Shows(reads="File changes"),
            "figure": Shows(reads=r"[\d,]+ changed"),
            "changed": FILES,
        },
        items=Items(
            "skill:completed",
            "path",
            "path",
            {"skill:completed": ".*"},
            entities=True,
            each="files",
            reads=("change", "bytes"),
        ),
        newest=True,
    ),
)

PAGE = PageSpec(
    row=RowSpec('[data-testid="event-row"]', "data-type", "data-session", "data-seq", "data-index", reads=ROW_READS),
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
            NamedPanel("stream", GAPS, (("heading", "h2"), ("gap", '[data-testid="gap"]'))),
            NamedPanel("overview", 'section[data-panel="overview"]', OVERVIEW_VALUES, "data-session"),
            NamedPanel("session", LISTED_SESSION, LISTED_VALUES, "data-session"),
            *(
                NamedPanel(name, f'section[data-panel="{name}"]', LIST_VALUES, "data-session")
                for name in ("skills", "checkpoints", "files")
            ),
        ),
    ),
    window=WindowSpec('[data-testid="stream-window"]', "data-shown", "data-total"),
    store=StoreSpec(
        "shannonDashboard", connection="connection", connected="connected", fields=("at",), values=STATE_VALUES
    ),
    windowed=True,
)
