"""A run in whose middle a fault strikes: before it traffic is proven, after it the traffic is proven again.

An incident is a fault with `strikes`, who it is that it strikes: a dashboard, the CLI, or the server. It takes hold of
the scene instead of the system alone, is on while the run goes on publishing, and is healed whatever happens.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Protocol, cast

from harness.faults import Effect, Fault, Injected, NothingToStrike
from harness.faults._brokers import brokers
from harness.faults._relay import Relay
from harness.launch.stack import Stack
from harness.lib.closing import Closing
from harness.model.facts import Phase
from harness.run.dashboard import Dashboard
from harness.run.faulting import note, wait_traffic
from harness.run.producer import Cli
from harness.run.run import Run
from harness.run.workloads import COMMON, Workload
from harness.run.workloads._items import Item, checkpoints, first_half, second_half
from harness.run.workloads.watched import watched
from harness.target.process import TargetError
from harness.target.spec import Target

STRUCK, BESIDE = "A", "B"
"""The dashboard that faults strike, and the one beside it."""

CLI = "main"

TELLING_S = 5.0
"""How long a CLI may take to tell of an event while a fault is on: one may wait for what the fault holds back."""

POURED, MOST_POURED = 20, 1000
"""Events that are published at a time, and in all, while a fault wants a load."""


class Incident(Protocol):
    """A fault in the middle of a run. `strikes` is "dashboard", "cli" or "server"."""

    @property
    def name(self) -> str: ...
    @property
    def does(self) -> str: ...
    @property
    def strikes(self) -> str: ...

    def inject(self, system: Scene, random: Random) -> Injected:
        """Strike. What is returned may say how long it `lasts_s`."""


class Lines(Closing):
    """A relay for each party of a system that is told where the server is; none is there before it is asked for."""

    def __init__(self, stack: Stack) -> None:
        self._stack, self._relays = stack, dict[str, Relay]()
        stack.addresses.lead = self._to

    def _to(self, who: str, address: str) -> str:
        if not who:
            return address
        if who not in self._relays:
            self._relays[who] = Relay(address)
        return self._relays[who].url

    def get(self, who: str) -> Relay | None:
        """A party's line, where it is used."""
        relay = self._relays.get(who)
        return relay if relay is not None and relay.opened else None

    def close(self) -> None:
        """End every line."""
        self._stack.addresses.lead = lambda _, address: address
        for relay in self._relays.values():
            relay.close()


@dataclass(slots=True)
class Scene:
    """The run as an incident sees it. `party` is whom it strikes, as the record names it."""

    run: Run
    lines: Lines
    dashboard: Dashboard
    cli: Cli | None = None
    party: str = ""

    @property
    def line(self) -> Relay:
        """The line of whom the incident strikes. Raises TargetError where it goes another way."""
        relay = self.lines.get(self.party)
        if relay is None:
            raise TargetError(
                f"target {self.run.stack.target.name}: {self.party} does not take the server's address from "
                "{server}, so that nothing can stand between: take a fault that needs no line."
            )
        return relay

    @property
    def own_cli(self) -> Cli:
        """The CLI that runs. Raises TargetError where it has done its task already."""
        if self.cli is None or self.cli.child.status is not None:
            raise TargetError(
                f"target {self.run.stack.target.name}: its CLI had ended when {self.party} was to be struck: a task "
                "that takes longer is needed."
            )
        return self.cli


def party(incident: Incident) -> str:
    """Whom an incident strikes, as the record names it."""
    return {"dashboard": f"dashboard:{STRUCK}", "cli": f"cli:{CLI}"}.get(incident.strikes, incident.strikes)


def during() -> list[Item]:
    """What a session that `first_half` began does while a fault is on: one skill ends, another begins."""
    ended = {"skill": "tidy", "index": 1, "of": 1, "title": "Tidy the notes", "duration_ms": 3}
    return [Item("skill:completed", ended), Item("skill:started", {key: ended[key] for key in list(ended)[:4]})]


