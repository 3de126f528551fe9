"""One recorded run on a warm stack: its dashboards, CLIs, taps, ledger, and the proof that all is quiet at its end."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.launch.processes import Child, TimedOut
from harness.launch.stack import Stack, new_session_id
from harness.launch.workdir import prepare
from harness.lib import interruption
from harness.lib.closing import Closing
from harness.model import CHOOSE, Body, Contract, Fact, Hop, Record, Sighting
from harness.model.facts import ActionTaken, BrokenOff, CliStarted, ServerStopped, StepBegun, StepBlocked, TapTried
from harness.record.evidence.strikes import place_of
from harness.record.ledger import FILE
from harness.record.observed import is_observed
from harness.record.sources import Sources
from harness.record.writer import LedgerWriter
from harness.run.conditions import Awaiting, Conditions, RunError
from harness.run.dashboard import Dashboard, PageStepError
from harness.run.producer import Cli
from harness.run.quiescence import Proof, prove_absence, wait_quiet
from harness.run.starvation import Starvation
from harness.taps.cli_output import CliOutput
from harness.taps.page import PageTapError
from harness.taps.seen_by import ClientProbe, Patience
from harness.target.spec import Command

PAUSE_S = 0.02
"""How long to wait between two looks at a server, or at pages, that still have something to do."""

COMES_BACK_S = 2.5
"""How long a page may take to connect again: socket.io-client tries after half a second to one and a half."""

CONCLUDE_S = 2.0
"""How long each step of concluding a run may take that was broken off."""

SLACK_S = 0.05
"""How much longer than the bound of latency is waited without a word: what has not come by then is late for sure."""

LATE = 1.5
"""How many bounds of latency a page has at the end that holds more events than it shows."""


class Run(Awaiting, Closing):
    """A run. Whatever it opens it closes; its folder holds ledger, logs and screenshots when it is closed."""

    def __init__(self, stack: Stack, contract: Contract, folder: Path, timeout_s: float = 20) -> None:
        self.stack, self.contract, self.folder, self.timeout_s = stack, contract, folder, timeout_s
        self.main = contract.session or new_session_id()
        self.dashboards: dict[str, Dashboard] = {}
        self.clis: list[Cli] = []
        (folder / "logs").mkdir(parents=True)
        (folder / "screenshots").mkdir()
        super().__init__(
            Conditions(timeout_s, folder / "logs", self._who_ended),
            Hop.ROUTED if Hop.ROUTED in stack.taps else Hop.RECEIVED,
        )
        self.latest: dict[str, int] = {}
        """Who tells of events (see `place_of`) to the number of the last one."""
        self.left: set[str] = set()
        """Dashboards that were closed in the middle of the run."""
        self._n = 0
        self._closed = False
        self._step = "opening the system's page and starting its CLI"
        self._spans = stack.resources.spans
        self.mask = stack.secrets()
        self._sources = Sources(stack.target.folders)
        self._ledger = LedgerWriter(folder / FILE, contract, self.mask.record)
        interruption.begin(folder, self._ledger.cut)
        stack.listen(self._write)
        self._starvation = Starvation()
        self._server_alive("before")

    @property
    def present(self) -> list[Dashboard]:
        """The dashboards whose pages are open."""
        return [each for label, each in self.dashboards.items() if label not in self.left]

    # What workloads do

    def step(self, name: str, *properties: str) -> None:
        """Note what comes next, in a tester's words, and the properties that it exercises."""
        self._step = name
        self.tell(StepBegun(name, properties))

    def new_session(self) -> str:
        """A session id that no other run has."""
        return new_session_id()

    def open_dashboards(
        self, *labels: str, sessions: Mapping[str, str] | None = None, transport: str | None = None
    ) -> list[Dashboard]:
        """Open pages side by side and wait until each is connected. `sessions`: whom to subscribe to what."""
        with self._spans(f"pages {', '.join(labels)}"):
            return self._open_dashboards(labels, sessions or {}, transport)

    def _open_dashboards(
        self, labels: Sequence[str], sessions: Mapping[str, str], transport: str | None
    ) -> list[Dashboard]:
        opened, target = [], self.stack.target
        for label in labels:
            query = {"session": sessions[label]} if label in sessions else {}
            if transport is not None:
                query["transport"] = transport
            dashboard = Dashboard(label, self.stack, self._write, self.folder / "screenshots", self.mask)
            self.dashboards[label] = dashboard
            dashboard.open(self.stack.page_url(f"dashboard:{label}", **query))
            opened.append(dashboard)
        opened_s = time.monotonic()
        for dashboard in opened:
            values = {**self.stack.values(), "session": sessions.get(dashboard.label, ""), "dashboard": dashboard.label}
            dashboard.take_steps(target.opening, values, self.timeout_s)
            dashboard.wait_connected(self.timeout_s, time.monotonic() - opened_s)
            if values["session"] and not target.answers:
                dashboard.take_steps(target.choosing, values, self.timeout_s)
                dashboard.tap.tell(ActionTaken(CHOOSE, values["session"], dashboard.label))
            for session in sessions.values() if target.answers else ():
                if dashboard.is_asked_for(session):
                    self.wait_answer("subscribe", session)
        if self.stack.resources.recording.connected:
            self.screenshots("connected", *opened)
        return opened

    def do(self, label: str, session: str, task: str | None = None) -> Cli:
        """Start the CLI on a task, in a fresh project folder."""
        command = self.stack.target.do
        return self._start(label, session, command, task=task or self.stack.target.task)

    def pipe(self, label: str, session: str | None = None, window: int = 1) -> Cli:
        """Start the CLI on a session whose events the workload hands to it."""
        command = self.stack.target.pipe
        if command is None:
            raise RunError(f"target {self.stack.target.name} has no CLI that takes events (cli.pipe in its file)")
        return self._start(label, session or self.new_session(), command, window=str(window))

    def subscribe(self, dashboard: Dashboard, session: str) -> None:
        """Subscribe in the page as a person would, and wait for the server's answer."""
        before = self.answers("subscribe", session)
        dashboard.subscribe(session)
        self.wait_answer("subscribe", session, before + 1)

    def screenshots(self, caption: str, *dashboards: Dashboard) -> None:
        """A picture of each dashboard as it is now."""
        self.flush()  # so that what is secret in the last events is known, and is not in the picture
        with self._spans("screenshots"):
            for dashboard in dashboards:
                dashboard.screenshot(caption)

    def restart_server(self) -> None:
        """Stop the server, start it again at the same address, and wait until every open dashboard is back.

        What is on its way to a page when the server goes is lost with it: that would be the harness's own doing.
        """
        self.tell(ActionTaken("restart the server"))
        for dashboard in self.dashboards.values():
            dashboard.catch_up(self.timeout_s)
        self.stop_server()
        self.start_server()

    def stop_server(self, kill: bool = False) -> None:
        """Stop the server, by SIGTERM or by SIGKILL, once what its taps recorded is here."""
        self.stack.is_spoiled = True
        self._server_alive("after")
        self.tell(ServerStopped("restarted by the run"))
        self._news.server_stopped()
        self.stack.stop_server(kill)

    def start_server(self) -> None:
        """Start the server again, and wait until every open dashboard is back."""
        self.stack.start_server()
        self._server_alive("before")
        if self.stack.target.answers:  # who says of its connections which are dashboards
            self._news.wait(
                lambda: self._news.members >= len(self.dashboards), "every dashboard to connect to the new server"
            )
        for dashboard in self.dashboards.values():
            dashboard.wait_connected(self.timeout_s)

    def winner(self, racers: Sequence[Cli]) -> Cli:
        """The one CLI that was accepted, once each of them had its answer; the others are seen to their end."""
        self._news.wait(lambda: all(self._opened(cli) is not None for cli in racers), "an answer to each session:open")
        accepted = [cli for cli in racers if self._opened(cli)]
        for cli in racers:
            if cli not in accepted:
                cli.finish()
        if not accepted:
            raise RunError(f"none of {', '.join(cli.label for cli in racers)} was accepted")
        return accepted[0]

    def accepted(self, label: str) -> Cli:
        """Start a CLI again and again until it is accepted, to a deadline."""
        deadline, attempt = time.monotonic() + self.timeout_s, 0
        while True:
            attempt += 1
            cli = self.pipe(f"{label}-{attempt}")
            self._news.wait(lambda mine=cli: self._opened(mine) is not None, "an answer to session:open")  # type: ignore[misc]
            if self._opened(cli):
                return cli
            cli.finish()
            if time.monotonic() > deadline:
                raise RunError(f"{label} was refused {attempt} times in {self.timeout_s:g} s")

    # Its end

    def end_clis(self) -> None:
        """End the CLIs that still run: the one that does not end by itself is killed."""
        for cli in self.clis:
            if cli.exit_status is None:
                try:
                    cli.finish()
                except TimedOut:
                    cli.kill()

    def settle(self) -> None:
        """Prove that nothing is on its way any more: CLIs ended, no handler runs, fences back, pages still."""
        for cli in self.clis:
            if cli.exit_status is None:
                cli.finish()
        self._conclude()

    def break_off(self) -> bool:
        """Whether a run failed because a part of it was ended by somebody else; then it is told who.

        What there is is concluded as far as it can be, in seconds: the record says how far the run came.
        """
        ended = list(self._ended_by_others())
        if not ended:
            return False
        self.stack.is_spoiled = True
        own = self.stack.resources.ended()
        for each in ended:
            self.tell(BrokenOff(*each, of_system=each != own))
        self.timeout_s = min(self.timeout_s, CONCLUDE_S)
        for cli in self.clis:
            cli.end_within(CONCLUDE_S)
        with contextlib.suppress(Exception):  # the rest of the record stands, and what is not proven is unknown
            self._conclude()
        return True

    def go_no_further(self, error: Exception) -> bool:
        """Whether what stopped a workload may be the system's doing; then the record says at which step it stopped.

        What came by then is concluded and judged: a bug may keep a person from doing what a tester planned.
        """
        if not isinstance(error, RunError | TimedOut | PageStepError):
            return False
        self.stack.is_spoiled = True
        self.tell(StepBlocked(self._step, str(error).splitlines()[0][:500]))
        for cli in self.clis:
            cli.end_within(CONCLUDE_S)
        with contextlib.suppress(Exception):  # what is not proven then is unknown
            self._conclude()
        return True

    def _who_ended(self) -> str | None:
        found = next(self._ended_by_others(), None)
        return None if found is None else f"{found[0]} ended ({status_text(found[1])})"

    def _ended_by_others(self) -> Iterator[tuple[str, int | None]]:
        """Parts of the run that ended though nobody here ended them, each with its status as far as it is known."""
        yield from self.stack.ended_servers()
        for cli in self.clis:
            if not cli.was_killed and (cli.child.status or 0) < 0:
                yield f"cli:{cli.label}", cli.child.status
        if (browser := self.stack.resources.ended()) is not None:
            yield browser

    def _ended_beside(self) -> str | None:
        """Who has ended of those that a CLI needs: a server."""
        found = next(iter(self.stack.ended_servers()), None)
        return None if found is None else f"{found[0]} ended ({status_text(found[1])})"

    def _conclude(self) -> None:
        """What is proven once the CLIs have ended."""
        self._tell_ended_servers()
        self.stack.hear_helpers(self.timeout_s)
        self._wait_back()
        self._server_alive("after", Patience(self._outstanding, self._bound_s, lambda: self._news.pause(PAUSE_S)))
        moves = self._news.moves
        self.wait_delivered()
        with self._spans("proof of absence"):
            proofs = self._prove()
            pages = zip(self.present, proofs, strict=True)
            behind = [(dashboard, proof) for dashboard, proof in pages if dashboard.is_behind(proof)]
            if behind:  # too late and never are not the same: what such a page still draws is waited for
                deadline = time.monotonic() + LATE * self.contract.bound_ms / 1000
                for dashboard, proof in behind:
                    dashboard.wait_drawn(proof, deadline)
                proofs = self._prove()
        if self._news.moves != moves:  # a page that lost its connection meanwhile is a member anew
            self._server_alive("after")
        for dashboard, proof in zip(self.present, proofs, strict=True):
            dashboard.conclude(proof)
        self._tell_starvation()

    def _outstanding(self) -> int:
        """How many events the server took and has not passed on, as far as taps can tell."""
        taps = self.stack.taps
        taken = next((hop for hop in (Hop.RECEIVED, Hop.SENT) if hop in taps), Hop.EMITTED)
        return self._news.outstanding(taken, Hop.ROUTED if Hop.ROUTED in taps else Hop.DELIVERED)

    def _bound_s(self) -> float:
        """The monotonic time after which an event that was taken last is late."""
        return self._news.last_taken_s + self.contract.bound_ms / 1000

    def wait_delivered(self) -> None:
        """Wait for what the server took or routed until the pages have it, or until that is late.

        Without a word to the server: one that sends only when something wakes it is late, and a fence would wake it.
        """
        taps = set(self.stack.taps)
        if Hop.ROUTED in taps and Hop.DELIVERED not in taps:
            return
        missing = self._news.undelivered if Hop.ROUTED in taps else self._outstanding
        if Hop.ROUTED in taps:
            self.drain()  # which connection is whose, they tell as well
        while missing() and time.monotonic() < self._bound_s() + SLACK_S:
            self.drain()
            self._news.pause(PAUSE_S)

    def _wait_back(self) -> None:
        """Wait for pages that have just lost their connection: their clients make another, and may be told what is new.

        A page that came to its last state without one stays without: nobody waits for it longer than a client does.
        """
        self.drain()
        deadline, loads = time.monotonic() + COMES_BACK_S, {each.tap.observer for each in self.present}
        while self._news.away() & loads and not [*self.stack.ended_servers()] and time.monotonic() < deadline:
            self.drain()
            self._news.pause(PAUSE_S)

    def drain(self) -> None:
        """Fetch what the pages have recorded so far."""
        for dashboard in self.present:
            with contextlib.suppress(PageTapError):  # the proof says what became of it
                dashboard.drain()

    def _prove(self) -> list[Proof]:
        """Fence, stillness and view of every page."""
        taps, means = [dashboard.tap for dashboard in self.present], "wire"
        if not {Hop.SENT, Hop.RECEIVED} <= set(self.stack.taps):
            means = "quiet"  # nobody can say whether the producer's last event has come as far as the pages' queues
            wait_quiet(taps, self.stack.target.quiet_ms, self.timeout_s)
        return prove_absence(taps, self.timeout_s, means, self.stack.target.quiet_ms)

    def flush(self) -> None:
        """Hand the ledger so far to the disk: it can be judged while the pages are open."""
        self._ledger.flush()

    def close(self) -> None:
        """Stop what still runs, keep the logs, and end the ledger. Closing again does nothing."""
        if self._closed:
            return
        self._closed = True
        self._starvation.close()
        if any(cli.exit_status is None or cli.was_killed for cli in self.clis):
            self.stack.is_spoiled = True
        self.stack.listen(None)
        self.stack.former_sessions |= {cli.session for cli in self.clis}
        for cli in self.clis:
            cli.child.stop()
        for dashboard in self.dashboards.values():
            with contextlib.suppress(Exception) if self.stack.resources.ended() else contextlib.nullcontext():
                dashboard.close()
        for log in self.stack.logs:
            (self.folder / "logs" / log.name).write_bytes(log.read_bytes())
        self._ledger.flush()  # what its records teach is hidden in the files, too
        for file in sorted((self.folder / "logs").iterdir()):
            file.write_bytes(self.mask.raw(file.read_bytes()))
        self._sources.keep(self.folder, self.mask.text)
        for dashboard in self.dashboards.values():
            dashboard.hide(self.mask.raw)
        self._ledger.close()
        interruption.done(self.folder)

    # Inside

    def _start(self, label: str, session: str, command: Command, **values: str) -> Cli:
        observer, target, started_s = f"cli:{label}", self.stack.target, time.monotonic()
        project = prepare(self.folder / "projects" / label, command.work)
        places = {"project": str(project), "work": str(project), "token_file": str(self.stack.token_file)}
        server = self.stack.server_for(observer, session)
        known = {**self.stack.values(), target.server.name: server, "server": server, **places, **values}
        known["session"] = session
        argv, cwd = command.fill(**known), command.cwd or project
        tap = CliOutput(observer, target.output, self._write, None if target.output.session else session)
        tap.fact(CliStarted(tuple(argv), str(cwd)), time.monotonic_ns())
        tap.alive("before", time.monotonic_ns())
        logs = self.folder / "logs"
        place = self.stack.place(observer, f"{observer}@{session}", session, logs, self._write)
        probe = self.stack.seen_by.cli_tap.at_client(place)
        child = Child(
            observer,
            argv,
            log=logs / f"cli-{label}.out",
            errors=None if target.output.merged else logs / f"cli-{label}.err",
            env=probe.environment({**os.environ, **command.fill_env(**known), **self.stack.cli_env}),
            cwd=cwd,
            stdin=True,
            on_line=tap.line,
            before_write=lambda: self.stack.before_log_write(),
        )
        cli = Cli(
            label,
            session,
            child,
            tap,
            lambda ended: self._cli_ended(ended, probe, started_s),
            self.timeout_s,
            self._ended_beside,
        )
        self.clis.append(cli)
        return cli

    def _cli_ended(self, cli: Cli, probe: ClientProbe, started_s: float) -> None:
        """The tap of a CLI has told everything, and says whether it can be believed."""
        self._spans.add(f"CLI {cli.label}", started_s)
        why = probe.conclude(cli.has_died, self.timeout_s)
        for phase in ("before", "after") if probe.hops else ():
            cli.tap.fact(TapTried(probe.tap, probe.hops, phase, why is None, why), time.monotonic_ns())

    def _server_alive(self, phase: str, patience: Patience | None = None) -> None:
        """The canaries of who sees the server, and how it stands."""
        for told in self.stack.server_probe.look(phase, patience, self.timeout_s):
            self._server_fact(told)

    def _tell_ended_servers(self) -> None:
        """Servers that ended by themselves, which nobody planned."""
        ended = self.stack.ended_servers()
        running = sum(process.serves for process in self.stack.target.processes) - len(ended)
        for process, status in ended:
            self.stack.is_spoiled = True
            self._server_fact(ServerStopped("ended by itself", process, status, running))

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
        if is_observed(record, self.contract.taps):
            self._ledger.write(record)
            self._sources.note(record)
        self._news.take(record)

    def _opened(self, cli: Cli) -> bool | None:
        """Whether the server accepted the CLI's session; None as long as it has not answered and the CLI runs."""
        opened = self._news.opened(cli.session)
        return False if opened is None and cli.child.status is not None else opened


def status_text(status: int | None) -> str:
    """An exit status in words."""
    if status is None:
        return "how is not known"
    return f"status {status}" if status >= 0 else f"by signal {-status}, {signal.Signals(-status).name}"
