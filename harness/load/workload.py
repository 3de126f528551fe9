"""What is done with a system under load: one page, many clients beside it, and sessions whose events come at a rate."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from harness.judge.strategies import announces_sessions, chooses_sessions, refuses_sessions
from harness.load.behaviour import Behaviour, reactions_in
from harness.load.crowd import Crowd, labels
from harness.load.hosts import Hosts, Processes
from harness.load.under_locust import Swarm, UnderLocust
from harness.load.watched import Watched
from harness.run.dashboard import Dashboard
from harness.run.producer import Cli
from harness.run.run import Run
from harness.run.workloads import COMMON, workloads
from harness.run.workloads._items import Item, first_half, second_half
from harness.run.workloads.watched import watched
from harness.target.spec import Target

PAGES = "ABCDEFGH"
"""The labels of the dashboards that are pages, and that the clients do as they do."""

OF_A_LOAD = (*COMMON, "P6", "B1", "B2", "S1", "A1", "A2", "A3", "A5", "X1")
"""Properties that a load exercises, of those that the strategy's own workload does."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much load: events in all, and how many of them a second."""

    clients: int
    sessions: int
    events: int
    rate: float
    processes: int = 1
    pages: int = 1
    swarm: Swarm | None = None
    """How Locust is started, where the clients are its users."""


@dataclass(frozen=True, slots=True)
class Load:
    """The workload. `said` hears how far it is, `clients` are the labels of those without a page."""

    name: str
    properties: tuple[str, ...]
    size: Size
    said: Callable[[str], None]
    declares: bool = True
    needs_pipe: bool = False
    clients: tuple[str, ...] = field(default=())

    @property
    def dashboards(self) -> tuple[str, ...]:
        """The pages, and their clients."""
        return (*PAGES[: self.size.pages], *self.clients)

    def perform(self, run: Run) -> None:
        size = self.size
        sessions = [run.main, *(run.new_session() for _ in range(size.sessions - 1))]
        there = gather(run, PAGES[: size.pages], self.clients, sessions, self._hosts(run), *self.properties)
        self.said(f"{there} of {size.clients} clients are connected")
        run.step(f"{size.sessions} sessions, {size.events} events in all, {size.rate:g} a second")
        if run.stack.target.takes_events:
            self._publish(run, sessions)
        else:
            self._tasks(run, sessions)

    def _hosts(self, run: Run) -> Callable[[Path], Hosts]:
        """Where the clients are to live."""
        size = self.size
        if size.swarm is None:
            return partial(Processes, count=size.processes)
        run.first_ns = {}
        return partial(UnderLocust, count=size.clients, swarm=size.swarm, said=self.said)

    def _publish(self, run: Run, sessions: Sequence[str]) -> None:
        """Events in turn, each when it is due; one session after the other where only one may be active."""
        size = self.size
        each = max(4, size.events // len(sessions) // 2 * 2)
        rounds = [[session] for session in sessions] if refuses_sessions(self.name) else [[*sessions]]
        done, total = 0, each * len(sessions)
        for active in rounds:
            clis = [run.pipe(f"session-{sessions.index(session) + 1}", session) for session in active]
            started_s, sent = time.monotonic(), 0
            for items in zip(*(_items(each) for _ in clis), strict=True):
                for cli, item in zip(clis, items, strict=True):
                    _until(started_s + sent / size.rate)
                    cli.publish([item], partial(_taken, run, cli.session, each))
                    sent, done = sent + 1, done + 1
                    if done % max(1, total // 20) == 0:
                        self.said(f"{done} of {total} events handed to the CLIs")
            for cli in clis:
                cli.finish(partial(_taken, run, cli.session, each))

    def _tasks(self, run: Run, sessions: Sequence[str]) -> None:
        """A CLI that takes no events does its task; how fast it emits is its own business."""
        running: list[Cli] = []
        for number, session in enumerate(sessions, 1):
            running.append(run.do("main" if number == 1 else f"session-{number}", session))
            if refuses_sessions(self.name):
                running.pop().finish()
            self.said(f"{number} of {len(sessions)} tasks were started")
        for cli in running:
            cli.finish()


def gather(
    run: Run,
    pages: Sequence[str],
    clients: Sequence[str],
    sessions: Sequence[str],
    hosts: Callable[[Path], Hosts],
    *properties: str,
) -> int:
    """Open pages, and clients that do as one of them does; sessions are shared out among the clients.

    Returns how many are there. Raises NothingSeen for a page that opens no connection.
    """
    target, strategy = run.stack.target, run.contract.strategy
    chosen, seen = sessions[0] if chooses_sessions(strategy) else None, list[Watched]()
    run.step("pages open, and show how they connect", *properties)
    run.before_opening = lambda dashboard: seen.append(Watched(dashboard.page))
    opened = run.open_dashboards(*pages, sessions=dict.fromkeys(pages, chosen) if chosen is not None else None)
    insecure = bool(target.context_options.get("ignore_https_errors"))
    behaviours = [each.behaviour(chosen, insecure) for each in seen]
    if announces_sessions(strategy):
        behaviours = _rehearsed(run, opened, seen, behaviours)
    run.step(f"{len(clients)} clients connect as the pages do")
    crowd = Crowd(run, clients, hosts)
    run.beside.append(crowd)
    return crowd.open(behaviours, sessions, run.timeout_s)


def _rehearsed(
    run: Run, pages: Sequence[Dashboard], seen: Sequence[Watched], behaviours: Sequence[Behaviour]
) -> list[Behaviour]:
    """What pages say when they are told of a session is seen when they are told of one."""
    run.step("a session is announced, and the pages show what they do then")
    before, cli = [len(each.passed) for each in seen], run.pipe("rehearsal")
    cli.publish([*first_half(), *second_half()])
    cli.finish()
    for page in pages:
        page.drain()
    return [
        replace(behaviour, reactions=reactions_in(each.passed[count:], cli.session))
        for behaviour, each, count in zip(behaviours, seen, before, strict=True)
    ]


def load_for(target: Target, strategy: str, size: Size, said: Callable[[str], None]) -> Load:
    """The workload for a target, and what can be promised of it."""
    shown = watched(target, strategy).properties
    promised = OF_A_LOAD if target.takes_events else shown
    own = workloads()[strategy].properties
    properties = tuple(prop for prop in promised if prop in own)
    return Load(strategy, properties, size, said, declares=not target.takes_events, clients=labels(size.clients))


def _taken(run: Run, session: str, count: int) -> int:
    """How many of a session's `count` events the server has."""
    return min(count, run.taken(session))


def _items(count: int) -> list[Item]:
    """A session of so many events: it begins, as many steps, it ends."""
    steps = (count - 2) // 2
    start, *step = first_half()
    done, end = second_half(steps)
    start = replace(start, data={**start.data, "skills": steps})
    return [start, *(part for number in range(1, steps + 1) for part in _step([*step, done], number, steps)), end]


def _step(parts: Sequence[Item], number: int, steps: int) -> list[Item]:
    return [replace(each, data={**each.data, "index": number, "of": steps}) for each in parts]


def _until(at_s: float) -> None:
    """Let the time come at which the next event is due."""
    left_s = at_s - time.monotonic()
    if left_s > 0:
        threading.Event().wait(left_s)
