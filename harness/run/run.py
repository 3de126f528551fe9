"""One recorded run on a warm stack: its dashboards, CLIs, taps, ledger, and the proof that all is quiet at its end."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from harness.launch.passes import ALL
from harness.launch.processes import Child
from harness.launch.workdir import prepare
from harness.lib import interruption
from harness.lib.closing import Closing
from harness.model import CHOOSE, Write
from harness.model.facts import ActionTaken, CliStarted, Entitled, ServerStopped, StepBegun, Stranger, TapTried
from harness.record.hiding import hide
from harness.record.ledger import FILE
from harness.run.conclusion import Concluding
from harness.run.dashboard import Dashboard
from harness.run.producer import Cli
from harness.run.session_id import new_session_id
from harness.run.stranger import Asking
from harness.run.waiting import RunError
from harness.taps.cli_output import CliOutput
from harness.taps.seen_by import ClientProbe
from harness.target.process import Command


class Run(Concluding, Closing):
    """A run. Whatever it opens it closes; its folder holds ledger, logs and screenshots when it is closed."""

    before_opening: Callable[[Dashboard], None] = staticmethod(lambda dashboard: None)
    """Called with each dashboard before its page is loaded."""

    # What workloads do

    def step(self, name: str, *properties: str) -> None:
        """Note what comes next, in a tester's words, and the properties that it exercises."""
        self._step = name
        self.tell(StepBegun(name, properties))

    def new_session(self) -> str:
        """A session id that no other run has."""
        return new_session_id()

    def open_dashboards(
        self,
        *labels: str,
        sessions: Mapping[str, str] | None = None,
        transport: str | None = None,
        entitled: Mapping[str, str] | None = None,
    ) -> list[Dashboard]:
        """Open pages side by side and wait until each is connected. `sessions`: whom to subscribe to what.

        `entitled`: whose pass is for which one session, where the system has passes; that of others is for all.
        """
        with self._spans(f"pages {', '.join(labels)}"):
            return self._open_dashboards(labels, sessions or {}, transport, entitled or {})

    def _open_dashboards(
        self, labels: Sequence[str], sessions: Mapping[str, str], transport: str | None, entitled: Mapping[str, str]
    ) -> list[Dashboard]:
        opened, target = [], self.stack.target
        passes = {label: self._new_pass("dashboard", entitled.get(label, ALL)) for label in labels}
        for label in labels:
            if label in entitled:
                self.tell(Entitled(label, (entitled[label],)))
            query = {"session": sessions[label]} if label in sessions else {}
            if transport is not None:
                query["transport"] = transport
            dashboard = self._new_dashboard(label, self._write)
            self.dashboards[label] = dashboard
            self.before_opening(dashboard)
            dashboard.open(self.stack.addresses.for_page(f"dashboard:{label}", passes[label], **query))
            opened.append(dashboard)
        opened_s = time.monotonic()
        for dashboard in opened:
            page = target.of(dashboard.label)
            values = {
                **self.stack.addresses.values(),
                "session": sessions.get(dashboard.label, ""),
                "dashboard": dashboard.label,
                "pass": passes[dashboard.label],
            }
            dashboard.take_steps(page.opening, values, self.timeout_s)
            dashboard.wait_connected(self.timeout_s, time.monotonic() - opened_s)
            if values["session"] and not target.answers:
                dashboard.take_steps(page.choosing, values, self.timeout_s)
                dashboard.tap.tell(ActionTaken(CHOOSE, values["session"], dashboard.label))
            for session in sessions.values() if target.answers else ():
                if dashboard.is_asked_for(session):
                    self.wait_answer("subscribe", session)
        if self.stack.resources.recording.connected:
            self.screenshots("connected", *opened)
        return opened

    def open_stranger(self, label: str, session: str, patience_s: float) -> None:
        """Open a page that asks for an unknown session, unless page or server turn it away."""
        with self._spans(f"page {label}"):
            dashboard, bystanders, why = self._asking(label, session, patience_s).admitted()
        if dashboard is not None:
            self.dashboards[label] = dashboard
        self.beside += bystanders
        self.tell(Stranger(label, session, why))

    def open_bystander(self, label: str, patience_s: float) -> None:
        """Open a page that asks for nothing, where it is connected then."""
        with self._spans(f"page {label}"):
            self.beside += self._asking(label, "", patience_s).who_asks_for_nothing()

    def _asking(self, label: str, session: str, patience_s: float) -> Asking:
        make, given = partial(self._new_dashboard, label), self._new_pass("dashboard", session)
        return Asking(label, make, self._write, self.tell, self.stack, session, given, patience_s)

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
                dashboard.try_screenshot(caption)

    def restart_server(self) -> None:
        """Stop the server, start it again at the same address, and wait until every open dashboard is back.

        What is on its way to a page when the server goes is lost with it: that would be the harness's own doing.
        """
        self.tell(ActionTaken("restart the server"))
        for dashboard in self.dashboards.values():
            dashboard.catch_up(self.timeout_s)
        if len(self.stack.children.servers) > 1:
            self._restart_one()
        else:
            self.stop_server()
            self.start_server()

    def _restart_one(self) -> None:
        """Stop the first of several servers, and start it again: the others go on."""
        name, children = self.stack.target.server.name, self.stack.children
        self.stack.is_spoiled = True
        children.stop(name, kill=False)
        self.tell(ServerStopped("restarted by the run", name, running=len(children.servers) - 1))
        children.start(name)
        for dashboard in self.dashboards.values():
            dashboard.wait_connected(self.timeout_s)

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
            answered = partial(lambda mine: self._opened(mine) is not None, cli)
            self._news.wait(answered, "an answer to session:open", self.ended_of(cli.session))
            if self._opened(cli):
                return cli
            cli.finish()
            if time.monotonic() > deadline:
                raise RunError(f"{label} was refused {attempt} times in {self.timeout_s:g} s")

    # Its end

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
        for each in self.beside:
            each.close()
        for dashboard in self.dashboards.values():
            with contextlib.suppress(Exception) if self.stack.resources.ended() else contextlib.nullcontext():
                dashboard.close()
        for log in self.stack.children.logs:
            (self.folder / "logs" / log.name).write_bytes(log.read_bytes())
        self._ledger.flush()  # what its records teach is hidden in the files, too
        for file in sorted((self.folder / "logs").iterdir()):
            file.write_bytes(self.mask.raw(file.read_bytes()))
        self._sources.keep(self.folder, self.mask.text)
        for dashboard in self.dashboards.values():
            dashboard.hide(self.mask.raw)
        self._ledger.close()
        if self.mask.is_late:
            hide(self.folder / FILE, self.mask.text)
        interruption.done(self.folder)

    # Inside

    def _new_dashboard(self, label: str, write: Write) -> Dashboard:
        return Dashboard(label, self.stack, write, self.folder / "screenshots", self.mask)

    def _start(self, label: str, session: str, command: Command, **values: str) -> Cli:
        observer, target, started_s = f"cli:{label}", self.stack.target, time.monotonic()
        project = prepare(self.folder / "projects" / label, command.work)
        places = {"project": str(project), "work": str(project), "token_file": str(self.stack.token_file)}
        if target.passes is not None:
            places["pass"] = self._new_pass("producer", session)
            places["token_file"] = str(self._kept_by_owner(f"pass-{label}", places["pass"]))
        server = self.stack.addresses.for_cli(observer, session)
        known = {**self.stack.addresses.values(), target.server.name: server, "server": server, **places, **values}
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
            self._show,
        )
        self.clis.append(cli)
        return cli

    def _new_pass(self, role: str, session: str) -> str:
        """A pass, which is secret from now on; empty where the system has none."""
        made = self.stack.make_pass(role, session)
        self.mask.learn(made)
        return made

    def _kept_by_owner(self, name: str, text: str) -> Path:
        """A file with a secret that its owner alone can read; it goes with the stack."""
        path = self.stack.token_file.with_name(name)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{text}\n")
        return path

    def _cli_ended(self, cli: Cli, probe: ClientProbe, started_s: float) -> None:
        """The tap of a CLI has told everything, and says whether it can be believed."""
        self._spans.add(f"CLI {cli.label}", started_s)
        why = probe.conclude(cli.has_died, self.timeout_s)
        for phase in ("before", "after") if probe.hops else ():
            cli.tap.fact(TapTried(probe.tap, probe.hops, phase, why is None, why), time.monotonic_ns())

    def _opened(self, cli: Cli) -> bool | None:
        """Whether the server accepted the CLI's session; None as long as it has not answered and the CLI runs."""
        opened = self._news.opened(cli.session)
        return False if opened is None and cli.child.status is not None else opened