@dataclass(frozen=True, slots=True)
class Struck:
    """The workload of an incident: two dashboards and a session that goes on through it."""

    name: str
    properties: tuple[str, ...]
    incident: Incident
    lines: Lines
    seed: str
    dashboards: tuple[str, ...] = (STRUCK, BESIDE)
    needs_pipe: bool = False
    declares: bool = False
    """Whether it is the CLI's own task that is run, which shows all events that the target declares."""

    def perform(self, run: Run) -> None:
        target = run.stack.target
        run.step("dashboards open the page", *self.properties)
        asks = CHOOSING in self.properties and target.takes_events
        chosen = dict.fromkeys(self.dashboards, run.main) if asks or target.chooses_by_itself else None
        run.open_dashboards(*self.dashboards, sessions=chosen, transport=getattr(self.incident, "transport", None))
        for dashboard in run.present:
            wait_traffic(run, dashboard)
        scene = Scene(run, self.lines, run.dashboards[STRUCK], party=party(self.incident))
        if target.takes_events:
            self._pipe(run, scene)
        else:
            self._watch(run, scene)

    def _pipe(self, run: Run, scene: Scene) -> None:
        """The session is played by the harness, in three parts."""
        run.step("a session begins, and its first events are seen to pass")
        cli = scene.cli = run.pipe(CLI, run.main)
        cli.publish(first_half())
        run.wait_routed(run.main, 2)
        if run.stack.target.answers:
            run.wait_acknowledged(run.main, 2)
        run.wait_delivered()
        noted = 0
        with self._on(scene) as on:
            run.step("the session goes on while the fault is on")
            has_more = cli.exit_status is None
            if has_more:
                cli.publish(during())
                # Else the fault may be over before the CLI had the processor for one of them, and nothing was at risk.
                if self.incident.strikes != "cli":
                    run.wait_told(cli, len(first_half()) + 1, TELLING_S)
                noted = self._pour(run, cli, on)
            if self.incident.strikes == "dashboard":
                run.wait_routed(run.main, 4)
                if {CHOOSING, EXCLUSIVE}.isdisjoint(self.properties):  # one that begins and ends while it is away
                    beside = run.pipe("beside")
                    beside.publish([*first_half(), *second_half()])
                    beside.finish()
        run.step("the session goes on to its end")
        if cli.exit_status is None and run.wait_routed_by(cli, 4):
            cli.publish(second_half(1 + has_more, noted))
        if cli.exit_status is None:
            cli.finish()
        if self.incident.strikes == "cli" and CHOOSING not in self.properties:  # its session may be held for a while
            following = run.accepted("following")
            following.publish([*first_half(), *second_half()])
            following.finish()

    def _pour(self, run: Run, cli: Cli, on: Injected) -> int:
        """Publish as long as the fault wants that; how many events it was."""
        noted, deadline = 0, time.monotonic() + getattr(on, "lasts_s", 0.0)
        while getattr(on, "wants_load", False) and noted < MOST_POURED and time.monotonic() < deadline:
            cli.publish(checkpoints(noted + 1, POURED))
            noted += POURED
            run.wait_routed(run.main, len(first_half()) + len(during()) + noted)
        return noted

    def _watch(self, run: Run, scene: Scene) -> None:
        """The CLI does its task by itself, and the fault strikes as soon as it has begun."""
        run.step("the CLI does its task, and its first event is seen to pass")
        cli = scene.cli = run.do(CLI, run.main)
        run.wait_first(cli)
        with self._on(scene):
            pass
        if cli.exit_status is None:
            cli.finish()

    @contextmanager
    def _on(self, scene: Scene) -> Iterator[Injected]:
        run, fault = scene.run, self.incident
        told = (fault.name, fault.does, [scene.party])
        note(run, told[0], Phase.BEGAN, *told[1:])
        run.step(f"a fault strikes {scene.party}: {fault.does}")
        began = time.monotonic()
        on = fault.inject(scene, Random(f"{self.seed} {fault.name}"))  # noqa: S311  # to be repeated, not to be secret
        effect = Effect(0, 0, "")
        try:
            yield on
            left_s = getattr(on, "lasts_s", 0.0) - (time.monotonic() - began)
            if left_s > 0 and getattr(on, "wants_load", True):  # else it is over when it has what it waited for
                run.present[-1].page.wait_for_timeout(left_s * 1000)  # so long the fault promises to be on
        finally:
            effect = on.heal()
        if not effect.count:
            others = f"nothing of it was on its way: a longer task, or a longer fault ({fault.name}:for_s=…), is needed"
            raise NothingToStrike(
                f"{fault.name} struck {scene.party} and did nothing: {getattr(fault, 'idle', others)}."
            )
        healed = time.monotonic()
        note(run, told[0], Phase.HEALED, *told[1:], f"{effect.count} {effect.unit}")
        for dashboard in run.present:
            wait_traffic(run, dashboard)
        run.step(f"healed; traffic passes again, {time.monotonic() - healed:.2f} s after")
        # One that was closed does not recover; when a server has its broker again is known to that server alone.
        hangs_on_others = fault.strikes == "server" and brokers(run.stack.target)
        if scene.dashboard in run.present and not hangs_on_others:
            note(run, told[0], Phase.RECOVERED, *told[1:])


CHOOSING, EXCLUSIVE = "S1", "X1"
"""Properties of strategies under which dashboards choose sessions, and one session at a time is active."""

SHOWN_BY_ALL = (*COMMON, "B1", "B2", CHOOSING, "A1", "A3", EXCLUSIVE)


def struck(target: Target, full: Workload, incident: Fault, lines: Lines, seed: str) -> Workload:
    """The workload of an incident, with what it can show of the strategy's properties."""
    simple = watched(target, full.name)
    listed = (
        simple.properties if not target.takes_events else (each for each in full.properties if each in SHOWN_BY_ALL)
    )
    ends = getattr(incident, "strikes", "") != "cli"  # else there may be no session that comes to its own end
    shown = [each for each in listed if ends or each != "P13"]
    return Struck(full.name, tuple(shown), cast("Incident", incident), lines, seed, declares=not target.takes_events)
