"""What a run writes down, and who is in it: its folder, its ledger, its parts and how they stand."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

from harness.launch.revision import revision
from harness.launch.stack import Stack
from harness.lib import interruption
from harness.locations import is_watched
from harness.model import Body, Contract, Fact, Hop, Record, Sighting
from harness.model.facts import ProcessEnded, RunBegun, ServerStopped
from harness.record.evidence.strikes import place_of
from harness.record.ledger import FILE
from harness.record.many import Sightings
from harness.record.observed import is_observed
from harness.record.sources import Sources
from harness.record.writer import LedgerWriter
from harness.run.awaiting import Awaiting
from harness.run.conditions import Conditions
from harness.run.dashboard import Dashboard
from harness.run.producer import Cli
from harness.run.session_id import new_session_id
from harness.run.starvation import Starvation
from harness.taps.page import PageTapError
from harness.taps.seen_by import Patience


class Beside(Protocol):
    """Who observes the run in a way of its own."""

    def conclude(self) -> None:
        """Prove that nothing more comes, and write down what was seen."""

    def close(self) -> None:
        """End what was started; again does nothing."""


class Recording(Awaiting):
    """The record of a run on a stack, written as its parts tell."""

    def __init__(self, stack: Stack, contract: Contract, folder: Path, timeout_s: float = 20) -> None:
        self.stack, self.contract, self.folder, self.timeout_s = stack, contract, folder, timeout_s
        self.main = contract.session or new_session_id()
        self.dashboards: dict[str, Dashboard] = {}
        self.clis: list[Cli] = []
        (folder / "logs").mkdir(parents=True)
        (folder / "screenshots").mkdir()
        super().__init__(
            Conditions(timeout_s, folder / "logs", self._who_ended, self._show),
            Hop.ROUTED if Hop.ROUTED in stack.taps else Hop.RECEIVED,
        )
        self._news.rest_s += contract.bound_ms / 1000
        self.latest: dict[str, int] = {}
        """Who tells of events (see `place_of`) to the number of the last one."""
        self.beside: list[Beside] = []
        """Who observes beside the stack and the pages, as a crowd of clients does."""
        self.first_ns: dict[str, int] | None = None
        """When each event was first seen, by its key; a dict where somebody wants to know."""
        self.left: set[str] = set()
        """Dashboards that were closed in the middle of the run."""
        self._n = 0
        self._closed = False
        self._spans = stack.resources.spans
        self.mask = stack.secrets()
        self._sources = Sources(stack.target.folders)
        self._ledger = LedgerWriter(folder / FILE, contract, self.mask.record)
        interruption.begin(folder, self._ledger.cut)
        stack.listen(self._write)
        self._starvation = Starvation()
        commit, is_changed = revision(stack.target.folders)
        self.tell(RunBegun(datetime.now().astimezone().isoformat(timespec="milliseconds"), commit, is_changed))
        self._server_alive("before")

    @property
    def present(self) -> list[Dashboard]:
        """The dashboards whose pages are open."""
        return [each for label, each in self.dashboards.items() if label not in self.left]

    def take(self, record: Record) -> None:
        """Write down what an observer other than the stack and the pages has seen."""
        self._write(record)

    def take_many(self, sightings: Sightings) -> None:
        """The same of sightings that come as columns; nothing waits for them."""
        self._ledger.write_many(sightings)

    def flush(self) -> None:
        """Hand the ledger so far to the disk: it can be judged while the pages are open."""
        self._ledger.flush()

    def drain(self) -> None:
        """Fetch what the pages have recorded so far."""
        for dashboard in self.present:
            with contextlib.suppress(PageTapError):  # the proof says what became of it
                dashboard.drain()

    def _show(self) -> None:
        """While something is waited for: where the run is watched, its pages tell what they have so far."""
        if is_watched():
            self.drain()

    def _who_ended(self) -> str | None:
        found = next(self._ended_by_others(), None)
        return None if found is None else f"{found[0]} ended ({status_text(found[1])})"

    def _ended_by_others(self) -> Iterator[tuple[str, int | None]]:
        """Parts of the run that ended though the harness did not end them, each with its status where that is known."""
        yield from self.stack.children.ended_servers()
        for cli in self.clis:
            if not cli.was_killed and (cli.child.status or 0) < 0:
                yield f"cli:{cli.label}", cli.child.status
        if (browser := self.stack.resources.ended()) is not None:
            yield browser

    def ended_of(self, session: str) -> Callable[[], str | None]:
        """Who tells how the CLI of a session has ended, and what was refused of it; None while one of them runs."""

        def ended() -> str | None:
            mine = [cli for cli in self.clis if cli.session == session]
            if not mine or any(cli.child.status is None for cli in mine):
                return None
            cli, refused = f"cli:{mine[-1].label}", self._news.refused
            told = [status_text(mine[-1].child.status), *(refused[who] for who in (cli, session) if who in refused)]
            return f"{cli} ended ({'; '.join(told)})"

        return ended

    def _ended_beside(self) -> str | None:
        """Who has ended of those that a CLI needs: a server."""
        found = next(iter(self.stack.children.ended_servers()), None)
        return None if found is None else f"{found[0]} ended ({status_text(found[1])})"

    def _server_alive(self, phase: str, patience: Patience | None = None) -> None:
        """The canaries of who sees the server, and how it stands."""
        for told in self.stack.server_probe.look(phase, patience, self.timeout_s):
            self._server_fact(told)

    def _tell_ended_servers(self) -> None:
        """Servers that ended by themselves, unplanned."""
        ended = self.stack.children.ended_servers()
        running = sum(process.serves for process in self.stack.target.processes) - len(ended)
        for process, status in ended:
            self.stack.is_spoiled = True
            self._server_fact(ServerStopped("ended by itself", process, status, running))

    def _tell_ended_others(self) -> None:
        """Processes of the system beside its servers that ended by themselves."""
        for process, status in self.stack.children.ended_others():
            self.stack.is_spoiled = self.stack.is_spoiled or status != 0
            self.tell(ProcessEnded(process, status))

    def _server_fact(self, body: Body) -> None:
        """A fact about the server that the harness learned; numbered after all that the agent itself recorded."""
        self._n += 1
        self._write(Fact(self.stack.server_observer, (1 << 60) + self._n, time.monotonic_ns(), body))

    def _tell_starvation(self) -> None:
        """When and how much the machine kept the run waiting."""
        for body, at_ns in self._starvation.take():
            self.tell(body, at_ns)

    def tell(self, body: Body, at_ns: int | None = None) -> None:
        """Write down what the harness itself did."""
        self._n += 1
        self._write(Fact("harness", self._n, time.monotonic_ns() if at_ns is None else at_ns, body))

    def _write(self, record: Record) -> None:
        if isinstance(record, Sighting) and record.event.session in self.stack.former_sessions:
            return
        if isinstance(record, Sighting):
            self.latest[place_of(record)] = record.n
            if self.first_ns is not None:
                self.first_ns.setdefault(record.event.key, record.at_ns)
        if is_observed(record, self.contract.taps):
            self._ledger.write(record)
            self._sources.note(record)
        self._news.take(record)


def status_text(status: int | None) -> str:
    """An exit status in words."""
    if status is None:
        return "how is not known"
    return f"status {status}" if status >= 0 else f"by signal {-status}, {signal.Signals(-status).name}"
